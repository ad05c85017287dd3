"""A full disk, told as what it is."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from etabli.foundation.errors import LimitError
from etabli.foundation.words import say

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
