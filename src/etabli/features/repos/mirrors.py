"""Repositories that follow one of a hub elsewhere: their rows, and where their refs are.

No actor is asked: what calls this has asked the upstream, and nobody else may change a mirror.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import uuid4

import pygit2

from etabli.features.blobs import Blobs
from etabli.features.git import GitStore, Pointer, Target, damage_named, new_pointers
from etabli.features.repos.events import RefDeleted, RepoCreated, RepoDeleted, RevisionPushed
from etabli.features.repos.models import Ref, Repo, RepoType, is_valid_ref_name, short_name
from etabli.features.repos.queries import RepoStore
from etabli.foundation.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class NamedPointer:
    """A large file, and a commit that has it at a path."""

    commit_sha: str
    path: str
    pointer: Pointer


class MirrorRepos:
    """Make mirrors, move their refs to where the upstream's are, and take mirrors away."""

    def __init__(self, work: UnitOfWork, git: GitStore, blobs: Blobs) -> None:
        self._work = work
        self._store = RepoStore(work.db)
        self._git = git
        self._holdings = blobs.holdings

    @staticmethod
    def new_key() -> str:
        """For its folder, before there is a row."""
        return uuid4().hex

    def land(self, key: str, type: RepoType, full_name: str, targets: Mapping[str, Target]) -> Repo:
        """With this transaction the mirror is there, at these refs. It reads no git.

        Raises:
            RepoExistsError: the name is taken by now.
        """
        namespace, _, name = full_name.partition("/")
        repo = Repo(
            key=key,
            type=type,
            namespace=namespace,
            name=name,
            full_name_key=full_name.lower(),
            private=False,
            is_mirror=True,
            created_at=self._work.now,
            updated_at=self._work.now,
        )
        self._store.add(repo)
        self._work.announce(RepoCreated(key, type, full_name), public=True)
        self.move_refs(repo, targets)
        return repo

    def move_refs(self, repo: Repo, targets: Mapping[str, Target]) -> bool:
        """Make the refs be these and no others; whether that changed any. Idempotent."""
        known = {ref.name: ref for ref in self._store.refs(repo.key)}
        moved = False
        for name in known.keys() - targets.keys():
            self._store.delete_ref(repo.key, name)
            self._work.announce(RefDeleted(repo.key, name), public=True)
            moved = True
        for name, target in targets.items():
            before = known.get(name)
            if before and (before.sha, before.tag_sha) == (target.commit_sha, target.tag_sha):
                continue
            self._move(repo, name, before, target)
            moved = True
        if moved:
            self._store.touch(repo.key, self._work.now)
        return moved

    def _move(self, repo: Repo, name: str, before: Ref | None, target: Target) -> None:
        if before is None:
            row = Ref(repo_key=repo.key, name=name, sha=target.commit_sha, tag_sha=target.tag_sha)
            self._store.add_ref(row)
        else:
            self._store.move_ref(repo.key, name, before.sha, target.commit_sha, target.tag_sha)
        pushed = RevisionPushed(repo.key, name, before.sha if before else None, target.commit_sha)
        self._work.announce(pushed, public=True)

    def named(self, repo: Repo, sha256s: Collection[str]) -> Mapping[str, "NamedPointer"]:
        """Where the head of a branch or a tag shows each of these large files. Of what only older
        commits show, nothing is said."""
        git, wanted = self._git.open(repo.key), set(sha256s)
        found: dict[str, NamedPointer] = {}
        seen: set[pygit2.Oid] = set()
        for sha in {ref.sha for ref in self._store.refs(repo.key)} if wanted else ():
            with damage_named():
                tree_id = git[sha].peel(pygit2.Commit).tree_id
            for path, pointer in new_pointers(git, tree_id, seen):
                if pointer.sha256 in wanted:
                    found.setdefault(pointer.sha256, NamedPointer(sha, path, pointer))
        return found

    def let_go(self, repo_key: str, sha256: str) -> None:
        """Hold one large file no longer: it can be had again from where it came. Idempotent."""
        repo = self._store.get(repo_key)
        if repo is not None and repo.is_mirror:
            self._holdings.release(repo.holder, [sha256])

    def find(self, type: RepoType, full_name: str) -> Repo | None:
        """A mirror, whatever the case of its name."""
        repo = self._store.find(type, full_name)
        return repo if repo is not None and repo.is_mirror else None

    def delete(self, repo: Repo) -> None:
        """Take a mirror away; its folder on disk goes later."""
        self._store.delete(repo.key)
        self._holdings.release_all(repo.holder)
        self._work.announce(RepoDeleted(repo.key, repo.type, repo.full_name), public=True)


def is_mirrored_ref(name: str) -> bool:
    """Whether a mirror has this ref of its upstream: a branch or a tag, named as one may be."""
    return name.startswith(("refs/heads/", "refs/tags/")) and is_valid_ref_name(short_name(name))
