"""Repositories of other hubs: made here when they are first asked for, and followed from then on.

What comes is looked through in quarantine as a push is: git checks every object and every link, so
that commits, trees and small files are what their names say. Large files come when they are asked
for: see `pulled_files`.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile

from etabli.features.accounts import InvalidNameError, NameTakenError
from etabli.features.federation import (
    GatewayError,
    Mirror,
    RemoteRepo,
    Trouble,
    Upstream,
    UpstreamClient,
    UpstreamDownError,
    UpstreamRefusedError,
    fetch_pack,
    list_refs,
)
from etabli.features.git import Quarantine, Target
from etabli.features.repos import (
    DEFAULT_BRANCH,
    Repo,
    RepoExistsError,
    RepoType,
    is_mirrored_ref,
)
from etabli.foundation.durable_files import DiskFullError
from etabli.foundation.errors import EtabliError, UnavailableError
from etabli.foundation.i18n.messages import msg
from etabli.operations import refs
from etabli.site import Site

MAIN = f"refs/heads/{DEFAULT_BRANCH}"


def ask_upstream(site: Site, type: RepoType, full_name: str) -> None:
    """Make a repository that some upstream has, or bring the mirror of one up to date.

    Nothing happens when it is at home here, when no upstream has it, or when somebody else has just
    asked. An upstream that fails leaves a mirror as it was, which then says so.

    Raises:
        UpstreamDownError: it is not here, and whether there is one cannot be known now.
        UpstreamRefusedError: there is one, which no repository here can be.
        GatedUpstreamError: there is one, and not for everybody.
        DiskFullError: there is no room.
    """
    name = hashlib.sha256(f"{type}/{full_name.lower()}".encode()).hexdigest()
    with site.backends.upstreams.downloads.turn(f"repo-{name}"):
        with site.read_hub() as hub:
            repo = hub.mirrors.find(type, full_name)
            mirror = hub.federation.mirror(repo.key) if repo else None
            upstream = hub.federation.upstream_of(mirror) if mirror else None
        if repo is None:
            _bring(site, type, full_name)
        elif mirror is not None and upstream is not None:
            _follow(site, repo, mirror, upstream)


def delete_mirror(site: Site, repo: Repo) -> None:
    """Take a mirror away, with all that is held for it. Its namespace stays bound."""
    with site.open_hub() as hub:
        hub.mirrors.delete(repo)


def _bring(site: Site, type: RepoType, full_name: str) -> None:
    with site.read_hub() as hub:
        upstreams = hub.federation.candidates(full_name)
    for upstream in upstreams:
        # One that does not answer ends it: the next one's answer would be bound in its place.
        client = site.backends.upstreams.client(upstream)
        found = client.find(type, full_name)
        if found is not None and _make(site, upstream, client, type, found):
            return
    site.backends.upstreams.note_miss(type, full_name)


def _make(
    site: Site, upstream: Upstream, client: UpstreamClient, type: RepoType, found: RemoteRepo
) -> bool:
    """False when there is nothing that everybody may read."""
    url = client.git_url(type, found.full_name)
    shas = list_refs(client, url)
    if shas is None:
        return False
    key = _new_key(site)
    with site.backends.git.unfinished(key):
        site.backends.git.create(key)
        try:
            targets = _fetch(site, client, _Wanted(key, url, shas, {}))
        except GatewayError:
            site.backends.git.delete(key)  # no row can know of it
            raise
        try:
            with site.open_hub() as hub:
                hub.federation.bind(found.full_name.partition("/")[0], upstream)
                repo = hub.mirrors.land(key, type, found.full_name, targets)
                hub.federation.note_made(repo, upstream)
        except (NameTakenError, InvalidNameError, RepoExistsError):
            site.backends.git.delete(key)  # the name is somebody's here, since a moment ago
            return False
    refs.derive_refs(site, key)
    return True


def _new_key(site: Site) -> str:
    with site.read_hub() as hub:
        return hub.mirrors.new_key()


def _follow(site: Site, repo: Repo, mirror: Mirror, upstream: Upstream) -> None:
    with site.read_hub() as hub:
        known = {ref.name: ref.git_sha for ref in hub.repos.refs(repo)}
        if not hub.federation.is_due(mirror, lacks_commit=True):
            return
    client = site.backends.upstreams.client(upstream)
    url = client.git_url(repo.type, repo.full_name)
    targets: Mapping[str, Target] | None = None
    trouble = Trouble.NONE
    try:
        shas = list_refs(client, url)
        if shas is None:
            trouble = Trouble.GONE
        elif _mirrored(shas) != known:
            targets = _fetch(site, client, _Wanted(repo.key, url, shas, known))
    except UpstreamDownError:
        trouble = Trouble.DOWN
    except UpstreamRefusedError:
        trouble = Trouble.REFUSED
    with site.open_hub() as hub:
        hub.federation.note_asked(repo.key, trouble)
        if targets is not None:
            hub.mirrors.move_refs(repo, targets)
    if targets is not None:
        refs.settle(site, repo.key)


@dataclass(frozen=True)
class _Wanted:
    repo_key: str
    url: str
    shas: Mapping[str, str]
    """Where the upstream's refs are."""
    known: Mapping[str, str]
    """Where they are here."""


def _fetch(site: Site, client: UpstreamClient, wanted: _Wanted) -> Mapping[str, Target]:
    """Put in the repository what it lacks; where its refs are to be.

    Raises:
        UpstreamDownError: the upstream does not send it.
        UpstreamRefusedError: what it sends is nothing that a repository here takes.
    """
    shas = _mirrored(wanted.shas)
    if MAIN not in shas:
        reason = msg("It has no branch called {branch}.", branch=DEFAULT_BRANCH)
        raise UpstreamRefusedError(client.url, reason)
    with site.backends.git.quarantine(wanted.repo_key) as arriving:
        try:
            return _take_in(site, client, wanted, shas, arriving)
        except (UnavailableError, DiskFullError):
            raise
        except EtabliError as error:
            raise UpstreamRefusedError(client.url, error.text) from error


def _take_in(
    site: Site,
    client: UpstreamClient,
    wanted: _Wanted,
    shas: Mapping[str, str],
    arriving: Quarantine,
) -> Mapping[str, Target]:
    git = arriving.open()
    lacking = sorted({sha for sha in shas.values() if sha not in git})
    if lacking:
        max_bytes = site.settings.max_mirror_history_mb * 1_000_000
        with TemporaryFile(dir=arriving.folder) as pack:
            haves = sorted(set(wanted.known.values()))
            fetch_pack(client, wanted.url, lacking, haves, pack, max_bytes)
            pack.flush()
            os.lseek(pack.fileno(), 0, os.SEEK_SET)
            arriving.index(pack, max_bytes)
        arriving.check()
    targets = {name: arriving.target(sha) for name, sha in shas.items()}
    arriving.publish()
    return {
        name: target
        for name, target in targets.items()
        if target is not None and (name.startswith("refs/tags/") or target.tag_sha is None)
    }


def _mirrored(shas: Mapping[str, str]) -> Mapping[str, str]:
    return {name: sha for name, sha in shas.items() if is_mirrored_ref(name)}
