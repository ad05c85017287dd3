"""Vectors of texts, by the encoder that the models of this hub stand on."""

import asyncio
from collections.abc import Sequence

from etabli.features.accounts import Actor, Permission
from etabli.features.repos import RepoType
from etabli.features.serving import (
    MAX_EMBEDDED,
    Embedded,
    FoundEncoder,
    NoEncoderError,
    OtherEncoderError,
    VectorWidthError,
    check_questions,
)
from etabli.operations.inference import held
from etabli.operations.metering import metered
from etabli.pools import READS
from etabli.site import Site


async def embed(
    site: Site,
    actor: Actor,
    wanted: str,
    texts: Sequence[str],
    *,
    dimensions: int | None = None,
) -> tuple[FoundEncoder, Embedded]:
    """Nothing is held while the encoder works: as for a question, see `operations.inference`.

    Each text counts as a question of the token by which the actor came.

    Args:
        wanted: the full name of the encoder, whatever its case.
        dimensions: how many numbers a vector must have; None: as many as the encoder gives.

    Raises:
        NoQuestionError, TooManyQuestionsError, QuestionTooLongError: there is nothing to encode,
            or too much.
        NoEncoderError, OtherEncoderError: this hub has none, or not this one.
        OtherModelsOnlyError, BudgetUsedUpError: the actor's token is not for it, or has too little
            left of its day.
        VectorWidthError: its vectors have another width.
        BusyError: too many wait already.
        TooSlowToAnswerError, AnsweringFailedError: the process was stopped, or died.
    """
    check_questions(texts, MAX_EMBEDDED)
    encoder = await READS.run(_find, site, actor, wanted)
    async with metered(site, actor, len(texts)) as count:
        async with held(site, encoder.folder):
            made = await asyncio.wrap_future(site.backends.serving.embed(encoder.folder, texts))
        count([made.cost])
    if dimensions not in (None, made.width):
        raise VectorWidthError(made.width)
    return encoder, made


def _find(site: Site, actor: Actor, wanted: str) -> FoundEncoder:
    with site.read_hub() as hub:
        encoder = hub.serving.find_encoder()
        if encoder is None:
            raise NoEncoderError
        if wanted.lower() != encoder.repo.lower():
            raise OtherEncoderError(wanted, encoder.repo)
        hub.repos.get(actor, RepoType.MODEL, encoder.repo, Permission.ASK_MODEL)
    return encoder
