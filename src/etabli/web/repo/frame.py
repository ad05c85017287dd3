"""What every page of a repository shows above its own content."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import Request, Response

from etabli.features.accounts import Permission, can
from etabli.features.repos import DEFAULT_BRANCH, Repo, RepoType
from etabli.foundation.i18n.messages import Message, msg
from etabli.http import actor_of
from etabli.hub import Hub
from etabli.web.kit.addresses import repo_base
from etabli.web.kit.labels import language_label, licence_label, task_label
from etabli.web.kit.rendering import language_of, render, said

EVALUATION_FILE = "eval.json"

Tab = tuple[str, str, Message, str, int]


def render_repo(
    request: Request,
    hub: Hub,
    repo: Repo,
    template: str,
    status: int = 200,
    *,
    tab: str,
    metadata: Mapping[str, Any] | None = None,
    **context: Any,
) -> Response:
    """A page that extends `repo/base.html`: see `repo_context`."""
    shared = repo_context(request, hub, repo, tab=tab, metadata=metadata)
    return render(request, template, status, **{**shared, **context})


def repo_context(
    request: Request,
    hub: Hub,
    repo: Repo,
    *,
    tab: str,
    metadata: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """What `repo/base.html` shows.

    Args:
        tab: which of `card`, `evaluation`, `files`, `discussions`, `settings` this page is.
        metadata: what the card says, if it is at hand; otherwise the catalogue is asked.
    """
    if metadata is None:
        metadata = hub.catalogue.facts_of(repo).metadata
    return {
        "repo": repo,
        "base": repo_base(repo),
        "tab": tab,
        "tabs": _tabs(request, hub, repo),
        "tags": _tags(metadata, repo, language_of(request)),
        "may_write": can(actor_of(request), Permission.WRITE_REPO, repo.resource),
        "may_administer": can(actor_of(request), Permission.ADMIN_REPO, repo.resource),
        "is_kept_out": not hub.repos.access.may(actor_of(request), Permission.READ_REPO, repo),
        "may_take_part": can(actor_of(request), Permission.TAKE_PART, repo.resource),
        "origin": hub.federation.origin(repo),
        "is_liked": hub.likes.is_liked(actor_of(request), repo),
        "revision": DEFAULT_BRANCH,
        "refs": hub.repos.revisions(repo),
    }


def _tabs(request: Request, hub: Hub, repo: Repo) -> Sequence[tuple[str, str, str, str, int]]:
    """Of each: its key, icon, words and address, and how much waits there for somebody."""
    base = repo_base(repo)
    tabs: list[Tab] = [("card", "file", msg("Card"), base, 0)]
    if repo.type is RepoType.MODEL and hub.repos.snapshot(repo).find(EVALUATION_FILE):
        tabs.append(("evaluation", "target", msg("Evaluation"), f"{base}/evaluation", 0))
    files = f"{base}/tree/{DEFAULT_BRANCH}"
    tabs.append(("files", "folder", msg("Files and versions"), files, 0))
    is_open = hub.community.count_open(repo)
    if not repo.is_mirror:
        tabs.append(("discussions", "chat", msg("Discussions"), f"{base}/discussions", is_open))
    if can(actor_of(request), Permission.WRITE_REPO, repo.resource) and hub.serving.find(repo):
        tabs.append(("improve", "pencil", msg("Improve it"), f"{base}/improve", 0))
    if can(actor_of(request), Permission.ADMIN_REPO, repo.resource):
        waiting = hub.access_requests.waiting(repo)
        tabs.append(("settings", "gear", msg("Settings"), f"{base}/settings", waiting))
    return [(key, icon, said(request, text), href, n) for key, icon, text, href, n in tabs]


def _tags(metadata: Mapping[str, Any], repo: Repo, language: str) -> Sequence[tuple[str, str, str]]:
    """Icon, words and address of each: the task, the languages, the licence."""
    listing = f"/{repo.type}s"
    tags = [
        ("tag", task_label(task, language), f"{listing}?task={task}") for task in tasks(metadata)
    ]
    for code in values(metadata.get("language"))[:6]:
        tags.append(("globe", language_label(code, language), f"{listing}?language={code}"))
    for licence in values(metadata.get("license"))[:1]:
        tags.append(("shield", licence_label(licence), f"{listing}?license={licence}"))
    return tags


def tasks(metadata: Mapping[str, Any]) -> list[str]:
    return values(metadata.get("pipeline_tag")) or values(metadata.get("task_categories"))[:3]


def values(found: Any) -> list[str]:
    """The words under one key of a card, which may hold one, a list, or something else."""
    if isinstance(found, str):
        return [found] if found else []
    if isinstance(found, Iterable):
        return [item for item in found if isinstance(item, str) and item]
    return []
