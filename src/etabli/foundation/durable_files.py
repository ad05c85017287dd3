"""What is asked of the disk: room, told when there is none, and files that change no more."""

import errno
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from etabli.foundation.errors import LimitError, UnavailableError
from etabli.foundation.i18n.messages import msg

MIN_FREE_BYTES = 200_000_000
"""With less room than this, what is written next may not find any."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_WRITE_BITS = 0o222
FORKED_WITHIN_S = 5.0
"""A program that is being started shares all open files, for the moment until it runs."""
_LOOK_AGAIN_S = 0.01


class DiskFullError(LimitError):
    def __init__(self) -> None:
        super().__init__(
            msg("The disk of this hub is full. Nothing was changed; tell its operator.")
        )


class FileChangedError(UnavailableError):
    """What was checked is not what would be kept."""

    def __init__(self) -> None:
        super().__init__(
            msg(
                "A file changed after it was checked, or something can still write to it. "
                "Nothing was kept; send it again."
            )
        )


class FileState(NamedTuple):
    """Which file it is, and since when it is as it is. Equal: nobody wrote to it in between.

    Of two writes within one tick of the kernel's clock, some 4 ms, the second may not show: so
    this only counts beside `require_unchanged`, which knows who could write.
    """

    device: int
    inode: int
    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, file: Path | int) -> "FileState":
        """
        Args:
            file: its path, or the number of an open file.
        """
        about = os.fstat(file) if isinstance(file, int) else os.lstat(file)
        return cls(about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)


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


def make_read_only(file: Path | int) -> None:
    """Take away the right to write, and give nobody a right to read."""
    mode = os.stat(file).st_mode & 0o777
    os.chmod(file, mode & ~_WRITE_BITS)


def require_unchanged(path: Path, state: FileState) -> None:
    """
    Raises:
        FileChangedError: it is not the file that it was, or somebody can still write to it.
    """
    until = time.monotonic() + FORKED_WITHIN_S
    while is_open_for_writing(path):
        if time.monotonic() > until:
            raise FileChangedError
        time.sleep(_LOOK_AGAIN_S)
    if FileState.of(path) != state:
        raise FileChangedError


def is_open_for_writing(path: Path) -> bool:
    """Whether any process has it open to write, as the kernel knows it.

    False as well where it does not tell: elsewhere than on Linux, on a network's file system, and
    for a file of another user.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    descriptor = os.open(path, os.O_RDONLY)
    try:
        # Who opens the file in that moment is told by a signal: one that nothing comes of.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False
