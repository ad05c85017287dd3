"""Operations on buckets: looked up first, by reading; then written, in one short transaction."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from etabli.features.accounts import Actor, Permission
from etabli.features.blobs import QuotaReachedError
from etabli.features.buckets import (
    EMPTY_SHA256,
    Bucket,
    BytesNotHereError,
    Change,
    PutFile,
    Refused,
    RemoveFile,
)
from etabli.features.repos import Repo, RepoType
from etabli.foundation.errors import (
    EtabliError,
    ForbiddenError,
    LimitError,
    NotFoundError,
    UnauthenticatedError,
)
from etabli.foundation.i18n.messages import msg
from etabli.hub import Hub
from etabli.site import Site

MAX_SOURCES = 20
"""Repositories and buckets that one batch copies from: the history of each is looked through."""
EMPTY_FILE_HASH = "0" * 64
"""Xet's name for no bytes. Nobody sends them."""


class TooManySourcesError(LimitError):
    def __init__(self, limit: int) -> None:
        super().__init__(
            msg(
                "These changes copy from more than {limit} repositories and buckets. "
                "Send them in several times.",
                limit=limit,
            )
        )


@dataclass(frozen=True)
class Source:
    """Where a file is to be copied from."""

    type: RepoType | None
    """None: a bucket."""
    full_name: str


@dataclass(frozen=True)
class Put:
    """What a client asks: that a path shows the bytes which Xet names so."""

    path: str
    file_hash: str
    mtime_ms: int | None
    """None: as of now."""
    content_type: str | None = None
    source: Source | None = None
    """None: its bytes were sent to the bucket before."""


Asked = Put | RemoveFile


@dataclass(frozen=True)
class _Bytes:
    sha256: str
    size_bytes: int


def change_files(
    site: Site, actor: Actor, bucket: Bucket, asked: Sequence[Asked]
) -> Sequence[Refused]:
    """Change what paths of a bucket show, in the order asked; those that were refused, and why.

    What is copied moves no bytes: the bucket holds them besides whoever else does.

    Raises:
        BucketNotFoundError, NotAllowedError: it is gone, or not the actor's to change.
        TooManySourcesError, TooManyFoldersError: nothing is applied.
    """
    sources = {put.source for put in asked if isinstance(put, Put) and put.source}
    if len(sources) > MAX_SOURCES:
        raise TooManySourcesError(MAX_SOURCES)
    with site.read_hub() as hub:
        known = _known(hub, {put.file_hash for put in asked if isinstance(put, Put)})
        wanted = _wanted(asked, known)
        shown = {source: _shown(hub, actor, source, wanted[source]) for source in sources}
    with site.open_hub() as hub:
        offers = {
            source: _offered(hub, actor, source, wanted[source], those)
            for source, those in shown.items()
        }
        refused: list[Refused] = []
        changes: list[Change] = []
        copied: dict[str, int] = {}
        for one in asked:
            change = _change(hub, one, known, offers)
            if isinstance(change, EtabliError):
                refused.append((one.path, change))
                continue
            changes.append(change)
            if isinstance(one, Put) and one.source and isinstance(change, PutFile):
                copied[change.sha256] = change.size_bytes
        copied.pop(EMPTY_SHA256, None)
        return [*refused, *_write(hub, actor, bucket, changes, copied)]


def _write(
    hub: Hub, actor: Actor, bucket: Bucket, changes: Sequence[Change], copied: Mapping[str, int]
) -> Sequence[Refused]:
    """Where there is no room for what is copied, none of it is, and the rest goes on."""
    hub.buckets.get(actor, bucket.full_name, Permission.WRITE_REPO)
    refused: list[Refused] = []
    if copied:
        try:
            hub.buckets.hold(bucket, copied)
        except QuotaReachedError as error:
            no_room = [c for c in changes if isinstance(c, PutFile) and c.sha256 in copied]
            held = hub.blobs.holdings.held_among(bucket.holder, list(copied))
            refused = [(put.path, error) for put in no_room if put.sha256 not in held]
            paths = {path for path, _ in refused}
            changes = [change for change in changes if change.path not in paths]
    return [*refused, *hub.buckets.change(actor, bucket, changes)]


def _known(hub: Hub, file_hashes: Collection[str]) -> Mapping[str, _Bytes]:
    """What is here of these, by Xet's name for it."""
    sha256s = hub.blobs.chunked.verified_before(list(file_hashes))
    blobs = hub.blobs.find_many(list(sha256s.values()))
    found = {
        file_hash: _Bytes(sha256, blobs[sha256].size_bytes)
        for file_hash, sha256 in sha256s.items()
        if sha256 in blobs
    }
    return {**found, EMPTY_FILE_HASH: _Bytes(EMPTY_SHA256, 0)}


def _wanted(asked: Sequence[Asked], known: Mapping[str, _Bytes]) -> Mapping[Source, Sequence[str]]:
    """The SHA-256 of what is to be copied from each source."""
    wanted: dict[Source, dict[str, None]] = {}
    for put in asked:
        if isinstance(put, Put) and put.source:
            of_source = wanted.setdefault(put.source, {})
            if put.file_hash in known:
                of_source[known[put.file_hash].sha256] = None
    return {source: list(sha256s) for source, sha256s in wanted.items()}


Shown = AbstractSet[str] | EtabliError


def _shown(hub: Hub, actor: Actor, source: Source, sha256s: Sequence[str]) -> Shown:
    """Those of these bytes that the actor may copy from there; or why nothing may be.

    It may take long: of a repository, the whole history is looked through.
    """
    try:
        found = _readable(hub, actor, source)
        if isinstance(found, Bucket):
            return hub.buckets.named_among(found, sha256s)
        return hub.housekeeping.named(actor, found)
    except (NotFoundError, ForbiddenError, UnauthenticatedError) as error:
        return error


def _offered(hub: Hub, actor: Actor, source: Source, sha256s: Sequence[str], shown: Shown) -> Shown:
    """The same as of this transaction: what was given up, hidden or deleted meanwhile is not."""
    if isinstance(shown, EtabliError):
        return shown
    try:
        found = _readable(hub, actor, source)
    except (NotFoundError, ForbiddenError, UnauthenticatedError) as error:
        return error
    return hub.blobs.holdings.held_among(found.holder, [s for s in sha256s if s in shown])


def _readable(hub: Hub, actor: Actor, source: Source) -> Repo | Bucket:
    if source.type is None:
        return hub.buckets.get(actor, source.full_name)
    return hub.repos.get(actor, source.type, source.full_name)


def _change(
    hub: Hub, asked: Asked, known: Mapping[str, _Bytes], offers: Mapping[Source, Shown]
) -> Change | EtabliError:
    if isinstance(asked, RemoveFile):
        return asked
    found = known.get(asked.file_hash)
    if found is None:
        return BytesNotHereError(asked.file_hash)
    if asked.source is not None:
        offered = offers[asked.source]
        if isinstance(offered, EtabliError):
            return offered
        if found.sha256 not in offered and found.sha256 != EMPTY_SHA256:
            return BytesNotHereError(asked.file_hash)
    mtime_ms = asked.mtime_ms
    if mtime_ms is None:
        mtime_ms = int(hub.work.now.timestamp() * 1000)
    return PutFile(asked.path, found.sha256, found.size_bytes, mtime_ms, asked.content_type)
