from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg


class NoEncoderFilesError(InvalidInputError):
    def __init__(self, missing: str) -> None:
        super().__init__(
            msg(
                "There is no encoder: {missing} is missing. Give a folder or a zip that holds "
                "config.json, model.safetensors and tokenizer.json.",
                missing=missing,
            )
        )


class UnknownEncoderKindError(InvalidInputError):
    def __init__(self, kind: str) -> None:
        super().__init__(
            msg(
                "This encoder is of the kind “{kind}”, which is not read here: give one of the "
                "kinds bert or xlm-roberta, with Gelu and absolute positions.",
                kind=kind[:60],
            )
        )


class BadEncoderWeightsError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "The weights of this encoder are not what its config.json says. Fetch its files "
                "again, all from the same place."
            )
        )
