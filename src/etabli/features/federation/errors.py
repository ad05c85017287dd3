"""What can go wrong with upstreams. Nothing that one says is repeated but its own address."""

from etabli.foundation.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import Message, msg, plain


class UpstreamExistsError(ConflictError):
    def __init__(self, name: str, url: str) -> None:
        super().__init__(
            msg("{name} ({url}) is an upstream already.", name=plain(name), url=plain(url)[:200])
        )


class NoUpstreamError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(
            msg("No upstream is called {name}. See: etabli upstreams ls", name=plain(name)[:200])
        )


class BadUpstreamNameError(InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(
            msg(
                "“{name}” cannot name an upstream: use letters, digits, “-”, “_” or “.”.",
                name=plain(name)[:200],
            )
        )


class PrivateUpstreamError(ForbiddenError):
    def __init__(self, url: str) -> None:
        super().__init__(
            msg(
                "{url} is on this machine or in a private network, which this hub does not reach "
                "for others. If it is meant to, add it with --allow-private.",
                url=plain(url)[:200],
            )
        )


class NotMirroredError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(
            msg("Nothing of another hub is called {name} here.", name=plain(name)[:200])
        )


class GatewayError(UnavailableError):
    """Of what stands behind this hub: 502 on HTTP."""


class UpstreamDownError(GatewayError):
    def __init__(self, url: str, reason: Message) -> None:
        super().__init__(
            msg(
                "This is asked of {url}, which could not be had: {reason}",
                url=plain(url)[:200],
                reason=reason,
            )
        )


class UpstreamRefusedError(GatewayError):
    """It answers with what no repository here takes."""

    def __init__(self, url: str, reason: Message) -> None:
        super().__init__(
            msg(
                "What {url} sends cannot be taken: {reason}",
                url=plain(url)[:200],
                reason=reason,
            )
        )


class NotGitError(GatewayError):
    def __init__(self) -> None:
        super().__init__(msg("It does not speak git's protocol as it should."))


class GatedUpstreamError(ForbiddenError):
    def __init__(self, full_name: str, url: str) -> None:
        super().__init__(
            msg(
                "{full_name} is not open to everybody at {url}. This hub only passes on what is, "
                "and sends nobody's token there: ask for it there.",
                full_name=plain(full_name)[:200],
                url=plain(url)[:200],
            )
        )


class DifferentFileError(GatewayError):
    """Nothing of it is kept."""

    def __init__(self, path: str, url: str, found: str) -> None:
        self.found = found
        super().__init__(
            msg(
                "{path} as {url} sends it is not the file that the commit names. Nothing of it was "
                "kept. Tell the operator; the page of the repository shows what was found.",
                path=plain(path)[:200],
                url=plain(url)[:200],
            )
        )


class TransferCutError(GatewayError):
    def __init__(self, path: str, url: str) -> None:
        super().__init__(
            msg(
                "{path} could not be had from {url} to its end. Nothing of it was kept; "
                "try again in a minute.",
                path=plain(path)[:200],
                url=plain(url)[:200],
            )
        )
