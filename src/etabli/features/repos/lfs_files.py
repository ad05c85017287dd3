"""The large files of repositories: which one a repository holds, and their bytes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from etabli.features.blobs import SHA256S_OF_A_HOLDER, Blobs, Space
from etabli.features.git import (
    AddFile,
    AddPointer,
    Attributes,
    Change,
    Pointer,
    ReadLarge,
    read_pointer,
)
from etabli.features.repos.errors import (
    FileNotHereYetError,
    LargeFileNotHeldError,
    LargeFileSizeError,
    RepoNotFoundError,
)
from etabli.features.repos.models import Repo, holder_of
from etabli.features.repos.queries import RepoStore
from etabli.foundation.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class UnnamedBlobs:
    """What a repository holds for nothing, as long as its refs are these."""

    refs: Mapping[str, str]
    sha256s: Sequence[str]
    before: datetime
    """Nobody sent them, or asked whether they are here, since then."""


class LargeFiles:
    """What repositories hold, and how that decides: knowing a hash is no right to read."""

    def __init__(self, work: UnitOfWork, store: RepoStore, blobs: Blobs) -> None:
        self._work = work
        self._store = store
        self._blobs = blobs
        self._holdings = blobs.holdings

    def reader(self, repo_key: str) -> ReadLarge:
        """Reads the bytes of what this repository holds, and of nothing else."""

        def read(pointer: Pointer, start: int, end: int) -> Iterator[bytes]:
            try:
                self.check_held(repo_key, [pointer])
            except LargeFileNotHeldError as error:
                repo = self._store.get(repo_key)
                if repo is not None and repo.is_mirror:
                    raise FileNotHereYetError(repo.full_name) from error
                raise
            return self._blobs.read(self._blobs.get(pointer.sha256), start, end)

        return read

    def hold(self, repo: Repo, more: Mapping[str, int], charged_to: str | None = None) -> None:
        """Note that a repository holds these: all of them, or none. Idempotent.

        Args:
            more: the SHA-256 and the size of each.
            charged_to: whose they count as, until the proposal that they are for is merged.

        Raises:
            QuotaReachedError: see `require_room`.
            RepoNotFoundError: it was deleted meanwhile.
        """
        owner = self._store.owner_while_holding(repo.key)
        if owner is None:
            raise RepoNotFoundError(repo.full_name)
        self._holdings.hold(repo.holder, more, owner, charged_to)

    def require_room(
        self, repo: Repo, more: Mapping[str, int], charged_to: str | None = None
    ) -> None:
        """
        Raises:
            QuotaReachedError: the namespace that it counts for would hold more than it may.
        """
        self._holdings.require_room(repo.holder, more, repo.namespace, charged_to)

    def check_held(self, repo_key: str, pointers: Sequence[Pointer]) -> None:
        """
        Raises:
            LargeFileNotHeldError: the repository does not hold the bytes of one.
            LargeFileSizeError: they are not as many as the pointer says.
        """
        links = self._holdings.find(holder_of(repo_key), [pointer.sha256 for pointer in pointers])
        for pointer in pointers:
            link = links.get(pointer.sha256)
            if link is None:
                raise LargeFileNotHeldError(pointer.sha256)
            if link.size_bytes != pointer.size_bytes:
                raise LargeFileSizeError(pointer.sha256, link.size_bytes, pointer.size_bytes)

    def space(self, repo_key: str) -> Space:
        return self._blobs.space(SHA256S_OF_A_HOLDER, **holder_of(repo_key).values)

    def unnamed(self, repo_key: str, named: Collection[str], before: datetime) -> list[str]:
        """What the repository holds since before then, and no commit of it names."""
        links = self._holdings.all_of(holder_of(repo_key))
        return [
            link.sha256 for link in links if link.held_at <= before and link.sha256 not in named
        ]

    def check(self, repo_key: str, changes: Iterable[Change]) -> list[Change]:
        """The same changes, the size of each large file known.

        Whoever sends the text of a pointer sends a large file too, and needs its bytes as much.

        Raises:
            LargeFileNotHeldError, LargeFileSizeError: see `check_held`.
        """
        kept = list(changes)
        named = [one.sha256 for one in kept if isinstance(one, AddPointer)]
        links = self._holdings.find(holder_of(repo_key), named) if named else {}
        for place, change in enumerate(kept):
            if isinstance(change, AddPointer) and change.size_bytes is None:
                if change.sha256 not in links:
                    raise LargeFileNotHeldError(change.sha256)
                kept[place] = replace(change, size_bytes=links[change.sha256].size_bytes)
        pointers = [pointer for change in kept if (pointer := _pointer(change))]
        self.check_held(repo_key, pointers)
        return kept


def is_large(attributes: Attributes, change: Change) -> bool:
    """Whether the bytes of this change are to lie in blobs, and do not yet."""
    return (
        isinstance(change, AddFile)
        and attributes.is_large(change.path, len(change.content))
        and read_pointer(change.content) is None
    )


def _pointer(change: Change) -> Pointer | None:
    match change:
        case AddPointer(_, sha256, size_bytes):
            return Pointer(sha256, size_bytes or 0)
        case AddFile(_, content):
            return read_pointer(content)
    return None
