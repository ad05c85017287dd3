"""Large files of mirrors: fetched when they are first asked for, and verified before the last of
their bytes reaches anybody.

A download is a thread of its own, whoever asked and whether they stay; all who ask meanwhile follow
the same one. What proves right is kept as an upload is. What does not is thrown away, and noted.
"""

import logging
import threading
from dataclasses import dataclass
from http import HTTPStatus

from etabli.features.blobs import (
    MIRRORED,
    MirrorsFullError,
    StagedFile,
    TooLargeError,
    WrongSha256Error,
    WrongSizeError,
)
from etabli.features.federation import (
    DifferentFileError,
    Download,
    FileAddress,
    Follower,
    PullState,
    State,
    TransferCutError,
    UpstreamClient,
    UpstreamDownError,
)
from etabli.features.git import Pointer
from etabli.features.repos import Repo
from etabli.foundation.errors import BusyError, EtabliError
from etabli.foundation.http_client import AnswerTooLargeError, AnswerTooSlowError, NoAnswerError
from etabli.foundation.i18n.messages import msg
from etabli.hub import Hub
from etabli.operations import blobs
from etabli.site import Site

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Downloads of one process; others wait for their turn."""
MAX_WAITING = 200
TRIES = 3
"""A connection that breaks is taken up where it broke: what came is hashed already."""
MIN_BYTES_PER_S = 50_000
MIN_WITHIN_S = 300.0
FREED_AT_ONCE = 100

_turns = threading.BoundedSemaphore(AT_ONCE)
_waiting = threading.BoundedSemaphore(MAX_WAITING)


@dataclass(frozen=True)
class WantedFile:
    """A large file of a mirror whose bytes are not here."""

    repo: Repo
    path: str
    commit_sha: str
    sha256: str
    size_bytes: int

    @property
    def file(self) -> FileAddress:
        return FileAddress(self.repo.type, self.repo.full_name, self.commit_sha, self.path)

    @property
    def name(self) -> str:
        return f"{self.repo.key}-{self.sha256}"


def find_wanted(
    hub: Hub, repo: Repo, pointer: Pointer, path: str, commit_sha: str
) -> WantedFile | None:
    """What is to be pulled for a pointer that a mirror has; None when its bytes are here, or it is
    no mirror."""
    if not repo.is_mirror or hub.repos.has_blob(repo, pointer.sha256):
        return None
    return WantedFile(repo, path, commit_sha, pointer.sha256, pointer.size_bytes)


def pull(site: Site, wanted: WantedFile) -> Follower:
    """Begin a download, unless one is under way, and follow it.

    Raises:
        DifferentFileError, TransferCutError: it failed a moment ago, and is not asked for so soon.
        UpstreamDownError: there is no upstream for it any more.
        MirrorsFullError: this hub would keep more of other hubs than it may.
        BusyError: too many downloads wait already.
    """
    downloads = site.backends.upstreams.downloads
    download = downloads.begin(wanted.name)
    if download is not None:
        _start(site, wanted, download)
    return downloads.follow(wanted.name)


def failure(site: Site, wanted: WantedFile) -> EtabliError:
    """Why a download that was followed has brought nothing."""
    with site.read_hub() as hub:
        pulled = hub.federation.pulled(wanted.repo.key, wanted.sha256)
        mirror = hub.federation.mirror(wanted.repo.key)
    url = mirror.url if mirror else ""
    if pulled is not None and pulled.state is PullState.DIFFERENT:
        return DifferentFileError(wanted.path, url, pulled.found)
    return TransferCutError(wanted.path, url)


def _start(site: Site, wanted: WantedFile, download: Download) -> None:
    """The download ends in a thread, or here when it cannot begin."""
    begun = False
    try:
        with site.read_hub() as hub:
            if hub.repos.has_blob(wanted.repo, wanted.sha256):
                download.say_kept_before()
                return
            pulled = hub.federation.pulled(wanted.repo.key, wanted.sha256)
            too_soon = pulled is not None and hub.federation.failed_of_late(pulled)
            mirror = hub.federation.mirror(wanted.repo.key)
            upstream = hub.federation.upstream_of(mirror) if mirror else None
        if too_soon:
            raise failure(site, wanted)
        if upstream is None:
            said = msg("This hub does not ask it any more.")
            raise UpstreamDownError(mirror.url if mirror else "", said)
        _make_room(site, wanted)
        if not _waiting.acquire(blocking=False):
            raise BusyError
        client = site.backends.upstreams.client(upstream)
        download.say(State.WAITING)
        thread = threading.Thread(
            target=_run, args=(site, wanted, client, download), name="upstream", daemon=True
        )
        thread.start()
        begun = True
    finally:
        if not begun:
            download.end()


def _run(site: Site, wanted: WantedFile, client: UpstreamClient, download: Download) -> None:
    try:
        with _turns:
            state = _download(site, wanted, client, download)
        download.say(state)
    finally:
        _waiting.release()
        download.end()


def _download(site: Site, wanted: WantedFile, client: UpstreamClient, download: Download) -> State:
    state, found = PullState.CUT, ""
    try:
        with site.open_hub() as hub:
            hub.federation.note_started(wanted.repo, wanted.sha256, wanted.size_bytes, wanted.file)
        with site.backends.blobs.stage() as staged:
            download.say(State.UNDER_WAY, staged.path)
            found = _receive(client, wanted, staged)
            if not found:
                _keep(site, wanted, staged)
                return State.KEPT
            state = PullState.DIFFERENT
            log.warning("%s of %s came from %s as another file: %s", *_told(wanted, client), found)
    except EtabliError as error:
        log.warning("%s of %s did not come from %s: %s", *_told(wanted, client), error)
    with site.open_hub() as hub:
        hub.federation.note_ended(wanted.repo.key, wanted.sha256, state, found)
    return State.DIFFERENT if state is PullState.DIFFERENT else State.CUT


def _receive(client: UpstreamClient, wanted: WantedFile, staged: StagedFile) -> str:
    """Receive all of it, and finish it; what it is instead, if it is not what the commit names.

    Raises:
        EtabliError: it cannot be had.
    """
    try:
        _receive_all(client, wanted, staged)
        staged.finish(wanted.sha256, wanted.size_bytes)
    except WrongSha256Error as error:
        return f"SHA-256 {error.received}"
    except WrongSizeError as error:
        return f"{error.received} B"
    except AnswerTooLargeError:
        return f"> {wanted.size_bytes} B"
    return ""


def _receive_all(client: UpstreamClient, wanted: WantedFile, staged: StagedFile) -> None:
    for left in range(TRIES - 1, -1, -1):
        before = staged.size_bytes
        try:
            _receive_rest(client, wanted, staged)
        except (NoAnswerError, AnswerTooSlowError):
            if not left or staged.size_bytes == before:
                raise
        else:
            return


def _receive_rest(client: UpstreamClient, wanted: WantedFile, staged: StagedFile) -> None:
    start = staged.size_bytes
    within_s = MIN_WITHIN_S + wanted.size_bytes / MIN_BYTES_PER_S
    asked = client.open_file(
        wanted.file, start=start, max_bytes=wanted.size_bytes, within_s=within_s
    )
    with asked as answer:
        answer.require_ok()
        if start and answer.status != HTTPStatus.PARTIAL_CONTENT:
            raise NoAnswerError(client.url, "Range")
        announced = answer.headers.get("content-length", "")
        if announced.isdecimal() and start + int(announced) != wanted.size_bytes:
            raise WrongSizeError(wanted.size_bytes, start + int(announced))
        for piece in answer.pieces:
            if staged.size_bytes + len(piece) > wanted.size_bytes:
                raise WrongSizeError(wanted.size_bytes, staged.size_bytes + len(piece))
            staged.write(piece)


def _keep(site: Site, wanted: WantedFile, staged: StagedFile) -> None:
    blobs.store(site, staged)
    with site.open_hub() as hub:
        blobs.hold(hub, wanted.repo, staged, MIRRORED)
        hub.federation.note_ended(wanted.repo.key, wanted.sha256, PullState.VERIFIED)


def _make_room(site: Site, wanted: WantedFile) -> None:
    """Let go of what was asked for the longest ago, until there is room for one file more.

    Raises:
        MirrorsFullError: it is larger than all that may be kept.
        TooLargeError: it is larger than any file may be.
    """
    limit_gb = site.settings.max_large_file_gb
    if wanted.size_bytes > limit_gb * 1_000_000_000:
        raise TooLargeError(limit_gb)
    limit_bytes = site.settings.mirrored_bytes
    if limit_bytes and wanted.size_bytes > limit_bytes:
        raise MirrorsFullError(limit_bytes)
    while not _has_room(site, wanted):
        with site.open_hub() as hub:
            gone = hub.federation.let_go_of_some(FREED_AT_ONCE, wanted.size_bytes)
            for repo_key, sha256 in gone:
                hub.mirrors.let_go(repo_key, sha256)
        if not gone:
            raise MirrorsFullError(limit_bytes)


def _has_room(site: Site, wanted: WantedFile) -> bool:
    with site.read_hub() as hub:
        try:
            hub.repos.require_room(wanted.repo, {wanted.sha256: wanted.size_bytes}, MIRRORED)
        except MirrorsFullError:
            return False
    return True


def _told(wanted: WantedFile, client: UpstreamClient) -> tuple[str, str, str]:
    return wanted.path, wanted.repo.full_name, client.url
