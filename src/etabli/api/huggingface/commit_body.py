"""The body of a commit: lines of JSON, read from a file one at a time.

Source: `_prepare_commit_payload` in huggingface_hub/_commit_api.py.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from etabli.api.huggingface.errors import (
    CommitTooLargeError,
    MalformedCommitError,
    TooManyChangesError,
)
from etabli.features.git import AddFile, AddPointer, Change, DeleteFile, DeleteFolder
from etabli.features.repos import FileTooLargeError
from etabli.foundation.i18n.messages import msg

MB = 1_000_000
MAX_CHANGES = 50_000
"""Files added and deleted by one commit. huggingface_hub sends a thousand at once."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PATH = re.compile(rb'"path"\s*:\s*("(?:[^"\\]|\\.)*")')


@dataclass
class CommitBody:
    summary: str = ""
    description: str = ""
    parent_sha: str | None = None
    changes: list[Change] = field(default_factory=list)

    @property
    def message(self) -> str:
        return f"{self.summary}\n\n{self.description}".rstrip() or "Update"


def most_body_bytes(max_commit_mb: int) -> int:
    """The files of the largest commit in base64, and as much as 16 MB of paths and JSON."""
    return max_commit_mb * MB * 4 // 3 + 16 * MB


def read_commit(file: IO[bytes], *, max_file_mb: int, max_commit_mb: int) -> CommitBody:
    """
    Raises:
        MalformedCommitError: a line is not what the wire says.
        FileTooLargeError, CommitTooLargeError: by the limits given.
        TooManyChangesError: it has more of them than one commit may.
    """
    body = CommitBody()
    left_bytes = max_commit_mb * MB
    for number, key, value in _lines(file, max_file_mb):
        if key == "header":
            body.summary = str(value.get("summary") or "")
            body.description = str(value.get("description") or "")
            body.parent_sha = value.get("parentCommit") or None
            continue
        change = _change(number, key, value)
        if isinstance(change, AddFile):
            if len(change.content) > max_file_mb * MB:
                raise FileTooLargeError(change.path, max_file_mb)
            left_bytes -= len(change.content)
            if left_bytes < 0:
                raise CommitTooLargeError(max_commit_mb)
        body.changes.append(change)
        if len(body.changes) > MAX_CHANGES:
            raise TooManyChangesError(MAX_CHANGES)
    return body


def _lines(file: IO[bytes], max_file_mb: int) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    number = 0
    while True:
        number += 1
        # The line is not given a name: it can be as large as the file in it, and is let go at once.
        shape = _key_and_value(number, _read_line(file, max_file_mb))
        if shape is None:
            return
        yield number, *shape


def _read_line(file: IO[bytes], max_file_mb: int) -> bytes:
    """The next line that is not blank; nothing at the end."""
    longest = max_file_mb * MB * 4 // 3 + 64 * 1024
    while line := file.readline(longest):
        if len(line) == longest and not line.endswith(b"\n"):
            raise FileTooLargeError(_path_in(line, file), max_file_mb)
        if line.strip():
            return line
    return b""


def _path_in(line: bytes, file: IO[bytes]) -> str:
    """The path in a line that is too long to be read as JSON: it may stand before or after."""
    before, tail = line[:8192], b""
    while piece := file.readline(MB):
        tail = (tail + piece)[-8192:]
        if piece.endswith(b"\n"):
            break
    found = _PATH.search(before) or _PATH.search(tail)
    try:
        return str(json.loads(found[1])) if found else "A file of this commit"
    except ValueError:
        return "A file of this commit"


def _key_and_value(number: int, line: bytes) -> tuple[str, Mapping[str, Any]] | None:
    if not line:
        return None
    try:
        shape = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise MalformedCommitError(number, msg("it is not JSON.")) from error
    match shape:
        case {"key": str(key), "value": dict(value)}:
            return key, value
    raise MalformedCommitError(number, msg("it has no “key” and “value”."))


def _change(number: int, key: str, value: Mapping[str, Any]) -> Change:
    path = value.get("path")
    if not isinstance(path, str):
        raise MalformedCommitError(number, msg("it names no path."))
    match key:
        case "file":
            return AddFile(path, _content(number, value))
        case "deletedFile":
            return DeleteFile(path)
        case "deletedFolder":
            return DeleteFolder(path)
        case "lfsFile":
            return _large_file(number, path, value)
    raise MalformedCommitError(number, msg("“{key}” is no change known here.", key=key))


def _large_file(number: int, path: str, value: Mapping[str, Any]) -> AddPointer:
    """Source: `_prepare_commit_payload`; a copy names no size (`_fetch_files_to_copy`)."""
    oid, size = value.get("oid"), value.get("size")
    if value.get("algo", "sha256") != "sha256" or not isinstance(oid, str):
        raise MalformedCommitError(number, msg("it names no SHA-256."))
    if not _SHA256.fullmatch(oid) or not (size is None or isinstance(size, int)):
        raise MalformedCommitError(number, msg("its SHA-256 or its size is none."))
    return AddPointer(path, oid, size)


def _content(number: int, value: Mapping[str, Any]) -> bytes:
    content = value.get("content")
    if not isinstance(content, str):
        raise MalformedCommitError(number, msg("its file has no content."))
    if value.get("encoding", "utf-8") == "utf-8":
        return content.encode("utf-8", "replace")
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedCommitError(number, msg("its file is not in base64.")) from error
