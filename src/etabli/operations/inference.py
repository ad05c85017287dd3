"""To ask a model, from the question to its answer: a short look in the database, then only waiting.

Whoever waits holds nothing that another request needs: no unit of work and no thread. So a model
that is slow, or that has to be copied from git first, holds up those who ask it and nobody else.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from functools import partial

from etabli.features.accounts import Actor, Permission
from etabli.features.repos import Repo, RepoNotFoundError, RepoType
from etabli.features.serving import Answer, ModelFolder, check_questions
from etabli.operations.metering import metered
from etabli.pools import QUESTIONS, READS
from etabli.site import Site


async def ask(
    site: Site, actor: Actor, repo: Repo, questions: Sequence[str], *, top: int | None = None
) -> Sequence[Answer]:
    """An answer to each question, from a published model that the actor may ask.

    Args:
        top: of how many labels each answer tells, the likeliest first; None takes as many as the
            model tells when nobody asks for more or fewer.

    Raises:
        NoQuestionError, TooManyQuestionsError, QuestionTooLongError: they are no questions.
        NotServableError: this model cannot answer here.
        BudgetUsedUpError: the token by which the actor came has not so many left for the day.
        BusyError: too many wait already.
        TooSlowToAnswerError, AnsweringFailedError: the process that answers was stopped, or died.
    """
    check_questions(questions)
    folder = await READS.run(locate, site, repo)
    return await ask_folder(site, actor, folder, questions, top=top)


async def ask_folder(
    site: Site,
    actor: Actor,
    folder: ModelFolder,
    questions: Sequence[str],
    *,
    top: int | None = None,
) -> Sequence[Answer]:
    """As `ask`, of a model that was found already; its files are copied if they must be."""
    async with metered(site, actor, len(questions)) as count:
        answers = await ask_unmetered(site, folder, questions, top=top)
        count([answer.cost for answer in answers])
    return answers


async def ask_unmetered(
    site: Site, folder: ModelFolder, questions: Sequence[str], *, top: int | None = None
) -> Sequence[Answer]:
    """As `ask_folder`, for who counts the questions: see `operations.metering`."""
    async with held(site, folder, folder.encoder):
        return await asyncio.wrap_future(site.backends.serving.ask(folder, questions, top=top))


@asynccontextmanager
async def held(site: Site, *folders: ModelFolder | None) -> AsyncIterator[None]:
    """These models are there, copied if they must be, and are not cleared away meanwhile."""
    cache = site.backends.serving.cache
    with ExitStack() as holds:
        for folder in folders:
            if folder is None:
                continue
            holds.enter_context(cache.hold(folder.path))
            if folder.is_missing:
                await QUESTIONS.run_once(folder.path, partial(cache.fill, folder))
        yield


def locate(site: Site, repo: Repo) -> ModelFolder:
    """Where a model is, in a look of its own: see `Serving.locate`."""
    with site.read_hub() as hub:
        return hub.serving.locate(repo)


def locate_named(site: Site, actor: Actor, name: str) -> tuple[Repo, ModelFolder]:
    """The model that a request names as OWNER/NAME, and where its files are.

    Raises:
        RepoNotFoundError, GatedRepoError, OtherModelsOnlyError: none that the actor may ask.
        NotServableError, EncoderMissingError: it cannot answer.
    """
    if name.count("/") != 1:
        raise RepoNotFoundError(name)
    with site.read_hub() as hub:
        repo = hub.repos.get(actor, RepoType.MODEL, name, Permission.ASK_MODEL)
        return repo, hub.serving.locate(repo)
