"""Files and versions, to read: folders, files, history."""

from itertools import islice
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response

from etabli.features.accounts import Permission
from etabli.features.git import Entry
from etabli.features.repos import Repo
from etabli.foundation.i18n.messages import Message, msg
from etabli.http import HubDep, RepoDep, actor_of, requires, site_of
from etabli.hub import Hub
from etabli.pools import LONG_READS
from etabli.web.kit.addresses import repo_base
from etabli.web.kit.rendering import said, see_other
from etabli.web.kit.routing import repo_get, split_revision
from etabli.web.repo.frame import render_repo

MAX_ENTRIES = 1000
MAX_COMMITS = 40
MAX_CHANGES = 500
LARGEST_TEXT_BYTES = 500_000
MAX_LINES = 5_000
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})


@repo_get("/tree/{address:path}")
@requires(Permission.SEE_REPO)
async def tree_page(request: Request, repo: RepoDep, address: str) -> Response:
    # Which commit touched a file last is looked for in the history, and that may take seconds.
    return await LONG_READS.run(_tree_page, request, repo, address)


def _tree_page(request: Request, repo: Repo, address: str) -> Response:
    with site_of(request).read_hub() as hub:
        return _tree(request, hub, repo, address)


def _tree(request: Request, hub: Hub, repo: Repo, address: str) -> Response:
    revision, path = split_revision(hub.repos.refs(repo), address)
    snapshot = hub.repos.snapshot(repo, revision)
    entries = snapshot.page(path, 0, MAX_ENTRIES + 1)
    shown = entries[:MAX_ENTRIES]
    return render_repo(
        request,
        hub,
        repo,
        "repo/tree.html",
        tab="files",
        path=path,
        parent=_parent(path),
        entries=shown,
        more=len(entries) > len(shown),
        changes=snapshot.last_commits(shown),
        commit=snapshot.commit,
        **_where(hub, repo, revision),
    )


@repo_get("/blob/{address:path}")
@requires(Permission.READ_REPO)
def blob_page(request: Request, hub: HubDep, repo: RepoDep, address: str) -> Response:
    revision, path = split_revision(hub.repos.refs(repo), address)
    snapshot = hub.repos.snapshot(repo, revision)
    found = snapshot.find(path)
    if found is not None and found.is_folder:
        return see_other(f"{repo_base(repo)}/tree/{quote(address)}")
    entry = snapshot.get(path)
    text = snapshot.find_text(path, LARGEST_TEXT_BYTES)
    lines = _lines(text)
    return render_repo(
        request,
        hub,
        repo,
        "repo/blob.html",
        tab="files",
        path=path,
        entry=entry,
        lines=lines,
        image=PurePosixPath(path).suffix.lower() in _PICTURES,
        why_not_shown=said(request, _why_not_shown(entry)),
        is_own_proposal=bool(hub.proposals.pushable(actor_of(request), repo, [revision])),
        **_where(hub, repo, revision),
    )


@repo_get("/commits/{address:path}")
@requires(Permission.SEE_REPO)
def commits_page(
    request: Request, hub: HubDep, repo: RepoDep, address: str, p: int = 1
) -> Response:
    revision, _ = split_revision(hub.repos.refs(repo), address)
    page = min(max(p, 1), 10_000)
    start = (page - 1) * MAX_COMMITS
    history = hub.repos.snapshot(repo, revision).history()
    commits = list(islice(history, start, start + MAX_COMMITS + 1))
    return render_repo(
        request,
        hub,
        repo,
        "repo/commits.html",
        tab="files",
        commits=commits[:MAX_COMMITS],
        page=page,
        next_page=page + 1 if len(commits) > MAX_COMMITS else None,
        **_where(hub, repo, revision),
    )


@repo_get("/commit/{sha}")
@requires(Permission.SEE_REPO)
def commit_page(request: Request, hub: HubDep, repo: RepoDep, sha: str) -> Response:
    snapshot = hub.repos.snapshot(repo, sha)
    changed = snapshot.changed_paths()
    return render_repo(
        request,
        hub,
        repo,
        "repo/commit.html",
        tab="files",
        commit=snapshot.commit,
        changed=changed[:MAX_CHANGES],
        total=len(changed),
    )


def _where(hub: Hub, repo: Repo, revision: str) -> dict[str, Any]:
    branches = {
        ref.short_name for ref in hub.repos.refs(repo) if ref.name.startswith("refs/heads/")
    }
    is_branch = revision in branches
    return {
        "revision": revision,
        "revision_name": revision if is_branch or len(revision) < 40 else revision[:7],
        "is_branch": is_branch,
    }


def _parent(path: str) -> str | None:
    return path.rpartition("/")[0] if path else None


def _lines(text: str | None) -> list[str] | None:
    if text is None or "\0" in text:
        return None
    lines = text.splitlines()
    return lines if len(lines) <= MAX_LINES else None


def _why_not_shown(entry: Entry) -> Message:
    if entry.size_bytes > LARGEST_TEXT_BYTES:
        return msg("This file is too large to be shown here. Download it to open it.")
    return msg("This file is not plain text. Download it to open it.")
