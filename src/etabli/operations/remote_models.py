"""A model repository of another hub: pinned at one commit, its files fetched and checked.

Source: the HTTP interface of Hugging Face's hub, which this one speaks too.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from etabli.foundation.errors import InvalidInputError, UnavailableError
from etabli.foundation.http_client import AnswerTooLargeError, HttpClient, UnexpectedAnswerError
from etabli.foundation.i18n.messages import msg, plain

DOWNLOAD_WITHIN_S = 3600.0
MAX_REDIRECTS = 5
"""A hub leads to where its large files lie, often in two steps."""
_PATH = re.compile(r"/(?:models/)?([\w.-]+)/([\w.-]+?)(?:/tree/([\w./-]+?))?/?", re.ASCII)
_SHA1 = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class NotAModelAddressError(InvalidInputError):
    def __init__(self, url: str) -> None:
        super().__init__(
            msg(
                "{url} is not the address of a model: give it as https://HUB/OWNER/NAME, or with "
                "/tree/COMMIT after it.",
                url=plain(url)[:200],
            )
        )


class RemoteFileChangedError(UnavailableError):
    def __init__(self, path: str, host: str) -> None:
        super().__init__(
            msg(
                "The bytes of {path} are not those that {host} announces: their hash is another. "
                "Nothing was kept. Try again, or take the model from elsewhere.",
                path=plain(path)[:200],
                host=plain(host)[:200],
            )
        )


@dataclass(frozen=True)
class ModelAddress:
    """Where a model is: `hub` is `https://huggingface.co`; `revision` a branch, tag or commit."""

    hub: str
    owner: str
    name: str
    revision: str

    @property
    def host(self) -> str:
        return self.hub.partition("://")[2]


@dataclass(frozen=True)
class _RemoteFile:
    path: str
    size_bytes: int
    git_sha1: str
    sha256: str | None
    """Of a large file; of a small one, git's own hash is the one that is announced."""


def is_address(source: str) -> bool:
    return source.lower().startswith(("https://", "http://"))


def parse_address(url: str) -> ModelAddress:
    """
    Raises:
        NotAModelAddressError: it does not say owner and name, or says more.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise NotAModelAddressError(url) from error
    found = _PATH.fullmatch(parts.path)
    if found is None or parts.query or found[1] in ("datasets", "spaces"):
        raise NotAModelAddressError(url)
    hub = f"{parts.scheme}://{parts.netloc}"
    return ModelAddress(hub, found[1], found[2], found[3] or "main")


def fetch_model(
    client: HttpClient, url: str, wanted: Sequence[str], max_bytes: int, folder: Path
) -> str:
    """Put those of the wanted files that the model has in a new folder. The address, pinned.

    Args:
        wanted: paths in the repository, and then in the folder.
        max_bytes: how much they may be together.

    Raises:
        NotAModelAddressError: the address is not of a model.
        RemoteFileChangedError: what came is not what the hub announces, by SHA-256, or by git's
            SHA-1 for a small file.
        AnswerTooLargeError: they are more than that. And what `HttpClient.request` raises.
    """
    model = parse_address(url)
    api = f"{model.hub}/api/models/{model.owner}/{model.name}"
    sha = _commit(client, f"{api}/revision/{quote(model.revision, safe='')}")
    files = _files(client, f"{api}/paths-info/{sha}", wanted)
    if sum(file.size_bytes for file in files) > max_bytes:
        raise AnswerTooLargeError(model.host, max_bytes)
    folder.mkdir(parents=True)
    for file in files:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        client.download(
            f"{model.hub}/{model.owner}/{model.name}/resolve/{sha}/{quote(file.path)}",
            target,
            max_bytes=file.size_bytes,
            within_s=DOWNLOAD_WITHIN_S,
            max_redirects=MAX_REDIRECTS,
        )
        if not _is_whole(target, file):
            raise RemoteFileChangedError(file.path, model.host)
    return f"{model.hub}/{model.owner}/{model.name}/tree/{sha}"


def _commit(client: HttpClient, url: str) -> str:
    info = client.fetch_json(url)
    sha = info.get("sha") if isinstance(info, dict) else None
    if not isinstance(sha, str) or not _SHA1.fullmatch(sha):
        raise UnexpectedAnswerError(url, 200)
    return sha


def _files(client: HttpClient, url: str, wanted: Sequence[str]) -> list[_RemoteFile]:
    """Of what another hub says, only what was asked for, and only if each part is as it must be."""
    said = client.fetch_json(url, form=[("paths", path) for path in wanted])
    entries = said if isinstance(said, list) else []
    files = [
        _file(url, one)
        for one in entries
        if isinstance(one, dict) and one.get("type") == "file" and one.get("path") in wanted
    ]
    return list({file.path: file for file in files}.values())


def _file(url: str, said: dict[str, Any]) -> _RemoteFile:
    lfs = said.get("lfs") or {}
    size, oid = said.get("size"), said.get("oid")
    sha256 = lfs.get("oid") if isinstance(lfs, dict) else None
    is_whole = (
        isinstance(size, int)
        and size >= 0
        and isinstance(oid, str)
        and bool(_SHA1.fullmatch(oid))
        and (sha256 is None or (isinstance(sha256, str) and bool(_SHA256.fullmatch(sha256))))
    )
    if not is_whole:
        raise UnexpectedAnswerError(url, 200)
    return _RemoteFile(str(said["path"]), int(size or 0), str(oid), sha256)


def _is_whole(path: Path, file: _RemoteFile) -> bool:
    if path.stat().st_size != file.size_bytes:
        return False
    if file.sha256 is not None:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256
    whole = hashlib.sha1(b"blob %d\0" % file.size_bytes, usedforsecurity=False)
    with path.open("rb") as content:
        while piece := content.read(1_000_000):
            whole.update(piece)
    return whole.hexdigest() == file.git_sha1
