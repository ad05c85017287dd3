"""The backup of a hub in one tar file, made while it runs, and the way back.

In the file: the database as of one moment, then the folders that it speaks of, then a manifest with
the SHA-256 of each. In that order, because a hub writes content first and points to it last: what
the database of the backup names is on disk already.
"""

import errno
import hashlib
import json
import logging
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Self, cast

from etabli.cli import postgres
from etabli.cli.backup_errors import (
    BackupFailedError,
    BackupInsideError,
    DamagedBackupError,
    NotEmptyError,
    OtherDatabaseError,
)
from etabli.features.blobs import STAGING
from etabli.features.git import BrokenRepoError
from etabli.foundation.db import Database
from etabli.foundation.durable_files import make_read_only
from etabli.foundation.file_turns import SUFFIXES
from etabli.operations import refs
from etabli.server import writer_figures
from etabli.settings import Settings
from etabli.site import Site

log = logging.getLogger(__name__)

FORMAT = 1
DATABASE, DATA, MANIFEST = "database", "data", "manifest.json"
NEVER_KEPT = frozenset(("serving", "server.json", "server.lock"))
"""What a running hub makes anew: models being served, and where it can be reached."""
BLOCK_BYTES = 1024 * 1024
_PRIVATE = 0o600


@dataclass(frozen=True)
class Backup:
    count: int
    """Files in it."""
    unread: Sequence[Path]
    """Those that the disk could not read: they are missing in it, or full of zeros at their end."""


def back_up(site: Site, file: Path) -> Backup:
    """Write the backup of `site` to `file`.

    The file appears at once and complete, or not at all. What cannot be read is named, and keeps
    nothing else from being kept.

    Raises:
        BackupInsideError, BackupFailedError: it cannot be written there.
    """
    data_dir = site.settings.data_dir.resolve()
    if file.resolve().is_relative_to(data_dir):
        raise BackupInsideError(data_dir)
    draft = file.with_name(f"tmp_{os.getpid()}_{file.name}")
    try:
        with (
            open(draft, "xb", opener=_open_privately) as target,
            site.backends.git.all_packs_stay(),
        ):
            backup = _write(site, data_dir, target)
            target.flush()
            os.fsync(target.fileno())
        os.replace(draft, file)
        _sync_folder(file.resolve().parent)
    except OSError as error:
        raise BackupFailedError(error) from error
    finally:
        draft.unlink(missing_ok=True)
    return backup


def restore(settings: Settings, file: Path) -> int:
    """Fill an empty data folder, and an empty database, from a backup; the number of files.

    Raises:
        NotEmptyError: there is something already.
        DamagedBackupError: a file is missing or is not what it was. Nothing is left behind.
        OtherDatabaseError: the backup is of another kind of database.
    """
    data_dir = settings.data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    if any(data_dir.iterdir()):
        raise NotEmptyError(data_dir)
    database = Database(settings.resolved_database_url)
    try:
        with _cleared_on_failure(data_dir):
            hashes = _unpack(file, data_dir)
            _place_database(database, data_dir, file)
            os.sync()
    finally:
        database.close()
    _set_right(Site(settings))
    return len(hashes)


def _set_right(site: Site) -> None:
    """Make anew what a backup leaves out: steps since, empty folders, git's own refs."""
    site.migrate()
    with site.read_hub() as hub:
        keys = hub.repos.keys()
    for key in keys:
        try:
            if site.backends.git.has(key):
                site.backends.git.create(key)
            refs.derive_refs(site, key)
        except BrokenRepoError as error:
            log.warning("the repository %s was not set right: %s", key, error)
    site.close()


def _write(site: Site, data_dir: Path, target: IO[bytes]) -> Backup:
    hashes: dict[str, str] = {}
    unread: list[Path] = []
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        with _snapshot(site.database, data_dir) as database:
            with _Source(database) as source:
                hashes[DATABASE] = _add(archive, DATABASE, source)
            if source.failed:
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(database))
        for path in sorted(_kept_files(data_dir, _files_of(site.database))):
            name = f"{DATA}/{path.relative_to(data_dir).as_posix()}"
            try:
                source = _Source(path)
            except FileNotFoundError:
                continue  # deleted since: a repository that is gone, a draft that is done
            except OSError:
                unread.append(path)
                continue
            with source:
                hashes[name] = _add(archive, name, source)
            if source.failed:
                unread.append(path)
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(),
            "database": site.database.engine.dialect.name,
            "sha256": hashes,
        }
        content = json.dumps(manifest, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(content), _PRIVATE
        archive.addfile(info, BytesIO(content))
    return Backup(len(hashes), unread)


@contextmanager
def _snapshot(database: Database, data_dir: Path) -> Iterator[Path]:
    """A file with the whole database as of one moment."""
    path = data_dir / f"tmp_backup_{os.getpid()}"
    try:
        if database.is_sqlite:
            source, target = (
                sqlite3.connect(str(database.engine.url.database)),
                sqlite3.connect(path),
            )
            with closing(source), closing(target):
                source.backup(target)
        else:
            postgres.dump(database.engine.url, path)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _kept_files(data_dir: Path, database_files: frozenset[Path]) -> Iterator[Path]:
    """What is worth keeping: whole files, and none that can be made anew."""
    for folder, folders, names in os.walk(data_dir):
        here = Path(folder)
        if here == data_dir:
            folders[:] = [name for name in folders if name not in NEVER_KEPT]
            names = [name for name in names if not _is_made_anew(name)]
        folders[:] = [name for name in folders if not name.startswith("tmp_")]
        for name in names:
            path = here / name
            is_derived = name == "packed-refs" and here.suffix == ".git"
            is_draft = name.startswith("tmp_") or name.endswith(".lock")
            if not (is_derived or is_draft or path in database_files or path.is_symlink()):
                yield path


def _is_made_anew(name: str) -> bool:
    return name in NEVER_KEPT or name.startswith(writer_figures.PREFIX)


def _files_of(database: Database) -> frozenset[Path]:
    if not database.is_sqlite:
        return frozenset()
    path = Path(str(database.engine.url.database)).resolve()
    return frozenset(
        path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm", *SUFFIXES)
    )


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: "IO[bytes] | _Source") -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        block = self._file.read(size)
        self._hash.update(block)
        return block

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class _Source:
    """A file to keep, as long as it is now: a log may grow meanwhile, and a disk may fail. Where it
    cannot be read there are zeros, since what is before it in the archive says how long it is."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.about = os.fstat(self._file.fileno())
        self.failed = False
        self._left_bytes = self.about.st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int = -1, /) -> bytes:
        """As many bytes as were asked for, up to the end."""
        wanted = self._left_bytes if size < 0 else min(size, self._left_bytes)
        self._left_bytes -= wanted
        block = b""
        while len(block) < wanted and (piece := self._piece(wanted - len(block))):
            block += piece
        return block.ljust(wanted, b"\0")

    def _piece(self, wanted: int) -> bytes:
        try:
            piece = b"" if self.failed else self._file.read(wanted)
        except OSError:
            piece = b""
        self.failed = not piece
        return piece or b""


def _add(archive: tarfile.TarFile, name: str, source: _Source) -> str:
    """Add a file; its SHA-256."""
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = source.about.st_size, source.about.st_mtime, _PRIVATE
    hashed = _Hashed(source)
    archive.addfile(info, cast(IO[bytes], hashed))
    return hashed.sha256


def _unpack(file: Path, data_dir: Path) -> Mapping[str, str]:
    """The files of a backup, in `data_dir`; the database is left in `tmp_database`."""
    hashes: dict[str, str] = {}
    manifest = b""
    try:
        with tarfile.open(file, "r|") as archive:
            for member in archive:
                source = archive.extractfile(member)
                if source is None:
                    raise DamagedBackupError(file, member.name)
                if member.name == MANIFEST:
                    manifest = source.read()
                else:
                    target = _target(data_dir, file, member.name)
                    hashes[member.name] = _copy(source, target)
                    if _never_changes(member.name):
                        make_read_only(target)
        said = json.loads(manifest)["sha256"]
    except (tarfile.TarError, ValueError, KeyError, EOFError, FileNotFoundError) as error:
        raise DamagedBackupError(file, MANIFEST) from error
    for name in sorted(hashes.keys() | said.keys()):
        if hashes.get(name) != said.get(name):
            raise DamagedBackupError(file, name)
    if json.loads(manifest).get("format") != FORMAT:
        raise DamagedBackupError(file, MANIFEST)
    (data_dir / "tmp_kind").write_text(json.loads(manifest)["database"])
    return hashes


def _target(data_dir: Path, file: Path, name: str) -> Path:
    """Where a member of the archive goes. One that would go elsewhere makes the file a bad one."""
    if name == DATABASE:
        return data_dir / "tmp_database"
    parts = PurePosixPath(name).parts
    if len(parts) < 2 or parts[0] != DATA or ".." in parts or "\0" in name:
        raise DamagedBackupError(file, name)
    return data_dir.joinpath(*parts[1:])


def _never_changes(name: str) -> bool:
    """What a hub puts in its place complete, and read-only: large files, and the packs of git."""
    parts = PurePosixPath(name).parts
    is_large_file = parts[1:2] == ("blobs",) and parts[2:3] != (STAGING,)
    return is_large_file or parts[-2:-1] == ("pack",)


def _copy(source: IO[bytes], target: Path) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    hashed = _Hashed(source)
    with target.open("xb") as file:
        while block := hashed.read(BLOCK_BYTES):
            file.write(block)
    return hashed.sha256


def _place_database(database: Database, data_dir: Path, file: Path) -> None:
    kind = data_dir / "tmp_kind"
    if kind.read_text() != database.engine.dialect.name:
        raise OtherDatabaseError(kind.read_text())
    kind.unlink()
    snapshot = data_dir / "tmp_database"
    if not snapshot.exists():
        raise DamagedBackupError(file, DATABASE)
    if database.is_sqlite:
        wanted = Path(str(database.engine.url.database))
        if wanted.exists():
            raise NotEmptyError(wanted)
        shutil.move(snapshot, wanted)
    else:
        if not postgres.is_empty(database):
            raise NotEmptyError(database.engine.url.database)
        postgres.load(database.engine.url, snapshot)
        snapshot.unlink()


@contextmanager
def _cleared_on_failure(folder: Path) -> Iterator[None]:
    """A folder that was empty is empty again when the block raises."""
    done = False
    try:
        yield
        done = True
    finally:
        if not done:
            for path in folder.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _open_privately(path: str, flags: int) -> int:
    """Whoever reads a backup reads every private repository."""
    return os.open(path, flags, _PRIVATE)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
