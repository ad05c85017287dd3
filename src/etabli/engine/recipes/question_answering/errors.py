"""What can be wrong with the documents that somebody brings, in words."""

from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import Message, msg


class NoDocumentsError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg("There is no file in it: put documents in (.pdf, .docx, .html, .md, .txt).")
        )


class NothingReadError(InvalidInputError):
    def __init__(self, files: int, first: Message) -> None:
        """Of one file alone, what is wrong with it is said."""
        several = msg(
            "None of these files could be read ({files}). Of the first: {sentence}",
            files=files,
            sentence=first,
        )
        super().__init__(first if files == 1 else several)


class BadQuestionsError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} is no table of questions: save it as CSV in UTF-8 with the columns "
                "“question” and “expected” (the file, or words of the passage; empty where the "
                "documents say nothing).",
                file=file,
            )
        )


class TooManyPassagesError(InvalidInputError):
    def __init__(self, found: int, most: int) -> None:
        super().__init__(
            msg(
                "These documents give too many passages for one AI ({found}, and at most {most}): "
                "bring them in parts.",
                found=found,
                most=most,
            )
        )
