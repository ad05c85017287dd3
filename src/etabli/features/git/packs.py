"""The folder of a repository's packs: what is put into it, and the lock that guards it.

Git sees a pack by its index alone. So a pack appears when its index does, and disappears when that
goes; whoever has opened it meanwhile reads on in the pack itself, which stays for an hour more.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from etabli.foundation.durable_files import full_disk_named, sync_folder

HIDDEN_FOR_S = 3600
"""Longer than anything that reads a repository may take."""


def pack_folder(repo: Path) -> Path:
    return repo / "objects" / "pack"


@contextmanager
def lock(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold a folder's lock with others, or alone; between processes too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def try_lock(folder: Path) -> Iterator[bool]:
    """Hold it alone, unless somebody holds it: then False, at once."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def put_pack(folder: Path, name: str, pack: Path, index: Path) -> None:
    """Let git see a new pack, whose objects survive a power cut once this returns.

    Args:
        pack, index: two files whose bytes are synced already.
    """
    # Not while packs are taken away: one of the same name may be among them.
    with full_disk_named(), lock(folder):
        os.replace(pack, folder / f"{name}.pack")
        os.replace(index, folder / f"{name}.idx")
        sync_folder(folder)


def hide_packs(folder: Path, names: Sequence[str]) -> None:
    """Let nobody open these packs any more. Who has them open reads on."""
    with lock(folder, alone=True):
        for name in names:
            pack = folder / f"{name}.pack"
            if pack.exists():
                os.utime(pack)  # hidden since now
            (folder / f"{name}.idx").unlink(missing_ok=True)


def delete_hidden_packs(folder: Path, hidden_for_s: float = HIDDEN_FOR_S) -> None:
    """Give back the room of packs that nobody can have opened for so long.

    One whose index was lost to a kill, before anybody was told of it, looks the same.
    """
    before = time.time() - hidden_for_s
    with lock(folder, alone=True):
        for pack in folder.glob("pack-*.pack"):
            if not pack.with_suffix(".idx").exists() and pack.stat().st_mtime <= before:
                pack.unlink()
