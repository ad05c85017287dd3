"""Changing files from the browser: several small files, or the text of one, in one commit."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import Form as Field
from fastapi import Request, Response

from etabli.features.accounts import Actor, Permission
from etabli.features.git import AddFile
from etabli.features.repos import (
    BranchMovedError,
    FileTooLargeError,
    Repo,
    RevisionNotFoundError,
    proposal_number,
)
from etabli.foundation.errors import ConflictError, EtabliError, InvalidInputError, LimitError
from etabli.foundation.i18n.messages import msg
from etabli.http import ActorDep, HubDep, RepoDep, in_pool, requires, site_of
from etabli.http.upload_forms import ANY_SIZE, ReceivedFile, ReceivedForm, receive_form
from etabli.hub import Hub
from etabli.operations import commits, pull_requests
from etabli.pools import COMMITS
from etabli.web.kit.addresses import repo_base
from etabli.web.kit.forms import Form
from etabli.web.kit.rendering import said, see_other
from etabli.web.kit.routing import repo_get, repo_post, split_revision
from etabli.web.repo.files import LARGEST_TEXT_BYTES
from etabli.web.repo.frame import render_repo

LONGEST_MESSAGE = 200
A_MILLION = 1_000_000


class UploadTooLargeError(LimitError):
    def __init__(self, limit_mb: int) -> None:
        super().__init__(
            msg(
                "These files are over {limit_mb} MB together, the most that this hub takes "
                "at once. Send them in several times, or use the hf command.",
                limit_mb=limit_mb,
            )
        )


class ChangedMeanwhileError(ConflictError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "Somebody saved here while you were writing. Your text is not lost: "
                "compare it with what the file holds now, then save again."
            )
        )


_FIRST_CARD = """---
license: apache-2.0
language:
- en
---

# {name}

{what}

## {uses}

## {limits}
"""


@repo_get("/upload/{branch:path}")
@requires(Permission.WRITE_REPO)
def upload_page(
    request: Request, hub: HubDep, repo: RepoDep, branch: str, folder: str = ""
) -> Response:
    return _upload_page(request, hub, repo, branch, Form({"folder": folder}))


@repo_post("/upload/{branch:path}", max_body_size=ANY_SIZE)
@requires(Permission.WRITE_REPO)
async def upload(request: Request, actor: ActorDep, repo: RepoDep, branch: str) -> Response:
    limit_mb = site_of(request).settings.max_commit_mb
    with TemporaryDirectory(prefix="etabli-upload-") as folder:
        sent = await receive_form(
            request, Path(folder), limit_mb * A_MILLION, UploadTooLargeError(limit_mb)
        )
        return await COMMITS.run(_commit_files, request, actor, repo, branch, sent)


@repo_get("/edit/{address:path}")
@requires(Permission.PROPOSE)
def edit_page(request: Request, hub: HubDep, repo: RepoDep, address: str) -> Response:
    branch, path = _branch_and_path(hub, repo, address)
    head_sha = _head(hub, repo, branch)
    text = _text_now(hub, repo, branch, path)
    shown = _first_card(request, repo) if text is None and path == "README.md" else text or ""
    form = Form({"parent": head_sha, "content": shown})
    return _edit_page(request, hub, repo, branch, path, form, exists=text is not None)


@repo_post("/edit/{address:path}")
@requires(Permission.PROPOSE)
@in_pool(COMMITS)
def edit(
    request: Request,
    actor: ActorDep,
    repo: RepoDep,
    address: str,
    content: Annotated[str, Field()] = "",
    message: Annotated[str, Field()] = "",
    parent: Annotated[str, Field()] = "",
    how: Annotated[str, Field()] = "",
    why: Annotated[str, Field()] = "",
) -> Response:
    """Save the text to the branch or the proposal; or, when `how` is `propose`, to a new one."""
    site = site_of(request)
    with site.read_hub() as hub:
        branch, path = _branch_and_path(hub, repo, address)
    content = content.replace("\r\n", "\n")
    title = message.strip()[:LONGEST_MESSAGE] or f"Update {path}"
    changes = [AddFile(path, content.encode())]
    form = Form({"parent": parent, "content": content, "message": message, "how": how, "why": why})
    try:
        if how == "propose":
            made = pull_requests.propose(
                site, actor, repo, branch, changes, title, why, parent_sha=parent or None
            )
            return see_other(f"{repo_base(repo)}/discussions/{made.num}", "proposed")
        pull_requests.commit(site, actor, repo, branch, changes, title, parent_sha=parent or None)
    except (ConflictError, InvalidInputError, LimitError) as error:
        return _edit_again(request, repo, branch, path, form, error)
    if num := proposal_number(branch):
        return see_other(f"{repo_base(repo)}/discussions/{num}/files", "saved")
    if path == "README.md":
        return see_other(repo_base(repo), "saved")
    return see_other(f"{repo_base(repo)}/blob/{branch}/{path}", "saved")


def _commit_files(
    request: Request, actor: Actor, repo: Repo, branch: str, sent: ReceivedForm
) -> Response:
    folder = sent.fields.get("folder", "").strip().strip("/")
    message = sent.fields.get("message", "").strip()
    try:
        changes = _added(request, sent.files.get("files", []), folder)
        title = message[:LONGEST_MESSAGE] or _upload_title(changes)
        commits.commit(site_of(request), actor, repo, branch, changes, title)
    except (InvalidInputError, LimitError, ConflictError) as error:
        form = Form({"folder": folder, "message": message}).refuse(request, "files", error)
        with site_of(request).read_hub() as hub:
            return _upload_page(request, hub, repo, branch, form, status=422)
    return see_other(f"{repo_base(repo)}/tree/{branch}" + (f"/{folder}" if folder else ""))


def _upload_page(
    request: Request, hub: Hub, repo: Repo, branch: str, form: Form, *, status: int = 200
) -> Response:
    if hub.repos.head_sha(repo, branch) is None:
        raise RevisionNotFoundError(branch)
    return render_repo(
        request,
        hub,
        repo,
        "repo/upload.html",
        status,
        tab="files",
        form=form,
        revision=branch,
        limit=site_of(request).settings.max_file_mb * A_MILLION,
    )


def _added(request: Request, files: Sequence[ReceivedFile], folder: str) -> list[AddFile]:
    """
    Raises:
        InvalidInputError: no file was chosen.
        FileTooLargeError: one is larger than the hub takes.
    """
    limit_mb = site_of(request).settings.max_file_mb
    if not files:
        raise InvalidInputError(msg("Choose at least one file."))
    for file in files:
        if file.path.stat().st_size > limit_mb * A_MILLION:
            raise FileTooLargeError(file.name, limit_mb)
    prefix = f"{folder}/" if folder else ""
    return [AddFile(prefix + file.name, file.path.read_bytes()) for file in files]


def _upload_title(changes: Sequence[AddFile]) -> str:
    return f"Add {changes[0].path}" if len(changes) == 1 else f"Add {len(changes)} files"


def _branch_and_path(hub: Hub, repo: Repo, address: str) -> tuple[str, str]:
    """The branch or the proposal, and the file."""
    revision, path = split_revision(hub.repos.refs(repo), address)
    _head(hub, repo, revision)
    return revision, path


def _head(hub: Hub, repo: Repo, revision: str) -> str:
    """
    Raises:
        RevisionNotFoundError: it is neither a branch nor a proposal, so nothing commits to it.
    """
    if proposal_number(revision):
        return hub.repos.snapshot(repo, revision).commit_sha
    head_sha = hub.repos.head_sha(repo, revision)
    if head_sha is None:
        raise RevisionNotFoundError(revision)
    return head_sha


def _text_now(hub: Hub, repo: Repo, branch: str, path: str) -> str | None:
    """The text of the file; None when there is no such file.

    Raises:
        InvalidInputError: the file is there and cannot be edited as text.
    """
    snapshot = hub.repos.snapshot(repo, branch)
    text = snapshot.find_text(path, LARGEST_TEXT_BYTES)
    if text is None and snapshot.find(path) is not None:
        raise InvalidInputError(
            msg("{path} is too large, or is not text. Change it with the hf command.", path=path)
        )
    return text


def _edit_again(
    request: Request, repo: Repo, branch: str, path: str, form: Form, error: EtabliError
) -> Response:
    """The form as it was sent and, when somebody else saved meanwhile, what the file holds now."""
    with site_of(request).read_hub() as hub:
        theirs = None
        if isinstance(error, BranchMovedError):
            theirs = _text_now(hub, repo, branch, path) or ""
            form.values = {**form.values, "parent": _head(hub, repo, branch)}
            error = ChangedMeanwhileError()
        refused = form.refuse(request, "content", error)
        status = 422 if theirs is None else 409
        return _edit_page(
            request, hub, repo, branch, path, refused, exists=True, theirs=theirs, status=status
        )


def _edit_page(
    request: Request,
    hub: Hub,
    repo: Repo,
    branch: str,
    path: str,
    form: Form,
    *,
    exists: bool,
    theirs: str | None = None,
    status: int = 200,
) -> Response:
    return render_repo(
        request,
        hub,
        repo,
        "repo/edit.html",
        status,
        tab="files",
        revision=branch,
        path=path,
        form=form,
        exists=exists,
        theirs=theirs,
        is_pull_request=proposal_number(branch) is not None,
    )


def _first_card(request: Request, repo: Repo) -> str:
    return _FIRST_CARD.format(
        name=repo.name,
        what=said(request, msg("One sentence: what is it for?")),
        uses=said(request, msg("What it is for, and what it is not for")),
        limits=said(request, msg("Where it is wrong")),
    )
