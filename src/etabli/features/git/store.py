"""Git repositories on disk: durable packs of objects, and refs derived from SQL."""

import errno
import math
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO
from uuid import uuid4

import pygit2
from dulwich.object_format import SHA1
from dulwich.objects import ShaFile
from dulwich.pack import write_pack_index_v2, write_pack_objects

from etabli.features.git.errors import DamagedRepoError
from etabli.features.git.packs import (
    delete_hidden_packs,
    hide_packs,
    lock,
    pack_folder,
    put_pack,
    try_lock,
)
from etabli.features.git.quarantine import Quarantine
from etabli.features.git.repack import MAX_PACKS, merge, packs_of, to_merge
from etabli.features.git.tree_objects import damage_named
from etabli.foundation.durable_files import full_disk_named, sync_folder
from etabli.foundation.errors import UnavailableError

# The data folder may belong to another account than the process: who may read is decided in SQL.
pygit2.option(pygit2.enums.Option.SET_OWNER_VALIDATION, 0)

MAX_OPEN_PACKS = 256
"""In this process. Without it, each pack of a repository stays open while it is read, and a
thousand packs are more files than a process may commonly open: their objects are then not found."""
pygit2.option(pygit2.enums.Option.SET_MWINDOW_FILE_LIMIT, MAX_OPEN_PACKS)

INCOMING = "incoming"
UNFINISHED = "tmp_unfinished"
"""In a repository's folder: the database does not know it yet, or did not when this was made."""
LEFTOVER_AGE_S = 3600
_LEFTOVERS = (
    "objects/pack/tmp_*",
    "objects/tmp_*",
    "objects/??/tmp_*",
    "tmp_refs_*",
    "*.lock",
    "refs/**/*.lock",
)


class GitStore:
    """One bare repository for each key, under one root folder: `<root>/<ke>/<key>.git`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def create(self, key: str) -> None:
        """Create an empty repository whose default branch is `main`. Harmless when repeated."""
        path = self.path(key)
        with full_disk_named():
            path.mkdir(parents=True, exist_ok=True)
            _init(path)
        # As safe as what comes into it: a file whose folders are lost is lost.
        for part in ("HEAD", "config", "objects/pack", "objects", "", "..", "../.."):
            sync_folder(path / part)

    @contextmanager
    def unfinished(self, key: str) -> Iterator[None]:
        """A repository that is made before the database knows of it: it goes if the block raises.

        One that a kill leaves behind is found by `clear_unfinished`.
        """
        mark = self.path(key) / UNFINISHED
        with full_disk_named():
            mark.parent.mkdir(parents=True)
            mark.touch()
        goes = True
        try:
            yield
            goes = False
        except UnavailableError:
            goes = False  # whether the database knows of it now, `clear_unfinished` asks later
            raise
        finally:
            if goes:
                self.delete(key)
        mark.unlink(missing_ok=True)

    def clear_unfinished(self, is_known: Callable[[str], bool]) -> None:
        """Remove the repositories whose making was cut, and that the database does not know."""
        oldest_kept = time.time() - LEFTOVER_AGE_S
        for mark in self.root.glob(f"??/*.git/{UNFINISHED}"):
            if _changed_at(mark) >= oldest_kept:
                continue
            if is_known(mark.parent.stem):
                mark.unlink(missing_ok=True)
            else:
                self.delete(mark.parent.stem)

    def delete(self, key: str) -> None:
        """Harmless when repeated."""
        shutil.rmtree(self.path(key), ignore_errors=True)

    def has(self, key: str) -> bool:
        return self.path(key).is_dir()

    def path(self, key: str) -> Path:
        return self.root / key[:2] / f"{key}.git"

    def open(self, key: str) -> pygit2.Repository:
        """
        Raises:
            DamagedRepoError: its folder is lost, or is no repository any more.
        """
        with damage_named():
            return pygit2.Repository(str(self.path(key)), pygit2.enums.RepositoryOpenFlag.BARE)

    def opener(self, key: str) -> Callable[[], pygit2.Repository]:
        """Opens it once, when it is first needed: most of what is read is kept in memory."""
        return cache(lambda: self.open(key))

    def keys(self) -> Iterator[str]:
        for folder in self.root.glob("??/*.git"):
            yield folder.stem

    def write_pack(self, key: str, objects: Sequence[ShaFile]) -> None:
        """Put objects on disk, to survive a power cut once this returns. No ref shows them yet.

        One pack, whose index appears last and at once: git sees all of the objects or none.
        """
        folder = pack_folder(self.path(key))
        # Git opens whatever ends in .idx, half-written or not; these names it knows for drafts.
        drafts = {kind: folder / f"tmp_{kind}_{uuid4().hex}" for kind in ("pack", "idx")}
        try:
            with full_disk_named():
                checksum = _write_drafts(drafts["pack"], drafts["idx"], objects)
            put_pack(folder, f"pack-{checksum.hex()}", drafts["pack"], drafts["idx"])
        finally:
            for draft in drafts.values():
                draft.unlink(missing_ok=True)

    def copy_objects(self, source: str, target: str) -> None:
        """Put all objects of one repository in another. They share the disk: packs never change.

        Raises:
            DamagedRepoError: the source is lost; or is being deleted.
        """
        packs = pack_folder(self.path(target))
        with full_disk_named(), _loss_named(), self.packs_stay(source):
            for index in pack_folder(self.path(source)).glob("pack-*.idx"):
                # The index is last: git sees all objects of a pack, or none.
                for file in (index.with_suffix(".pack"), index):
                    os.link(file, packs / file.name)
            sync_folder(packs)

    def has_piled_up(self, key: str) -> bool:
        """Whether it has so many packs that to read it gets slow."""
        return self.has(key) and len(packs_of(self.path(key))) > MAX_PACKS

    def repack(self, key: str) -> None:
        """Make few packs of many, if they have piled up. Idempotent, also after being killed.

        Raises:
            DiskFullError, RepackFailedError, DamagedRepoError: nothing was changed.
        """
        repo = self.path(key)
        if not self.has_piled_up(key):
            return
        self._require_packs(key)
        with try_lock(repo / "objects") as is_mine:
            # Of two that repack, one would look for what the other takes away.
            if is_mine and self._may_take_away():
                delete_hidden_packs(pack_folder(repo))
                with self.quarantine(key) as arriving:
                    needless = merge(to_merge(packs_of(repo)), arriving)
                    with try_lock(self.root) as may_take_away:
                        if may_take_away:
                            hide_packs(pack_folder(repo), needless)

    def _may_take_away(self) -> bool:
        with try_lock(self.root) as nobody_else:
            return nobody_else

    @contextmanager
    def all_packs_stay(self) -> Iterator[None]:
        """Until the block ends every pack stays: for who lists them first, and then reads."""
        self.root.mkdir(parents=True, exist_ok=True)
        with lock(self.root):
            yield

    @contextmanager
    def packs_stay(self, key: str) -> Iterator[None]:
        """As `all_packs_stay`, of one repository.

        Raises:
            DamagedRepoError: it has no folder of packs.
        """
        self._require_packs(key)
        with lock(pack_folder(self.path(key))):
            yield

    @contextmanager
    def quarantine(self, key: str) -> Iterator[Quarantine]:
        """A place for objects on their way in; what was not published goes at the end."""
        folder = self.root / INCOMING / uuid4().hex
        try:
            with full_disk_named():
                folder.mkdir(parents=True)
                _init(folder)
            yield Quarantine(folder, self.path(key))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def refs_lock(self, key: str) -> Iterator[None]:
        """Held while refs are read from SQL and written to disk, so that the newest are last.

        It holds between processes too: a command or a worker may stand beside the server.
        """
        with lock(self.path(key), alone=True):
            yield

    def derive_refs(self, key: str, refs: Mapping[str, str]) -> None:
        """Make git's own refs say what SQL says. Call it under `refs_lock`."""
        lines = ["# pack-refs with: sorted", *(f"{refs[name]} {name}" for name in sorted(refs))]
        wanted = ("\n".join(lines) + "\n").encode()
        packed = self.path(key) / "packed-refs"
        if not (packed.exists() and packed.read_bytes() == wanted):
            draft = packed.with_name(f"tmp_refs_{uuid4().hex}")
            draft.write_bytes(wanted)
            os.replace(draft, packed)
        for loose in (self.path(key) / "refs").rglob("*"):
            if loose.is_file():
                loose.unlink(missing_ok=True)  # it would count for more than a packed one

    def clear_incoming(self) -> None:
        """Remove what pushes that were cut have left; those that may be under way stay."""
        oldest_kept = time.time() - LEFTOVER_AGE_S
        for folder in (self.root / INCOMING).glob("*"):
            if _changed_at(folder) < oldest_kept:
                _remove(folder)

    def clear_leftovers(self, key: str) -> None:
        """Remove what a killed process left half-written, and the packs that are needed no more.

        Raises:
            DamagedRepoError: it has no folder of packs.
        """
        if not self.has(key):
            return
        self._require_packs(key)
        oldest_kept = time.time() - LEFTOVER_AGE_S
        for pattern in _LEFTOVERS:
            for leftover in self.path(key).glob(pattern):
                if _changed_at(leftover) < oldest_kept:
                    _remove(leftover)
        delete_hidden_packs(pack_folder(self.path(key)))

    def _require_packs(self, key: str) -> None:
        if not pack_folder(self.path(key)).is_dir():
            raise DamagedRepoError(f"{self.path(key)}")


def _changed_at(path: Path) -> float:
    """When; in the future if it is gone meanwhile: then it is nobody's to remove."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


@contextmanager
def _loss_named() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise DamagedRepoError(error.strerror or "") from error


def _init(path: Path) -> None:
    try:
        pygit2.init_repository(str(path), bare=True, initial_head="main")
    except pygit2.GitError as error:
        if os.strerror(errno.ENOSPC) in str(error):  # libgit2 keeps no number
            raise OSError(errno.ENOSPC, str(error)) from error
        raise DamagedRepoError(str(error)) from error


def _write_drafts(pack_path: Path, index_path: Path, objects: Sequence[ShaFile]) -> bytes:
    with _new_durable_file(pack_path) as pack:
        entries, checksum = write_pack_objects(
            pack, objects, SHA1, deltify=False, compression_level=1
        )
    with _new_durable_file(index_path) as index:
        rows = sorted((sha, offset, crc) for sha, (offset, crc) in entries.items())
        write_pack_index_v2(index, rows, checksum)
    return checksum


@contextmanager
def _new_durable_file(path: Path) -> Iterator[IO[bytes]]:
    with path.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
