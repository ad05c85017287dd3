"""A full disk, told as what it is."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from etabli.foundation.errors import LimitError
from etabli.foundation.words import say

LEAST_FREE_BYTES = 200_000_000
"""With less room than this, what is written next may not find any."""

_FULL = (errno.ENOSPC, errno.EDQUOT)


class DiskFullError(LimitError):
    def __init__(self) -> None:
        super().__init__(
            say("The disk of this hub is full. Nothing was changed; tell its operator.")
        )


def is_full(error: OSError) -> bool:
    return error.errno in _FULL


@contextmanager
def full_disk_named() -> Iterator[None]:
    """
    Raises:
        DiskFullError: in place of the system's error of that meaning.
    """
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFullError from error
        raise


def sync_folder(path: Path) -> None:
    """A rename is only safe once its folder is: git itself forgets this, and loses commits."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
