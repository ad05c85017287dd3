"""Git repositories on disk: durable packs of objects, and refs derived from SQL."""

import os
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

import pygit2
from dulwich.object_format import SHA1
from dulwich.objects import ShaFile
from dulwich.pack import write_pack_index_v2, write_pack_objects

# The data folder may belong to another account than the process: who may read is decided in SQL.
pygit2.option(pygit2.enums.Option.SET_OWNER_VALIDATION, 0)

LEFTOVER_AGE_S = 3600


class GitStore:
    """One bare repository for each key, under one root folder: `<root>/<ke>/<key>.git`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def create(self, key: str) -> None:
        """Create an empty repository whose default branch is `main`. Harmless when repeated."""
        pygit2.init_repository(str(self.path(key)), bare=True, initial_head="main")

    def delete(self, key: str) -> None:
        """Harmless when repeated."""
        shutil.rmtree(self.path(key), ignore_errors=True)
        self._locks.pop(key, None)

    def path(self, key: str) -> Path:
        return self.root / key[:2] / f"{key}.git"

    def open(self, key: str) -> pygit2.Repository:
        return pygit2.Repository(str(self.path(key)), pygit2.enums.RepositoryOpenFlag.BARE)

    def keys(self) -> Iterator[str]:
        for folder in self.root.glob("??/*.git"):
            yield folder.stem

    def write_pack(self, key: str, objects: Sequence[ShaFile]) -> None:
        """Put objects on disk, to survive a power cut once this returns. No ref shows them yet.

        One pack, whose index appears last and at once: git sees all of the objects or none.
        """
        folder = self.path(key) / "objects" / "pack"
        draft = folder / f"tmp_{uuid4().hex}"
        try:
            with _new_durable_file(draft.with_suffix(".pack")) as pack:
                entries, checksum = write_pack_objects(
                    pack, objects, SHA1, deltify=False, compression_level=1
                )
            with _new_durable_file(draft.with_suffix(".idx")) as index:
                rows = sorted((sha, offset, crc) for sha, (offset, crc) in entries.items())
                write_pack_index_v2(index, rows, checksum)
            final = folder / f"pack-{checksum.hex()}"
            os.replace(draft.with_suffix(".pack"), final.with_suffix(".pack"))
            os.replace(draft.with_suffix(".idx"), final.with_suffix(".idx"))
            _sync_folder(folder)
        finally:
            for suffix in (".pack", ".idx"):
                draft.with_suffix(suffix).unlink(missing_ok=True)

    @contextmanager
    def refs_lock(self, key: str) -> Iterator[None]:
        """Held while refs are read from SQL and written to disk, so that the newest are last."""
        with self._locks[key]:
            yield

    def derive_refs(self, key: str, refs: Mapping[str, str]) -> None:
        """Make git's own refs say what SQL says. Call it under `refs_lock`."""
        lines = ["# pack-refs with: sorted", *(f"{refs[name]} {name}" for name in sorted(refs))]
        wanted = "\n".join(lines) + "\n"
        packed = self.path(key) / "packed-refs"
        if packed.exists() and packed.read_text() == wanted:
            return
        draft = packed.with_name(f"tmp_refs_{uuid4().hex}")
        draft.write_text(wanted)
        os.replace(draft, packed)

    def clear_leftovers(self, key: str) -> None:
        """Remove what a killed process left half-written, once nobody can be writing it."""
        oldest_kept = time.time() - LEFTOVER_AGE_S
        for pattern in ("objects/pack/tmp_*", "tmp_refs_*", "*.lock", "refs/**/*.lock"):
            for leftover in self.path(key).glob(pattern):
                if leftover.stat().st_mtime < oldest_kept:
                    leftover.unlink(missing_ok=True)


@contextmanager
def _new_durable_file(path: Path) -> Iterator[IO[bytes]]:
    with path.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A rename is only safe once its folder is: git itself forgets this, and loses commits."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
