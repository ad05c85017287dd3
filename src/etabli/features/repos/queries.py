"""The SQL of repos."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etabli.features.accounts import Actor, Scope
from etabli.features.blobs import HolderKind, held_bytes_of
from etabli.features.repos.errors import AccessAskedError, RefExistsError, RepoExistsError
from etabli.features.repos.models import (
    HEADS,
    AccessRequest,
    Gate,
    Grant,
    HeldRepo,
    Like,
    OldName,
    Ref,
    Repo,
    RepoType,
    RequestStatus,
    repo_of_row,
)
from etabli.foundation.db import rows_of

_REPOS, _REFS = Repo.__table__.c, Ref.__table__.c
_FIND = select(Repo).where(
    Repo.type == bindparam("type"), Repo.full_name_key == bindparam("full_name")
)
_FIND_AT_BRANCH = (
    select(*_REPOS, _REFS.sha)
    .outerjoin(Ref.__table__, and_(_REFS.repo_key == _REPOS.key, _REFS.name == bindparam("branch")))
    .where(_REPOS.type == bindparam("type"), _REPOS.full_name_key == bindparam("full_name"))
)
_REF_NAMES = select(_REFS.name).where(_REFS.repo_key == bindparam("repo_key")).order_by(_REFS.name)
_SHAS = select(_REFS.name, _REFS.sha).where(
    _REFS.repo_key == bindparam("repo_key"),
    or_(
        _REFS.name == bindparam("first"),
        _REFS.name == bindparam("second"),
        _REFS.name == bindparam("third"),
    ),
)


class RepoStore:
    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, repo: Repo) -> None:
        """Insert `repo` and fill its key.

        The unique constraint decides, not a look before the leap: two requests may race.
        """
        try:
            with self._db.begin_nested():
                self._db.add(repo)
        except IntegrityError as error:
            raise RepoExistsError(repo) from error
        self._forget_old_name(repo.type, repo.full_name_key)

    def rename(self, repo: Repo, namespace: str, name: str) -> None:
        wanted = Repo(type=repo.type, namespace=namespace, name=name)
        old_name = repo.full_name_key
        try:
            with self._db.begin_nested():
                repo.namespace, repo.name = namespace, name
                repo.full_name_key = wanted.full_name.lower()
                self._db.flush()
        except IntegrityError as error:
            raise RepoExistsError(wanted) from error
        self._forget_old_name(repo.type, repo.full_name_key)
        if old_name != repo.full_name_key:
            self._db.merge(OldName(type=repo.type, full_name_key=old_name, repo_key=repo.key))

    def find_moved(self, type: RepoType, old_name: str) -> Repo | None:
        found = self._db.get(OldName, (type, old_name.lower()))
        return self._db.get(Repo, found.repo_key) if found else None

    def _forget_old_name(self, type: RepoType, full_name_key: str) -> None:
        self._db.execute(
            delete(OldName).where(OldName.type == type, OldName.full_name_key == full_name_key)
        )

    def visible_to(self, actor: Actor, scope: Scope) -> Select[Repo]:
        """The one place that decides which repositories a list may show."""
        own = Repo.namespace.in_(actor.private_namespaces(scope))
        return select(Repo).where(or_(~Repo.private, own))

    def set_gate(self, key: str, gate: Gate | None) -> Repo | None:
        """The repository with this gate; None: it is gone."""
        repo = self.get(key)
        if repo is not None:
            repo.gate = gate
            self._db.flush()
        return repo

    def granted(self, repo_key: str, namespaces: Collection[str]) -> frozenset[str]:
        """Those of these namespaces that may read its bytes."""
        asked = select(Grant.namespace).where(
            Grant.repo_key == repo_key, Grant.namespace.in_(namespaces)
        )
        return frozenset(self._db.scalars(asked))

    def add_grant(self, grant: Grant) -> None:
        self._db.merge(grant)
        self._db.flush()

    def remove_grant(self, repo_key: str, namespace: str) -> None:
        self._db.execute(
            delete(Grant).where(Grant.repo_key == repo_key, Grant.namespace == namespace)
        )

    def access_request(self, repo_key: str, namespace: str) -> AccessRequest | None:
        asked = select(AccessRequest).where(
            AccessRequest.repo_key == repo_key, AccessRequest.namespace == namespace
        )
        return self._db.scalar(asked)

    def access_request_by_key(self, repo_key: str, key: str) -> AccessRequest | None:
        found = self._db.get(AccessRequest, key)
        return found if found is not None and found.repo_key == repo_key else None

    def access_requests(
        self, repo_key: str, status: RequestStatus, start: int, limit: int
    ) -> Sequence[AccessRequest]:
        """The newest first."""
        of_status = select(AccessRequest).where(
            AccessRequest.repo_key == repo_key, AccessRequest.status == status
        )
        newest = of_status.order_by(AccessRequest.asked_at.desc(), AccessRequest.key)
        return self._db.scalars(newest.offset(start).limit(limit)).all()

    def count_access_requests(self, repo_key: str) -> dict[RequestStatus, int]:
        counted = select(AccessRequest.status, func.count()).where(
            AccessRequest.repo_key == repo_key
        )
        return {row[0]: row[1] for row in self._db.execute(counted.group_by(AccessRequest.status))}

    def add_access_request(self, request: AccessRequest) -> None:
        """
        Raises:
            AccessAskedError: there is one of theirs by now.
        """
        try:
            with self._db.begin_nested():
                self._db.add(request)
        except IntegrityError as error:
            raise AccessAskedError from error

    def find(self, type: RepoType, full_name: str) -> Repo | None:
        return self._db.scalar(_FIND, {"type": type, "full_name": full_name.lower()})

    def find_at_branch(
        self, type: RepoType, full_name: str, branch: str
    ) -> tuple[Repo, str | None] | None:
        """A repository, to be read and not to be changed, and the commit of one of its branches:
        what nearly every request needs, in one statement."""
        asked = {"type": type, "full_name": full_name.lower(), "branch": HEADS + branch}
        for *values, sha in rows_of(self._db, _FIND_AT_BRANCH, asked):
            return repo_of_row(values), sha
        return None

    def get(self, key: str) -> Repo | None:
        return self._db.get(Repo, key)

    def is_public(self, key: str) -> bool:
        repo = self.get(key)
        return repo is not None and not repo.private

    def set_private(self, repo: Repo, private: bool) -> None:
        """At once, and so before what is announced of it, as another who does the same waits."""
        repo.private = private
        self._db.flush()

    def keys(self) -> Sequence[str]:
        return self._db.scalars(select(Repo.key)).all()

    def keys_after(self, key: str, limit: int) -> Sequence[str]:
        later = select(Repo.key).where(Repo.key > key).order_by(Repo.key).limit(limit)
        return self._db.scalars(later).all()

    def delete(self, key: str) -> None:
        self._db.execute(delete(Ref).where(Ref.repo_key == key))
        self._db.execute(delete(OldName).where(OldName.repo_key == key))
        self._db.execute(delete(Grant).where(Grant.repo_key == key))
        self._db.execute(delete(AccessRequest).where(AccessRequest.repo_key == key))
        self._db.execute(delete(Like).where(Like.repo_key == key))
        self._db.execute(delete(Repo).where(Repo.key == key))

    def add_downloads(self, key: str, count: int) -> None:
        self._db.execute(
            update(Repo).where(Repo.key == key).values(downloads=Repo.downloads + count)
        )

    def ref(self, repo_key: str, name: str) -> Ref | None:
        return self._db.get(Ref, (repo_key, name))

    def refs(self, repo_key: str) -> Sequence[Ref]:
        return self._db.scalars(
            select(Ref).where(Ref.repo_key == repo_key).order_by(Ref.name)
        ).all()

    def ref_names(self, repo_key: str) -> Sequence[str]:
        return [name for (name,) in rows_of(self._db, _REF_NAMES, {"repo_key": repo_key})]

    def shas_of(self, repo_key: str, names: tuple[str, str, str]) -> Mapping[str, str]:
        """The commits of those of these refs that there are."""
        asked = dict(zip(("first", "second", "third"), names, strict=True), repo_key=repo_key)
        return dict(map(tuple, rows_of(self._db, _SHAS, asked)))

    def sha_of_a_ref(self, repo_key: str, beginning: str) -> str | None:
        """The commit of some ref, in full."""
        asked = select(Ref.sha).where(Ref.repo_key == repo_key, Ref.sha.startswith(beginning))
        return self._db.scalar(asked.order_by(Ref.name).limit(1))

    def all_shas(self, repo_key: str) -> Sequence[str]:
        return self._db.scalars(select(Ref.sha).where(Ref.repo_key == repo_key).distinct()).all()

    def add_ref(self, ref: Ref) -> None:
        try:
            with self._db.begin_nested():
                self._db.add(ref)
        except IntegrityError as error:
            raise RefExistsError(ref.name) from error

    def delete_ref(self, repo_key: str, name: str) -> None:
        self._db.execute(delete(Ref).where(Ref.repo_key == repo_key, Ref.name == name))

    def move_ref(
        self, repo_key: str, name: str, old_sha: str, new_sha: str, tag_sha: str | None = None
    ) -> bool:
        """Compare and swap: False when the ref is no longer at `old_sha`."""
        moved = self._db.execute(
            update(Ref)
            .where(Ref.repo_key == repo_key, Ref.name == name, Ref.sha == old_sha)
            .values(sha=new_sha, tag_sha=tag_sha)
            .returning(Ref.sha)
        )
        return moved.first() is not None

    def owner_while_holding(self, repo_key: str) -> str | None:
        """The namespace of a repository that stays until the transaction ends; None: it is gone."""
        row = select(Repo.namespace).where(Repo.key == repo_key)
        return self._db.scalar(row.with_for_update(read=True, key_share=True))

    def held_in(self, namespace: str, start: int, limit: int) -> Sequence[HeldRepo]:
        held_bytes = held_bytes_of(HolderKind.REPO, Repo.key).scalar_subquery()
        newest = select(Repo, held_bytes).where(Repo.namespace == namespace)
        page = newest.order_by(Repo.updated_at.desc(), Repo.key).offset(start).limit(limit)
        return [HeldRepo(repo, int(size)) for repo, size in self._db.execute(page)]

    def full_names(self, keys: Sequence[str]) -> Sequence[str]:
        """Of those that there are, sorted."""
        rows = self._db.execute(select(Repo.namespace, Repo.name).where(Repo.key.in_(keys)))
        return sorted(f"{row.namespace}/{row.name}" for row in rows)

    def touch(self, repo_key: str, at: datetime) -> None:
        self._db.execute(update(Repo).where(Repo.key == repo_key).values(updated_at=at))
