"""What a repository says of itself, read from its files."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pygit2

from etabli.features.cards import Card, CardError, parse, tags_of
from etabli.features.catalogue.derived import NOTHING, Derived, derive
from etabli.features.catalogue.models import Facts
from etabli.features.catalogue.words import MAX_TEXT_CHARS, text_terms
from etabli.features.git import BrokenRepoError, Snapshot
from etabli.features.repos import Repo, Repos, RepoType, RevisionNotFoundError
from etabli.foundation.errors import UnavailableError
from etabli.foundation.i18n.messages import msg

MAX_SUMMARY_CHARS = 200
MAX_LABELS = 1000
_CARD, _CONFIG, _SETTINGS = "README.md", "config.json", "etabli.json"
"""Where a model names its labels, and what it replies for each."""


class UnreadableRepoError(UnavailableError):
    def __init__(self, repo: Repo, reason: str) -> None:
        super().__init__(
            msg(
                "{repo} cannot be read: {reason}. “etabli fsck” says more.",
                repo=repo.full_name,
                reason=reason,
            )
        )


@dataclass(frozen=True)
class Reading:
    """What was read of one repository, at one commit. Of its name and owner it knows nothing."""

    repo_key: str
    commit_sha: str
    metadata: Mapping[str, Any]
    tags: Sequence[str]
    summary: str
    derived: Derived
    terms: Sequence[str]
    """Of the words of its card, its tags, its labels and its replies."""


def read(repos: Repos, repo: Repo) -> Reading | None:
    """None when there is nothing to be read yet.

    Raises:
        UnreadableRepoError: its objects on disk are missing or damaged.
    """
    try:
        return _read(repo, repos.snapshot(repo, from_disk=True))
    except RevisionNotFoundError:
        return None
    except BrokenRepoError as error:
        raise UnreadableRepoError(repo, error.reason) from error
    except (pygit2.GitError, KeyError, ValueError, OSError) as error:
        raise UnreadableRepoError(repo, str(error) or type(error).__name__) from error


def facts_in(snapshot: Snapshot, type: RepoType) -> Facts:
    """What is said at a commit that is not the one in the index; without the weights' headers.

    Raises:
        BrokenRepoError: its objects on disk are missing or damaged.
    """
    card = _readable(snapshot.find_text(_CARD) or "")
    return _facts(snapshot, type, card, weights=False)


def _read(repo: Repo, snapshot: Snapshot) -> Reading:
    card = _readable(snapshot.find_text(_CARD) or "")
    facts = _facts(snapshot, repo.type, card, weights=True)
    said = [" ".join(facts.tags), *_labels(snapshot), card.body]
    return Reading(
        repo_key=repo.key,
        commit_sha=facts.commit_sha,
        metadata=facts.metadata,
        tags=facts.tags,
        summary=facts.summary,
        derived=facts.derived,
        terms=text_terms(" ".join(said)),
    )


def _facts(snapshot: Snapshot, type: RepoType, card: Card, *, weights: bool) -> Facts:
    metadata = dict(card.metadata)
    is_model = type is RepoType.MODEL
    derived = derive(snapshot, metadata, weights=weights) if is_model else NOTHING
    tags = tags_of(metadata, is_dataset=type is RepoType.DATASET)
    tags += [*derived.tags, *_papers(card.body)]
    return Facts(
        metadata=metadata,
        tags=list(dict.fromkeys(tags)),
        summary=_summary(card.body),
        derived=derived,
        commit_sha=snapshot.commit_sha,
    )


_PAPER = re.compile(r"arxiv\.org/(?:abs|pdf|html)/(\d{4}\.\d{4,5})", re.I)
MAX_PAPERS = 50


def _papers(body: str) -> list[str]:
    """Tags of the papers that a card links to, as on the Hub."""
    found = dict.fromkeys(_PAPER.findall(body[:MAX_TEXT_CHARS]))
    return [f"arxiv:{paper}" for paper in list(found)[:MAX_PAPERS]]


def _readable(text: str) -> Card:
    try:
        return parse(text)
    except CardError:
        return Card({}, "")


def _labels(snapshot: Snapshot) -> list[str]:
    """What the model can say, and how it says it."""
    labels = _dict_in(_json_of(snapshot, _CONFIG), "id2label").values()
    replies = _dict_in(_json_of(snapshot, _SETTINGS), "answers").values()
    return [str(one) for some in (labels, replies) for one in list(some)[:MAX_LABELS]]


def _json_of(snapshot: Snapshot, path: str) -> Any:
    try:
        return json.loads(snapshot.find_text(path) or "null")
    except (ValueError, RecursionError):
        return None


def _dict_in(content: Any, key: str) -> Mapping[str, Any]:
    inside = content.get(key) if isinstance(content, dict) else None
    return inside if isinstance(inside, dict) else {}


_NOT_PROSE = re.compile(r"^\s*(#|>|\||!|<|-{3,}|```|$)")


def _summary(body: str, longest: int = MAX_SUMMARY_CHARS) -> str:
    """The first line of prose, without its Markdown."""
    prose = (line for line in body.splitlines() if not _NOT_PROSE.match(line))
    line = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", next(prose, ""))
    line = re.sub(r"[*_`]", "", line).strip()
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
