"""What can be wrong with a table of questions and answers, in words."""

from etabli.engine.tables.errors import UnfitTableError
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg, msg_plural


class NoAnswerColumnError(UnfitTableError):
    def __init__(self, file: str, columns: str) -> None:
        super().__init__(
            msg(
                "{file} needs a column of questions and one of answers, and has {columns}: add the "
                "one that is missing.",
                file=file,
                columns=columns,
            )
        )


class TooFewAnswersError(UnfitTableError):
    def __init__(self, file: str, answers: int) -> None:
        super().__init__(
            msg(
                "{file} holds {answers} with a question, and two are needed to choose between: "
                "check which columns are read, or add some.",
                file=file,
                answers=msg_plural("{n} answer", "{n} answers", "n", n=answers),
            )
        )


class TooManyQuestionsError(UnfitTableError):
    def __init__(self, file: str, found: int, most: int) -> None:
        super().__init__(
            msg(
                "{file} holds too many questions for one AI ({found}, and at most {most}): bring "
                "them in parts.",
                file=file,
                found=found,
                most=most,
            )
        )


class NoExaminationError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} examines nothing: give it a column of questions and one of what is "
                "expected, which is an answer or a question of your table, or nothing where there "
                "is no answer.",
                file=file,
            )
        )
