"""The large files of repositories: which one a repository holds, and their bytes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from etabli.features.blobs import Blobs, Space
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
    LargeFileNotHeldError,
    LargeFileSizeError,
)
from etabli.features.repos.models import Repo, RepoBlob
from etabli.features.repos.queries import BLOBS_OF_A_REPO, RepoStore
from etabli.features.repos.quota import Quota
from etabli.foundation.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class UnnamedBlobs:
    """What a repository holds for nothing, as long as its refs are these."""

    refs: Mapping[str, str]
    sha256s: Sequence[str]
    before: datetime
    """Nobody sent them, or asked whether they are here, since then."""


class LargeFiles:
    """What `repo_blobs` says, and how it decides: knowing a hash is no right to read."""

    def __init__(self, work: UnitOfWork, store: RepoStore, blobs: Blobs, quota: Quota) -> None:
        self._work = work
        self._store = store
        self._blobs = blobs
        self._quota = quota

    def reader(self, repo_key: str) -> ReadLarge:
        """Reads the bytes of what this repository holds, and of nothing else."""

        def read(pointer: Pointer, start: int, end: int) -> Iterator[bytes]:
            self.check_held(repo_key, [pointer])
            return self._blobs.read(self._blobs.get(pointer.sha256), start, end)

        return read

    def hold(self, repo: Repo, more: Mapping[str, int], brought_by: str | None = None) -> None:
        """Note that a repository holds these: all of them, or none. Idempotent.

        Args:
            more: the SHA-256 and the size of each.
            brought_by: whose they count as, until the proposal that they are for is merged.

        Raises:
            QuotaReachedError: see `require_room`.
        """
        self.require_room(repo, more, brought_by)
        for sha256, size_bytes in more.items():
            self._store.link_blob(
                RepoBlob(
                    repo_key=repo.key,
                    sha256=sha256,
                    size_bytes=size_bytes,
                    linked_at=self._work.now,
                    brought_by=brought_by,
                )
            )

    def require_room(
        self, repo: Repo, more: Mapping[str, int], brought_by: str | None = None
    ) -> None:
        """
        Raises:
            QuotaReachedError: the namespace that it counts for would hold more than it may.
        """
        if not self._quota.is_limited:
            return
        links = self._store.blob_links(repo.key, list(more))
        # What others have counted as theirs is new to the repository's own count.
        held = {link.sha256 for link in links.values() if brought_by or not link.brought_by}
        new_bytes = sum(size for sha256, size in more.items() if sha256 not in held)
        namespace = brought_by or repo.namespace
        self._quota.require(namespace, self._store.held_bytes(namespace), new_bytes)

    def check_held(self, repo_key: str, pointers: Sequence[Pointer]) -> None:
        """
        Raises:
            LargeFileNotHeldError: the repository does not hold the bytes of one.
            LargeFileSizeError: they are not as many as the pointer says.
        """
        links = self._store.blob_links(repo_key, [pointer.sha256 for pointer in pointers])
        for pointer in pointers:
            link = links.get(pointer.sha256)
            if link is None:
                raise LargeFileNotHeldError(pointer.sha256)
            if link.size_bytes != pointer.size_bytes:
                raise LargeFileSizeError(pointer.sha256, link.size_bytes, pointer.size_bytes)

    def space(self, repo_key: str) -> Space:
        return self._blobs.space(BLOBS_OF_A_REPO, repo_key=repo_key)

    def all_needed(self) -> set[str]:
        """The SHA-256 of every large file that some repository holds."""
        return set(self._store.all_blob_hashes())

    def unnamed(self, repo_key: str, named: Collection[str], before: datetime) -> list[str]:
        """What the repository holds since before then, and no commit of it names."""
        links = self._store.all_blob_links(repo_key)
        return [
            link.sha256 for link in links if link.linked_at <= before and link.sha256 not in named
        ]

    def check(self, repo_key: str, changes: Iterable[Change]) -> list[Change]:
        """The same changes, the size of each large file known.

        Whoever sends the text of a pointer sends a large file too, and needs its bytes as much.

        Raises:
            LargeFileNotHeldError, LargeFileSizeError: see `check_held`.
        """
        kept = list(changes)
        named = [one.sha256 for one in kept if isinstance(one, AddPointer)]
        links = self._store.blob_links(repo_key, named) if named else {}
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
