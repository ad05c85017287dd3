"""Git LFS: which large files to send or to fetch, and where.

Source: git-lfs, docs/api; `post_lfs_batch_info` in huggingface_hub/lfs.py.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal
from uuid import uuid4

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from etabli.api.cas_tokens import issue_cas_token
from etabli.api.git.lfs_errors import (
    MEDIA_TYPE,
    BadObjectError,
    LocksNotServedError,
    ObjectNotHeldError,
    ObjectTooLargeError,
    UnknownTransferError,
    lfs_status_of,
    present_error,
)
from etabli.features.accounts import Actor, Permission
from etabli.features.blobs import Blob
from etabli.features.repos import DEFAULT_BRANCH, NamedPointer, Repo, RepoType
from etabli.foundation.errors import EtabliError
from etabli.http import (
    ActorDep,
    ByteCount,
    ReadHubDep,
    RepoDep,
    make_router,
    public_url,
    requires,
    sign_address,
    site_of,
)
from etabli.hub import Hub
from etabli.pools import READS, WRITES
from etabli.site import Site

MAX_OBJECTS = 1000
LIFETIME = timedelta(hours=6)
"""Of an address to send to or to fetch from: what is under way at its end goes on."""

IN_PARTS_FROM_BYTES = 1_000_000_000
PART_BYTES = 100_000_000
MAX_PARTS = 10_000
_SHA256 = re.compile(r"[0-9a-f]{64}")

router = make_router(present_error)


class Object(BaseModel):
    oid: str
    size: ByteCount


class RefName(BaseModel):
    name: str


class BatchRequest(BaseModel):
    operation: str
    ref: RefName | None = None
    """Where the commit is to go; none for a pull request to come."""
    transfers: list[str] = ["basic"]
    objects: list[Object] = Field(max_length=MAX_OBJECTS)
    hash_algo: Literal["sha256", "sha_256"] = "sha256"
    """The second is how huggingface.js writes it."""


async def batch(
    request: Request, actor: ActorDep, repo: RepoDep, body: BatchRequest
) -> JSONResponse:
    """Where to send or to fetch each object. What is wrong with one is said of that one.

    To ask is to read; only what was found here on the way to a commit is noted, afterwards.
    """
    answer, held = await READS.run(_batch, request, actor, repo, body)
    if held:
        await WRITES.run(_hold_on, site_of(request), repo, held)
    return answer


def _batch(
    request: Request, actor: Actor, repo: Repo, body: BatchRequest
) -> tuple[JSONResponse, Sequence[str]]:
    with site_of(request).read_hub() as hub:
        if body.operation == "upload":
            revision = body.ref.name if body.ref else None
            hub.proposals.require_sender(actor, repo, revision, proposes=False)
        elif body.operation != "download":
            raise UnknownTransferError
        sender = _Sender(request, hub, actor, repo, body)
        return _answer_all(sender, body), sender.held


def _hold_on(site: Site, repo: Repo, sha256s: Sequence[str]) -> None:
    with site.open_hub() as hub:
        for sha256 in sha256s:
            hub.repos.touch(repo, sha256)


def _answer_all(sender: "_Sender", body: BatchRequest) -> JSONResponse:
    answer_one = sender.upload if body.operation == "upload" else sender.download
    shapes = []
    for one in body.objects:
        try:
            shapes.append({"oid": one.oid, "size": one.size, **answer_one(one)})
        except EtabliError as error:
            said = {"code": lfs_status_of(error), "message": str(error)}
            shapes.append({"oid": one.oid, "size": one.size, "error": said})
    answer = {"transfer": sender.transfer, "objects": shapes, "hash_algo": "sha256"}
    return JSONResponse(answer, media_type=MEDIA_TYPE)


class _Sender:
    """Answers for one object after the other."""

    def __init__(
        self, request: Request, hub: Hub, actor: Actor, repo: Repo, body: BatchRequest
    ) -> None:
        self._request, self._hub, self._actor, self._repo = request, hub, actor, repo
        self._transfers = body.transfers
        self._asked = [one.oid for one in body.objects]
        self.transfer = "basic"
        self.held: list[str] = []
        """What somebody who wants to send it was told is here: it must stay until it is named."""
        self._most_gb = site_of(request).settings.max_large_file_gb

    def upload(self, one: Object) -> dict[str, Any]:
        """Nothing to do, if this repository holds it. That another one does is no reason; and what
        this hub has lost is to be sent again."""
        _check(one)
        if one.size > self._most_gb * 1_000_000_000:
            raise ObjectTooLargeError(one.oid, self._most_gb)
        held = self._held(one)
        if held is not None and not self._hub.blobs.is_lost(held):
            self.held.append(one.oid)
            return {}
        if "xet" in self._transfers:
            return {"actions": {"upload": self._by_xet}}
        claims = {"repo": self._repo.key, "sha256": one.oid, "size": one.size}
        claims["charged_to"] = self._hub.repos.quota_owner(self._actor, self._repo)
        if "multipart" in self._transfers and one.size >= IN_PARTS_FROM_BYTES:
            action = self._parts(one, claims)
        else:
            action = self._action(self._sign("PUT", f"/lfs/{one.oid}", claims))
        verify = f"{_lfs_base(self._request, self._repo)}/verify"
        return {"actions": {"upload": action, "verify": {"href": verify}}}

    def download(self, one: Object) -> dict[str, Any]:
        _check(one)
        blob = self._held(one)
        claims: dict[str, Any] = {"repo": self._repo.key, "sha256": one.oid}
        if blob is None and one.oid in self._elsewhere:
            named = self._elsewhere[one.oid]
            size_bytes = named.pointer.size_bytes  # not what the client says
            claims |= {"size": size_bytes, "commit": named.commit_sha, "path": named.path}
            action = self._action(self._sign("GET", f"/lfs/{one.oid}", claims))
            return {"authenticated": True, "actions": {"download": action}}
        if blob is None:
            raise ObjectNotHeldError(one.oid)
        self._hub.blobs.require_readable(blob)
        href = self._hub.blobs.redirect_url(blob, one.oid)
        action = self._action(href or self._sign("GET", f"/lfs/{one.oid}", claims))
        return {"authenticated": True, "actions": {"download": action}}

    @cached_property
    def _elsewhere(self) -> Mapping[str, NamedPointer]:
        """Of what a mirror names and has not: in which commit it is called what."""
        if not self._repo.is_mirror:
            return {}
        held = self._hub.blobs.holdings.held_among(self._repo.holder, self._asked)
        return self._hub.mirrors.named(self._repo, [o for o in self._asked if o not in held])

    @cached_property
    def _by_xet(self) -> dict[str, Any]:
        """Source: git-xet; `_upload_xet_files` of huggingface_hub 0.36 to 1.19 asks so."""
        self.transfer = "xet"
        request, repo = self._request, self._repo
        token = issue_cas_token(request, self._hub, repo, "write", self._actor.name)
        path = f"/api/{repo.type}s/{repo.full_name}/xet-write-token/{DEFAULT_BRANCH}"
        if self._hub.repos.quota_owner(self._actor, repo):
            path += "?create_pr=1"  # for a proposal, of somebody who may not write to a branch
        header = {
            "X-Xet-Cas-Url": token.cas_url,
            "X-Xet-Access-Token": token.secret,
            "X-Xet-Token-Expiration": str(token.expires_at),
            "X-Xet-Session-Id": uuid4().hex,
        }
        return {"href": f"{public_url(request)}{path}", "header": header}

    def _parts(self, one: Object, claims: dict[str, Any]) -> dict[str, Any]:
        """Source: `_get_sorted_parts_urls`: an address for each part, under its number; and
        lfs-multipart-upload takes all values but `chunk_size` for addresses, in order."""
        self.transfer = "multipart"
        part_bytes = max(PART_BYTES, -(-one.size // MAX_PARTS))
        count = -(-one.size // part_bytes)
        upload = site_of(self._request).backends.parts.open()
        claims |= {"upload": upload, "parts": count, "part_bytes": part_bytes}
        header = {"chunk_size": str(part_bytes)}
        for number in range(1, count + 1):
            part = claims | {"number": number}
            header[f"{number:05}"] = self._sign("PUT", f"/lfs/parts/{upload}/{number}", part)
        action = self._action(self._sign("POST", f"/lfs/parts/{upload}", claims))
        return action | {"header": header}

    def _action(self, href: str) -> dict[str, Any]:
        return {"href": href, "expires_in": int(LIFETIME.total_seconds())}

    def _held(self, one: Object) -> Blob | None:
        if not self._hub.repos.has_blob(self._repo, one.oid):
            return None
        return self._hub.blobs.find(one.oid)

    def _sign(self, method: str, path: str, claims: dict[str, Any]) -> str:
        return sign_address(self._request, method, path, claims, LIFETIME)


def verify(hub: ReadHubDep, repo: RepoDep, body: Object) -> JSONResponse:
    """Source: docs/api/basic-transfers.md, "Verification"."""
    _check(body)
    blob = hub.blobs.find(body.oid) if hub.repos.has_blob(repo, body.oid) else None
    if blob is None or blob.size_bytes != body.size or hub.blobs.is_lost(blob):
        raise ObjectNotHeldError(body.oid)
    return JSONResponse({}, media_type=MEDIA_TYPE)


async def locks() -> None:
    raise LocksNotServedError


def _check(one: Object) -> None:
    if not _SHA256.fullmatch(one.oid):
        raise BadObjectError(one.oid)


def _lfs_base(request: Request, repo: Repo) -> str:
    prefix = "" if repo.type is RepoType.MODEL else f"{repo.type}s/"
    return f"{public_url(request)}/{prefix}{repo.full_name}.git/info/lfs"


for _prefix in ("", "/datasets", "/spaces"):
    for _methods, _path, _endpoint, _needed in (
        (["POST"], "objects/batch", batch, Permission.READ_REPO),
        (["POST"], "verify", verify, Permission.PROPOSE),
        (["GET", "POST"], "locks", locks, Permission.SEE_REPO),
        (["POST"], "locks/verify", locks, Permission.SEE_REPO),
    ):
        router.add_api_route(
            f"{_prefix}/{{namespace}}/{{name}}/info/lfs/{_path}",
            requires(_needed)(_endpoint),
            methods=_methods,
            response_model=None,
        )
