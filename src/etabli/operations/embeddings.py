"""Vectors of texts, by the encoder that the models of this hub stand on."""

import asyncio
from collections.abc import Sequence

from etabli.features.serving import (
    MAX_EMBEDDED,
    Embedded,
    FoundEncoder,
    NoEncoderError,
    OtherEncoderError,
    check_questions,
)
from etabli.operations.inference import held
from etabli.pools import READS
from etabli.site import Site


async def embed(site: Site, wanted: str, texts: Sequence[str]) -> tuple[FoundEncoder, Embedded]:
    """Nothing is held while the encoder works: as for a question, see `operations.inference`.

    Args:
        wanted: the full name of the encoder, whatever its case.

    Raises:
        NoQuestionError, TooManyQuestionsError, QuestionTooLongError: there is nothing to encode,
            or too much.
        NoEncoderError, OtherEncoderError: this hub has none, or not this one.
        BusyError: too many wait already.
        TooSlowToAnswerError, AnsweringFailedError: the process was stopped, or died.
    """
    check_questions(texts, MAX_EMBEDDED)
    encoder = await READS.run(_find, site, wanted)
    async with held(site, encoder.folder):
        made = site.backends.serving.embed(encoder.folder, texts)
        return encoder, await asyncio.wrap_future(made)


def _find(site: Site, wanted: str) -> FoundEncoder:
    with site.read_hub() as hub:
        encoder = hub.serving.find_encoder()
    if encoder is None:
        raise NoEncoderError
    if wanted.lower() != encoder.repo.lower():
        raise OtherEncoderError(wanted, encoder.repo)
    return encoder
