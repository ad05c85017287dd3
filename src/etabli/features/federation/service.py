"""The verbs of federation: which upstreams there are, whose a name is, what came from where."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import exists, select

from etabli.features.accounts import (
    RESERVED,
    Accounts,
    NamespaceKind,
    is_valid_name,
)
from etabli.features.federation.backend import UpstreamBackend
from etabli.features.federation.client import FileAddress
from etabli.features.federation.errors import (
    BadUpstreamNameError,
    NotMirroredError,
    NoUpstreamError,
    UpstreamExistsError,
)
from etabli.features.federation.models import (
    BoundNamespace,
    Mirror,
    PulledFile,
    PullState,
    Trouble,
    Upstream,
)
from etabli.features.repos import Repo, RepoType
from etabli.foundation.http_client import BadUrlError
from etabli.foundation.unit_of_work import UnitOfWork

USE_NOTED_EVERY = timedelta(hours=1)
UNKNOWN_COMMIT_AGAIN = timedelta(seconds=5)
"""How soon an upstream is asked again for a commit that is not here."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}")


@dataclass(frozen=True)
class Origin:
    """Where a mirror comes from, for whoever reads of it."""

    url: str
    """Of the repository, there."""
    host: str
    asked_at: datetime
    answered_at: datetime
    trouble: Trouble
    verified: Sequence[PulledFile]
    """Its large files that came and proved right; the newest first."""
    different: Sequence[PulledFile]
    """Those that the upstream has sent, at some time, as something else than the commit names."""


class Federation:
    """Upstreams and what is known of them. It asks none of them: operations do."""

    def __init__(self, work: UnitOfWork, accounts: Accounts, backend: UpstreamBackend) -> None:
        self._work = work
        self._db = work.db
        self._accounts = accounts
        self._backend = backend

    # Upstreams

    def upstreams(self) -> Sequence[Upstream]:
        """In the order in which they are asked for a namespace that nobody has seen."""
        return self._db.scalars(select(Upstream).order_by(Upstream.added_at, Upstream.name)).all()

    def add(self, url: str, name: str | None = None, *, allow_private: bool = False) -> Upstream:
        """
        Args:
            name: None: its host's.
            allow_private: whether it may be at an address of a private network.

        Raises:
            BadUrlError, BadUpstreamNameError: neither can be so.
            UpstreamExistsError: it is one already, or another one is called so.
        """
        url = _checked_url(url)
        name = name or urlsplit(url).netloc.replace(":", "-")
        if not _NAME.fullmatch(name):
            raise BadUpstreamNameError(name)
        for known in self.upstreams():
            if known.url == url or known.name == name:
                raise UpstreamExistsError(known.name, known.url)
        made = Upstream(name=name, url=url, allow_private=allow_private, added_at=self._work.now)
        self._db.add(made)
        self._db.flush()
        return made

    def remove(self, name: str) -> Upstream:
        """Ask it no more. Its mirrors stay, and their namespaces are bound to it still.

        Raises:
            NoUpstreamError: there is none of that name.
        """
        found = self._db.get(Upstream, name)
        if found is None:
            raise NoUpstreamError(name)
        self._db.delete(found)
        self._db.flush()
        return found

    # Whose a name is

    def may_have(self, type: RepoType, full_name: str) -> bool:
        """Whether some upstream is to be asked for a repository that is not here."""
        return not self._backend.is_missed(type, full_name) and bool(self.candidates(full_name))

    def candidates(self, full_name: str) -> Sequence[Upstream]:
        """Who is asked for it, in this order: nobody for a name of a namespace of this hub, one for
        a namespace that is bound, and all while nobody has seen the namespace."""
        namespace, _, name = full_name.partition("/")
        if not is_valid_name(namespace) or not is_valid_name(name):
            return []
        known = self._accounts.find_namespace(namespace)
        if known is not None and known.kind is not NamespaceKind.MIRROR:
            return []
        upstreams = self.upstreams()
        bound = self._db.get(BoundNamespace, namespace.lower())
        if bound is not None:
            return [one for one in upstreams if one.url == bound.url]
        return [] if namespace.lower() in RESERVED else upstreams

    def bind(self, namespace: str, upstream: Upstream) -> None:
        """Say whose a namespace is, for good. Idempotent for the same upstream.

        Raises:
            NameTakenError: it is somebody else's meanwhile.
            InvalidNameError: nobody may have it here.
        """
        bound = self._db.get(BoundNamespace, namespace.lower())
        if bound is not None and bound.url == upstream.url:
            return
        self._accounts.bind_namespace(namespace)
        self._db.add(
            BoundNamespace(name_key=namespace.lower(), url=upstream.url, bound_at=self._work.now)
        )
        self._db.flush()

    def unbind(self, namespace: str) -> None:
        """Let a namespace go, whose mirrors were taken away.

        Raises:
            NotMirroredError: it is bound to nobody.
        """
        bound = self._db.get(BoundNamespace, namespace.lower())
        if bound is None:
            raise NotMirroredError(namespace)
        self._db.delete(bound)
        self._accounts.free_namespace(namespace)

    def origin_of_namespace(self, namespace: str) -> str | None:
        """The address of the upstream that it is bound to."""
        bound = self._db.get(BoundNamespace, namespace.lower())
        return bound.url if bound else None

    # Mirrors

    def mirror(self, repo_key: str) -> Mirror | None:
        return self._db.get(Mirror, repo_key)

    def upstream_of(self, mirror: Mirror) -> Upstream | None:
        """None when it was removed: then what is here is all that there is."""
        return self._db.scalar(select(Upstream).where(Upstream.url == mirror.url))

    def note_made(self, repo: Repo, upstream: Upstream) -> None:
        now = self._work.now
        self._db.add(
            Mirror(repo_key=repo.key, url=upstream.url, made_at=now, asked_at=now, answered_at=now)
        )
        self._db.flush()

    def note_asked(self, repo_key: str, trouble: Trouble) -> None:
        """What came of asking its upstream now."""
        mirror = self.mirror(repo_key)
        if mirror is None:
            return
        mirror.asked_at, mirror.trouble = self._work.now, trouble
        if trouble is Trouble.NONE:
            mirror.answered_at = self._work.now
        self._db.flush()

    def is_due(self, mirror: Mirror, *, lacks_commit: bool = False) -> bool:
        """Whether its upstream is to be asked again before an answer.

        Args:
            lacks_commit: the answer is to be of a commit that is not here.
        """
        after = self._backend.ask_again_after
        if lacks_commit:
            after = min(after, UNKNOWN_COMMIT_AGAIN)
        is_old = mirror.asked_at + after <= self._work.now
        return is_old and self.upstream_of(mirror) is not None

    def origin(self, repo: Repo) -> Origin | None:
        """Where a repository comes from; None when it is at home here."""
        mirror = self.mirror(repo.key) if repo.is_mirror else None
        if mirror is None:
            return None
        files = select(PulledFile).where(PulledFile.repo_key == repo.key)
        newest = self._db.scalars(files.order_by(PulledFile.started_at.desc())).all()
        prefix = "" if repo.type is RepoType.MODEL else f"{repo.type}s/"
        return Origin(
            f"{mirror.url}/{prefix}{repo.full_name}",
            urlsplit(mirror.url).netloc,
            mirror.asked_at,
            mirror.answered_at,
            mirror.trouble,
            [one for one in newest if one.state in (PullState.VERIFIED, PullState.LET_GO)],
            [one for one in newest if one.differences],
        )

    def mirrors_of(self, upstream_url: str) -> int:
        """How many repositories are from there."""
        return len(
            self._db.scalars(select(Mirror.repo_key).where(Mirror.url == upstream_url)).all()
        )

    def mirrored_in(self, namespace: str) -> Sequence[Repo]:
        """All mirrors in a namespace, whatever the case of its letters."""
        start = f"{namespace.lower()}/"
        mirrors = select(Repo).where(
            Repo.is_mirror, Repo.full_name_key.startswith(start, autoescape=True)
        )
        return self._db.scalars(mirrors.order_by(Repo.full_name_key)).all()

    # Large files

    def pulled(self, repo_key: str, sha256: str) -> PulledFile | None:
        return self._db.get(PulledFile, (repo_key, sha256))

    def failed_of_late(self, pull: PulledFile) -> bool:
        """Whether it is too soon to ask for it again."""
        failed = pull.state in (PullState.DIFFERENT, PullState.CUT) and pull.ended_at is not None
        return (
            failed
            and (pull.ended_at or self._work.now) + self._backend.ask_again_after > self._work.now
        )

    def is_tainted(self, sha256: str) -> bool:
        """Whether somebody may have the beginning of something else under this name."""
        tainted = exists().where(PulledFile.sha256 == sha256, PulledFile.is_tainted)
        return bool(self._db.scalar(select(tainted)))

    def note_started(self, repo: Repo, sha256: str, size_bytes: int, file: FileAddress) -> None:
        """A download begins; call it when no other of the same can be under way.

        Raises:
            NotMirroredError: the mirror was taken away.
        """
        now = self._work.now
        if self.mirror(repo.key) is None:
            raise NotMirroredError(repo.full_name)
        pull = self.pulled(repo.key, sha256)
        if pull is None:
            pull = PulledFile(
                repo_key=repo.key,
                sha256=sha256,
                size_bytes=size_bytes,
                differences=0,
                is_tainted=False,
                found="",
            )
            self._db.add(pull)
        elif pull.state is PullState.UNDER_WAY:
            pull.is_tainted = True  # the one before had no end: the machine stopped
        pull.path, pull.commit_sha = file.path, file.commit_sha
        pull.state = PullState.UNDER_WAY
        pull.started_at, pull.ended_at, pull.used_at = now, None, now
        self._db.flush()

    def note_ended(self, repo_key: str, sha256: str, state: PullState, found: str = "") -> None:
        """What became of it. What did not prove right may have been sent on in part."""
        pull = self.pulled(repo_key, sha256)
        if pull is None:
            return
        pull.state, pull.ended_at = state, self._work.now
        if state is not PullState.VERIFIED:
            pull.is_tainted = True
        if state is PullState.DIFFERENT:
            pull.found, pull.differed_at = found, self._work.now
            pull.differences += 1
        self._db.flush()

    def differences(self) -> Sequence[tuple[Repo, PulledFile]]:
        """All evidence of files that were not what their commits name; the newest first."""
        asked = (
            select(Repo, PulledFile)
            .join(PulledFile, PulledFile.repo_key == Repo.key)
            .where(PulledFile.differences > 0)
            .order_by(PulledFile.differed_at.desc())
        )
        return [(repo, pull) for repo, pull in self._db.execute(asked)]

    def note_uses(self, uses: Mapping[tuple[str, str], datetime]) -> None:
        """When these large files, by their mirrors and their SHA-256, were last asked for."""
        for (repo_key, sha256), at in uses.items():
            pull = self.pulled(repo_key, sha256)
            if pull is not None and pull.used_at + USE_NOTED_EVERY <= at:
                pull.used_at = at

    def let_go_of_some(self, at_most: int, size_bytes: int) -> Sequence[tuple[str, str]]:
        """Of the files that are kept, those that were asked for the longest ago, until they make so
        much together: their mirrors and their SHA-256. From now on they are not counted as kept."""
        kept = select(PulledFile).where(PulledFile.state == PullState.VERIFIED)
        gone: list[PulledFile] = []
        for pull in self._db.scalars(kept.order_by(PulledFile.used_at).limit(at_most)):
            if sum(one.size_bytes for one in gone) >= size_bytes:
                break
            pull.state = PullState.LET_GO
            gone.append(pull)
        self._db.flush()
        return [(one.repo_key, one.sha256) for one in gone]


def _checked_url(url: str) -> str:
    """
    Raises:
        BadUrlError: it is no address of a hub, or holds a password.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for what is no number
    except ValueError as error:
        raise BadUrlError(url) from error
    is_plain = url.isprintable() and " " not in url and not (parts.query or parts.fragment)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in url or not is_plain:
        raise BadUrlError(url)
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
