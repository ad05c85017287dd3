"""From what people call a revision to the commit: few questions, however many refs there are."""

import re
from collections.abc import Callable

import pygit2

from etabli.features.git import damage_named
from etabli.features.repos.errors import RevisionNotFoundError
from etabli.features.repos.models import DEFAULT_BRANCH, HEADS, TAGS
from etabli.features.repos.queries import RepoStore

HEAD = "HEAD"
_SHA = re.compile(r"[0-9a-f]{5,40}")


OpenGit = Callable[[], pygit2.Repository]


def resolve(store: RepoStore, open_git: OpenGit, repo_key: str, revision: str) -> str:
    """The commit of a branch, a tag, a ref in full, or a SHA-1 of at least 5 digits: in that order.

    `HEAD` is the default branch, as git has it: no branch and no tag may be called so.

    Raises:
        RevisionNotFoundError: there is no such revision, or no ref shows it.
        DamagedRepoError: the repository cannot be read.
    """
    if revision == HEAD:
        revision = DEFAULT_BRANCH
    names = (HEADS + revision, TAGS + revision, revision)
    shas = store.shas_of(repo_key, names)
    for name in names:
        if name in shas:
            return shas[name]
    if _SHA.fullmatch(revision):
        sha = store.sha_of_a_ref(repo_key, revision) or _find_older(
            store, open_git(), repo_key, revision
        )
        if sha is not None:
            return sha
    raise RevisionNotFoundError(revision)


def _find_older(
    store: RepoStore, git: pygit2.Repository, repo_key: str, revision: str
) -> str | None:
    """A commit that some ref leads to. A draft that never landed is not to be read."""
    try:
        with damage_named():
            found = git.get(revision)
    except ValueError:  # several begin so
        return None
    if not isinstance(found, pygit2.Commit):
        return None
    main = store.ref(repo_key, HEADS + DEFAULT_BRANCH)
    with damage_named():
        if main is not None and git.descendant_of(main.sha, found.id):
            return str(found.id)
        # One walk from all the others: each commit is passed once, whatever leads to it.
        walker = git.walk(None, pygit2.enums.SortMode.TIME)
        for sha in store.all_shas(repo_key):
            walker.push(pygit2.Oid(hex=sha))
        return next((str(commit.id) for commit in walker if commit.id == found.id), None)
