from etabli.foundation.errors import (
    ConflictError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import Message, msg


class RunNotFoundError(NotFoundError):
    """Also raised when the run is somebody else's."""

    def __init__(self) -> None:
        super().__init__(
            msg("There is no such work in progress in your account. Start again from Create.")
        )


class BadTableError(InvalidInputError):
    """What is wrong with a table, in the words of the recipe that read it."""

    def __init__(self, text: Message) -> None:
        super().__init__(text)


class NoTableError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg("There is no file. Choose a table with one column of texts and one of labels.")
        )


class TableTooLargeError(LimitError):
    def __init__(self, limit_mb: int) -> None:
        super().__init__(
            msg(
                "The file is over {limit_mb} MB, the most that this hub takes for a table. "
                "Keep a part of its rows: 200 examples for each label are plenty.",
                limit_mb=limit_mb,
            )
        )


class TooSlowError(LimitError):
    def __init__(self, limit_s: float) -> None:
        super().__init__(
            msg(
                "Reading this table took more than {limit_s} s, and was stopped. "
                "Keep a part of its rows.",
                limit_s=limit_s,
            )
        )


class TooMuchMemoryError(LimitError):
    def __init__(self, limit_mb: int) -> None:
        super().__init__(
            msg(
                "Reading this file takes more than {limit_mb} MB of memory, and was stopped. "
                "Keep a part of its rows, and no cell far away from them.",
                limit_mb=limit_mb,
            )
        )


class RecipeFailedError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "The program that makes models stopped before its end. Your table is kept: "
                "try again, and tell the operator if it goes on."
            )
        )


class PersonalDataShownError(InvalidInputError):
    """Personal data would be public, and nobody has said that it may be."""

    def __init__(self, rows: int) -> None:
        super().__init__(
            msg(
                "Rows of this data that hold personal data: {rows}, and everybody would see it. "
                "Keep the data to yourself, make the model again with the personal data masked, or "
                "say that it may be seen.",
                rows=rows,
            )
        )


class UnknownFixError(InvalidInputError):
    def __init__(self, name: str, known: str) -> None:
        super().__init__(
            msg(
                "There is no correction called {name}: choose among {known}.",
                name=name,
                known=known,
            )
        )


class BadEncoderError(InvalidInputError):
    """Why an encoder cannot be used, in the words of who read it."""

    def __init__(self, text: Message) -> None:
        super().__init__(text)


class EncoderNotFetchedError(UnavailableError):
    def __init__(self, package: str, reason: str) -> None:
        super().__init__(
            msg(
                "The package {package} could not be fetched and checked ({reason}). Try again, or "
                "give the folder of the encoder instead.",
                package=package,
                reason=reason,
            )
        )


class UnknownPreferenceError(InvalidInputError):
    def __init__(self, name: str, known: str) -> None:
        super().__init__(
            msg(
                "Nothing called {name} can be preferred: choose among {known}.",
                name=name,
                known=known,
            )
        )


class UnknownKindError(InvalidInputError):
    def __init__(self, name: str, known: str) -> None:
        super().__init__(
            msg(
                "There is no kind of AI called {name}: choose one of {known}.",
                name=name[:100],
                known=known,
            )
        )


class WrongStateError(ConflictError):
    def __init__(self) -> None:
        super().__init__(
            msg("This step does not fit where this work is now. Look at its page again.")
        )
