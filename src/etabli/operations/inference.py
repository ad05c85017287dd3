"""To ask a model, from the question to its answer: a short look in the database, then only waiting.

Whoever waits holds nothing that another request needs: no unit of work and no thread. So a model
that is slow, or that has to be copied from git first, holds up those who ask it and nobody else.
"""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

from etabli.features.repos import Repo
from etabli.features.serving import Answer, ModelFolder, check_questions
from etabli.pools import QUESTIONS, READS
from etabli.site import Site


async def ask(
    site: Site, repo: Repo, questions: Sequence[str], *, top: int | None = None
) -> Sequence[Answer]:
    """An answer to each question, from a published model that the actor may read.

    Args:
        top: of how many labels each answer tells, the likeliest first; None takes as many as the
            model tells when nobody asks for more or fewer.

    Raises:
        NoQuestionError, TooManyQuestionsError, QuestionTooLongError: they are no questions.
        NotServableError: this model cannot answer here.
        BusyError: too many wait already.
        TooSlowToAnswerError, AnsweringFailedError: the process that answers was stopped, or died.
    """
    check_questions(questions)
    folder = await READS.run(locate, site, repo)
    return await ask_folder(site, folder, questions, top=top)


async def ask_folder(
    site: Site, folder: ModelFolder, questions: Sequence[str], *, top: int | None = None
) -> Sequence[Answer]:
    """As `ask`, of a model that was found already; its files are copied if they must be."""
    serving = site.backends.serving
    with ExitStack() as held:
        for one in (folder, folder.encoder):
            if one is None:
                continue
            held.enter_context(serving.cache.hold(one.path))
            if one.is_missing:
                await QUESTIONS.run_once(one.path, partial(serving.cache.fill, one))
        return await asyncio.wrap_future(serving.ask(folder, questions, top=top))


def locate(site: Site, repo: Repo) -> ModelFolder:
    """Where a model is, in a look of its own: see `Serving.locate`."""
    with site.read_hub() as hub:
        return hub.serving.locate(repo)
