"""What was read of commits, kept in memory within bounds: a commit never changes, so that none of
it is ever out of date.

It is kept by the key of the repository and the SHA-1 of the commit. Whoever has a snapshot has been
let into the repository, and asks for nothing of another one.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from etabli.foundation.lru import LruCache

if TYPE_CHECKING:
    from etabli.features.git.tree import Entry

MAX_COMMITS = 20_000
MAX_ENTRY_BYTES = 8_000_000
"""Of what was looked up by its path, in all; what is not there counts too. As much is in lists."""
MAX_LISTED = 2_000
"""Files and folders in one list that is kept."""
MAX_FILE_BYTES = 64 * 1024
MAX_CONTENT_BYTES = 16_000_000
"""Of the contents of files, in all."""
_BESIDE_BYTES = 500
"""About what Python takes for an entry, and for each value that is kept, beside its text."""


class _Caches:
    def __init__(self) -> None:
        self.commits: LruCache[tuple[str, str], bool] = LruCache(MAX_COMMITS)
        self.entries: LruCache[tuple[str, str, str], tuple[Entry | None]]
        self.entries = LruCache(MAX_ENTRY_BYTES)
        self.lists: LruCache[tuple[str, str, str, bool], Sequence[Entry]]
        self.lists = LruCache(MAX_ENTRY_BYTES)
        self.files: LruCache[tuple[str, str], bytes] = LruCache(MAX_CONTENT_BYTES)


_shared = _Caches()
"""Of this process."""


class KeptReads:
    """Of one repository at one commit."""

    def __init__(self, repo_key: str, commit_sha: str, *, from_disk: bool = False) -> None:
        """`from_disk`: nothing that was read before counts, nor is anything kept for others."""
        self._repo_key = repo_key
        self._commit_sha = commit_sha
        self._in = _Caches() if from_disk else _shared

    def has_commit(self) -> bool:
        """Whether the commit was there when it was last read."""
        return self._in.commits.find((self._repo_key, self._commit_sha)) is not None

    def keep_commit(self) -> None:
        self._in.commits.keep((self._repo_key, self._commit_sha), True)

    def entry(self, path: str) -> "tuple[Entry | None] | None":
        """What is at a path, which may be nothing; None when it was not looked up."""
        return self._in.entries.find((self._repo_key, self._commit_sha, path))

    def keep_entry(self, path: str, entry: "Entry | None") -> None:
        size_bytes = _BESIDE_BYTES + 2 * len(path)
        self._in.entries.keep((self._repo_key, self._commit_sha, path), (entry,), size_bytes)

    def listed(self, folder: str, *, recursive: bool) -> "Sequence[Entry] | None":
        return self._in.lists.find((self._repo_key, self._commit_sha, folder, recursive))

    def keep_list(self, folder: str, entries: "Sequence[Entry]", *, recursive: bool) -> None:
        place = (self._repo_key, self._commit_sha, folder, recursive)
        size_bytes = sum(_BESIDE_BYTES + len(entry.path) for entry in entries)
        self._in.lists.keep(place, entries, _BESIDE_BYTES + size_bytes)

    def content(self, sha: str) -> bytes | None:
        """A file's bytes in git, by its SHA-1 in git."""
        return self._in.files.find((self._repo_key, sha))

    def keep_content(self, sha: str, content: bytes) -> None:
        if len(content) <= MAX_FILE_BYTES:
            self._in.files.keep((self._repo_key, sha), content, _BESIDE_BYTES + len(content))
