from collections.abc import Sequence

from etabli.foundation.errors import (
    BusyError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import msg


class NotServableError(NotFoundError):
    def __init__(self, full_name: str) -> None:
        super().__init__(
            msg(
                "{full_name} cannot answer here: this hub answers with the models that it made. "
                "Its files can be downloaded.",
                full_name=full_name,
            )
        )


class EncoderMissingError(NotFoundError):
    def __init__(self, full_name: str, encoder: str) -> None:
        super().__init__(
            msg(
                "{full_name} cannot answer: the encoder {encoder}, which it was made with, is not "
                "here any more. An administrator can add it again: etabli encoders add",
                full_name=full_name,
                encoder=encoder,
            )
        )


class NoEncoderError(NotFoundError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "This hub has no encoder yet, so it makes no embeddings. An administrator can add "
                "one: etabli encoders add"
            )
        )


class OtherEncoderError(NotFoundError):
    def __init__(self, wanted: str, full_name: str) -> None:
        super().__init__(
            msg(
                "{wanted} makes no embeddings here. The encoder of this hub is {full_name}.",
                wanted=wanted[:200],
                full_name=full_name,
            )
        )


class VectorWidthError(InvalidInputError):
    def __init__(self, width: int) -> None:
        super().__init__(
            msg(
                "The vectors of this encoder have {width} numbers: leave dimensions out.",
                width=width,
            )
        )


class NoQuestionError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("There is no question. Write one."))


class QuestionTooLongError(InvalidInputError):
    def __init__(self, most: int) -> None:
        super().__init__(
            msg("The question is too long: keep it under {most} characters.", most=most)
        )


class TooManyQuestionsError(InvalidInputError):
    def __init__(self, most: int) -> None:
        super().__init__(msg("Ask at most {most} questions at once.", most=most))


class AnsweringFailedError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(
            msg("The program that answers stopped. It has been started again: ask once more.")
        )


class TooSlowToAnswerError(UnavailableError):
    def __init__(self, within_s: float) -> None:
        super().__init__(
            msg(
                "This model did not answer within {seconds} s and was stopped. "
                "Ask something shorter, or try again later.",
                seconds=within_s,
            )
        )


class UnknownLabelError(InvalidInputError):
    def __init__(self, label: str) -> None:
        super().__init__(
            msg("This model has no label “{label}”: write it as its page shows it.", label=label)
        )


class UnknownSituationError(InvalidInputError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            msg(
                "A sentence is said for {known}, and not for “{name}”.",
                known=", ".join(known),
                name=name,
            )
        )


class SentenceTooLongError(InvalidInputError):
    def __init__(self, text: str, most: int) -> None:
        super().__init__(
            msg(
                "“{beginning}…” is too long: keep each reply under {most} characters.",
                beginning=text[:40],
                most=most,
            )
        )


class BadCertaintyError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("The certainty asked for is a number from 0 to 1."))


class NoExaminationError(InvalidInputError):
    def __init__(self, dataset: str, file: str, least: int) -> None:
        super().__init__(
            msg(
                "{dataset} has no file {file} with the columns text and label and at least "
                "{least} examples. Name another dataset.",
                dataset=dataset,
                file=file,
                least=least,
            )
        )


class UnnamedExaminationError(InvalidInputError):
    def __init__(self, model: str) -> None:
        super().__init__(
            msg(
                "The card of {model} names no dataset that you may see. Name the dataset whose "
                "examples are to be asked.",
                model=model,
            )
        )


class BadOutsideModelError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "To ask a model elsewhere, give the address of an API like OpenAI’s, up to /v1, "
                "and the name of the model; prices are numbers, and at most 300 labels can be "
                "named."
            )
        )


class InsecureOutsideError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg("A key is sent to https:// addresses only. Give one, or leave the key out.")
        )


class OutsideRefusedError(UnavailableError):
    def __init__(self, host: str, status: int) -> None:
        self.status = status
        super().__init__(
            msg(
                "{host} refuses the request (status {status}). Check the address, the name of the "
                "model and the key, and what your account there allows.",
                host=host[:200],
                status=str(status),
            )
        )


class UnreadableReplyError(UnavailableError):
    def __init__(self, host: str) -> None:
        super().__init__(
            msg(
                "{host} does not reply as an API like OpenAI’s does. Check the address.",
                host=host[:200],
            )
        )


class NumberOfModelsError(InvalidInputError):
    def __init__(self, least: int, most: int) -> None:
        super().__init__(
            msg("Name {least} to {most} different models to compare.", least=least, most=most)
        )


class ModelBusyError(BusyError):
    def __init__(self) -> None:
        super().__init__(msg("Many people are asking this model just now. Ask again in a moment."))
