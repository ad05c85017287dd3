from etabli.foundation.errors import (
    BusyError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import say


class NotServableError(NotFoundError):
    def __init__(self, full_name: str) -> None:
        super().__init__(
            say(
                "{full_name} cannot answer here: this hub answers with the models that it made. "
                "Its files can be downloaded.",
                full_name=full_name,
            )
        )


class EncoderMissingError(NotFoundError):
    def __init__(self, full_name: str, encoder: str) -> None:
        super().__init__(
            say(
                "{full_name} cannot answer: the encoder {encoder}, which it was made with, is not "
                "here any more. An administrator can add it again: etabli encoders add",
                full_name=full_name,
                encoder=encoder,
            )
        )


class NoEncoderError(NotFoundError):
    def __init__(self) -> None:
        super().__init__(
            say(
                "This hub has no encoder yet, so it makes no embeddings. An administrator can add "
                "one: etabli encoders add"
            )
        )


class OtherEncoderError(NotFoundError):
    def __init__(self, wanted: str, full_name: str) -> None:
        super().__init__(
            say(
                "{wanted} makes no embeddings here. The encoder of this hub is {full_name}.",
                wanted=wanted[:200],
                full_name=full_name,
            )
        )


class NoQuestionError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(say("There is no question. Write one."))


class QuestionTooLongError(InvalidInputError):
    def __init__(self, most: int) -> None:
        super().__init__(
            say("The question is too long: keep it under {most} characters.", most=most)
        )


class TooManyQuestionsError(InvalidInputError):
    def __init__(self, most: int) -> None:
        super().__init__(say("Ask at most {most} questions at once.", most=most))


class AnsweringFailedError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(
            say("The program that answers stopped. It has been started again: ask once more.")
        )


class TooSlowToAnswerError(UnavailableError):
    def __init__(self, within_s: float) -> None:
        super().__init__(
            say(
                "This model did not answer within {seconds} seconds and was stopped. "
                "Ask something shorter, or try again later.",
                seconds=f"{within_s:g}",
            )
        )


class ModelBusyError(BusyError):
    def __init__(self) -> None:
        super().__init__(say("Many people are asking this model just now. Ask again in a moment."))
