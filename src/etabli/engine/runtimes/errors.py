"""What can go wrong while a runtime reads a model or a question."""

from etabli.foundation.errors import InvalidInputError, NotFoundError, UnavailableError
from etabli.foundation.i18n.messages import Message, msg


class MalformedModelError(InvalidInputError):
    """A model's folder is not what its own configuration says."""

    def __init__(self, folder: str, problem: Message) -> None:
        super().__init__(
            msg(
                "The model in {folder} cannot be used: {problem} Publish or train it again.",
                folder=folder,
                problem=str(problem),
            )
        )


class ModelFolderNotFoundError(NotFoundError):
    def __init__(self, folder: str) -> None:
        super().__init__(
            msg("There is no model in {folder}: train one, or check the path.", folder=folder)
        )


class QuestionTooLongError(InvalidInputError):
    def __init__(self, length: int, most: int) -> None:
        super().__init__(
            msg(
                "The question has {length} characters and this model reads at most {most}: "
                "ask it in fewer words.",
                length=length,
                most=most,
            )
        )


class BadRequestError(InvalidInputError):
    """A line on the standard input that is not a request."""


class EncoderNotInstalledError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "This needs a part that is not installed: the operator can add it with "
                "pip install 'etabli[encoder]'."
            )
        )
