"""Which paths a repository takes: those that git, and every system that clones, can keep."""

import re

from etabli.features.git.errors import InvalidPathError, PathTooDeepError

LONGEST_PATH_BYTES = 4096
MAX_DEPTH = 64
"""Folders within each other. Git keeps 4,096; what people publish has ten."""
_DOT_GIT = re.compile(r"\.git|git~\d+|\.gitmodules|gitmod~\d+", re.IGNORECASE)
_IGNORED_BY_HFS = frozenset("\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff") | {
    chr(c) for c in range(0x206A, 0x2070)
}


def path_parts(path: str) -> list[str]:
    """
    Raises:
        InvalidPathError: git, or the file system of somebody who clones, could not take the path.
        PathTooDeepError: it has more than `MAX_DEPTH` folders.
    """
    parts = path.split("/")
    if len(path.encode("utf-8", "surrogatepass")) > LONGEST_PATH_BYTES or any(
        is_bad_part(part) for part in parts
    ):
        raise InvalidPathError(path)
    if len(parts) > MAX_DEPTH + 1:
        raise PathTooDeepError(path, MAX_DEPTH)
    return parts


def is_bad_part(part: str) -> bool:
    # HFS+ ignores some characters, NTFS has short names and streams: all can spell `.git`.
    bare = "".join(c for c in part if c not in _IGNORED_BY_HFS).partition(":")[0].rstrip(" .")
    return (
        part in ("", ".", "..")
        or "\\" in part  # Windows takes it for a slash
        or _DOT_GIT.fullmatch(bare) is not None
        or any(ord(c) < 32 or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in part)
        or len(part.encode()) > 255
    )
