"""What is asked of the disk while a transaction that writes is open: others wait for it."""

import functools
from collections.abc import Sequence
from contextlib import contextmanager

import pygit2
import pytest

from etabli.features.blobs import StagedFile
from etabli.features.git import GitStore
from etabli.foundation.db import Database

FROM_GIT = ("__getitem__", "get", "walk", "descendant_of", "merge_base", "merge_commits")
OF_FILES = ("write", "hash_existing", "finish")
ON_DISK = ("open", "create", "copy_objects", "write_pack", "quarantine", "derive_refs", "delete")


def watched_writer(monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """What was asked of git, and of files that arrive, while a writer was at it, in any thread."""
    open_now, seen = [0], list[str]()
    begin = Database.transaction

    @contextmanager
    def counted(self):
        with begin(self) as session:
            open_now[0] += 1
            try:
                yield session
            finally:
                open_now[0] -= 1

    def watched(owner, name):
        real = getattr(owner, name)

        @functools.wraps(real)
        def call(*given, **named):
            if open_now[0]:
                seen.append(name)
            return real(*given, **named)

        monkeypatch.setattr(owner, name, call)

    monkeypatch.setattr(Database, "transaction", counted)
    for name in FROM_GIT:
        watched(pygit2.Repository, name)
    for name in ON_DISK:
        watched(GitStore, name)
    for name in OF_FILES:
        watched(StagedFile, name)
    return seen


def held_connections(database: Database) -> int:
    """How many units of work hold one now."""
    engines = (database.engine, database.reading_engine)
    return sum(engine.pool.checkedout() for engine in engines)
