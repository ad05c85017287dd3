"""What can go wrong, in the hub's own words and without a word of HTTP.

EtabliError
├── NotFoundError         no such thing, or this actor may not know that there is one
├── UnauthenticatedError  nobody is signed in, and this needs somebody
├── ForbiddenError        the actor is known, and may not do this
├── ConflictError         the operation contradicts what is there: a taken name, a moved branch
├── InvalidInputError     the request makes no sense, whatever the state of the hub
├── LimitError            a quota or a size limit is reached
└── UnavailableError      a backend is down: worth another try later
    └── BusyError         refused before any work, because too much of it waits already

A feature subclasses the family that fits, in its own errors.py. Each door turns a family into its
own wire, as in api/huggingface/errors.py.
"""

from etabli.foundation.i18n.messages import Message, msg


class EtabliError(Exception):
    """Base of every error that a person may read: a full sentence with a next step."""

    def __init__(self, text: Message) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return str(self.text)


class NotFoundError(EtabliError): ...


class UnauthenticatedError(EtabliError): ...


class ForbiddenError(EtabliError): ...


class ConflictError(EtabliError): ...


class InvalidInputError(EtabliError): ...


class LimitError(EtabliError): ...


class UnavailableError(EtabliError): ...


class BusyError(UnavailableError):
    """Refused before any work: the same request can be sent again after `retry_after_s` seconds."""

    def __init__(self, text: Message | None = None, *, retry_after_s: int = 5) -> None:
        super().__init__(
            text or msg("This hub is busy with many requests of this kind. Try again in a moment.")
        )
        self.retry_after_s = retry_after_s
