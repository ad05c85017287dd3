"""New repositories: what is slow is done on disk first, and a short transaction makes them true."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from etabli.features.accounts import Actor
from etabli.features.blobs import StagedFile
from etabli.features.git import AddFile, AddPointer, Change
from etabli.features.repos import DEFAULT_SDK, NewRepo, Repo, RepoType, write_commits
from etabli.hub import Hub
from etabli.operations import blobs, refs
from etabli.site import Site

PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Prepared:
    """A repository that waits on disk for its rows."""

    new: NewRepo
    sha: str
    large: Sequence[StagedFile]

    def land(self, hub: Hub, actor: Actor) -> Repo:
        """
        Raises: as `Repos.land_new`.
        """
        repo = hub.repos.land_new(actor, self.new, self.sha)
        for staged in self.large:
            blobs.hold(hub, repo, staged)
        return repo


def create(
    site: Site,
    actor: Actor,
    type: RepoType,
    namespace: str,
    name: str,
    *,
    private: bool | None = None,
    sdk: str = DEFAULT_SDK,
) -> Repo:
    """A repository with one commit, which says which files are large.

    Raises: as `Repos.create`.
    """
    with site.read_hub() as hub:
        new = hub.repos.plan(actor, type, namespace, name, private=private, sdk=sdk)
    with prepared(site, new) as waiting, site.open_hub() as hub:
        repo = waiting.land(hub, actor)
    refs.derive_refs(site, repo.key)
    return repo


@contextmanager
def prepared(
    site: Site, new: NewRepo, files: Mapping[str, Path | bytes] | None = None, message: str = ""
) -> Iterator[Prepared]:
    """Its commits and its large files, safe on disk; nothing of them stays if the block raises.

    Args:
        files: what it is to hold by path; one that lies on disk is read piece by piece if large.

    Raises:
        InvalidPathError, PathClashError, BadCardError: see `write_commits`.
        DiskFullError: there is no room.
    """
    with site.backends.git.unfinished(new.key), ExitStack() as staging:
        large: list[StagedFile] = []
        changes: list[Change] = []
        attributes = new.attributes()
        for path, content in (files or {}).items():
            if attributes.is_large(path, _size_bytes(content)):
                staged = staging.enter_context(site.backends.blobs.stage())
                _copy(content, staged)
                blobs.store(site, staged)
                large.append(staged)
                changes.append(AddPointer(path, staged.sha256, staged.size_bytes))
            else:
                whole = content if isinstance(content, bytes) else content.read_bytes()
                changes.append(AddFile(path, whole))
        yield Prepared(new, write_commits(site.backends.git, new, changes, message), large)


def _size_bytes(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _copy(content: Path | bytes, staged: StagedFile) -> None:
    if isinstance(content, bytes):
        staged.write(content)
    else:
        with content.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                staged.write(piece)
    staged.finish()
