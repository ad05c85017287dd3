"""Which paths a bucket takes, and the folders that they are in.

A bucket is a list of paths: a folder is there while something is in it. As in any store of objects
`a` and `a/b` may both be there, which no disk can keep; who fetches both is told by their client.
"""

from collections.abc import Iterable

LONGEST_PATH_BYTES = 1024
"""As in S3; an index of PostgreSQL takes no more than 2,700 in all."""
LONGEST_PART_BYTES = 255
"""What a file system takes for one name."""


def is_valid_path(path: str) -> bool:
    """Whether every client can fetch it to a disk, and into nothing but the folder that it asks."""
    if "\\" in path or any(ord(c) < 32 or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in path):
        return False
    return len(path.encode()) <= LONGEST_PATH_BYTES and all(
        part not in ("", ".", "..") and len(part.encode()) <= LONGEST_PART_BYTES
        for part in path.split("/")
    )


def folder_of(path: str) -> str:
    """The folder that a file or a folder is in, with a slash at its end; empty at the top."""
    head, slash, _ = path.removesuffix("/").rpartition("/")
    return head + slash


def folders_of(paths: Iterable[str]) -> set[str]:
    """All that these are below, each once."""
    found: set[str] = set()
    for path in paths:
        folder = folder_of(path)
        while folder and folder not in found:
            found.add(folder)
            folder = folder_of(folder)
    return found


def stop_of(folder: str) -> str:
    """The first path, in the order of bytes, that comes after all that begins with this folder."""
    return folder[:-1] + chr(ord("/") + 1)
