"""Pushing.

Source: git's Documentation/gitprotocol-pack, "Reference Update Request"; gitprotocol-http.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO

from fastapi import Request, Response

from etabli.api.git.errors import UnreadableRequestError, present_error
from etabli.api.git.request_body import read_body
from etabli.features.accounts import Actor, Permission
from etabli.features.git import BadPackError, PushTooLargeError
from etabli.features.repos import BranchMovedError, PushRefusedError, RefUpdate, Repo
from etabli.foundation.errors import EtabliError
from etabli.http import ActorDep, RepoDep, make_router, requires, site_of
from etabli.http.upload_forms import ANY_SIZE
from etabli.operations import pushes
from etabli.pools import GIT, READS
from etabli.site import Site

_NOTHING = b"0" * 40
_ABILITIES = "report-status delete-refs side-band-64k ofs-delta atomic agent=etabli"
_COMMAND = re.compile(rb"([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]+)(?:\0([^\n]*))?\n?")
MAX_UPDATES = 1000
MAX_IN_A_BAND = 65_515
_HEADERS = {"Cache-Control": "no-cache"}

router = make_router(present_error, max_body_size=ANY_SIZE)


@dataclass(frozen=True)
class PushRequest:
    updates: Sequence[RefUpdate]
    abilities: frozenset[str]
    pack: IO[bytes] | None


def advertise(request: Request, actor: Actor, repo: Repo) -> Response:
    """Where the refs are, in the first version of the protocol: pushes know no other."""
    with site_of(request).read_hub() as hub:
        hub.proposals.require_pusher(actor, repo)
        refs = [(ref.git_sha, ref.name) for ref in hub.repos.refs(repo)]
    first, *rest = refs or [(_NOTHING.decode(), "capabilities^{}")]
    lines = [f"{first[0]} {first[1]}\0{_ABILITIES}", *(f"{sha} {name}" for sha, name in rest)]
    body = _packet(b"# service=git-receive-pack\n") + b"0000"
    body += b"".join(_packet(f"{line}\n".encode()) for line in lines) + b"0000"
    return Response(body, 200, _HEADERS, "application/x-git-receive-pack-advertisement")


async def push(request: Request, actor: ActorDep, repo: RepoDep) -> Response:
    """All of it is read, then checked, then true or refused; the answer says which."""
    site = site_of(request)
    # Before anything is received; to which of the refs is known later, and checked then.
    await READS.run(_require_pusher, site, actor, repo)
    most_mb = site.settings.max_push_mb
    with await read_body(request, most_mb, PushTooLargeError(most_mb)) as body:
        asked = _read_request(body)
        report = b""
        if asked.updates:
            take_in = partial(_take_in, site, actor, repo, asked)
            report = await GIT.run(take_in)
    return Response(report, 200, _HEADERS, "application/x-git-receive-pack-result")


for _prefix in ("", "/datasets", "/spaces"):
    router.add_api_route(
        f"{_prefix}/{{namespace}}/{{name}}/git-receive-pack",
        requires(Permission.PROPOSE)(push),
        methods=["POST"],
        response_model=None,
    )


def _require_pusher(site: Site, actor: Actor, repo: Repo) -> None:
    with site.read_hub() as hub:
        hub.proposals.require_pusher(actor, repo)


def _take_in(site: Site, actor: Actor, repo: Repo, asked: PushRequest) -> bytes:
    unpacked, refused = "ok", None
    try:
        pushes.push(site, actor, repo, asked.updates, asked.pack)
    except PushRefusedError as error:
        refused = error
    except (BadPackError, PushTooLargeError) as error:
        unpacked, refused = _in_a_line(error), PushRefusedError(None, error)
    lines = [f"unpack {unpacked}", *(_line(update, refused) for update in asked.updates)]
    return _report(asked, b"".join(_packet(f"{line}\n".encode()) for line in lines) + b"0000")


def _line(update: RefUpdate, refused: PushRefusedError | None) -> str:
    if refused is None:
        return f"ok {update.name}"
    if refused.ref not in (None, update.name):
        return f"ng {update.name} not moved, because {refused.ref} was refused"
    if isinstance(refused.reason, BranchMovedError):
        return f"ng {update.name} fetch first"  # git's own words, with which it gives advice
    return f"ng {update.name} {_in_a_line(refused.reason)}"


def _in_a_line(error: EtabliError) -> str:
    return " ".join(str(error).split())


def _report(asked: PushRequest, report: bytes) -> bytes:
    if "report-status" not in asked.abilities:
        return b""
    if "side-band-64k" not in asked.abilities:
        return report
    starts = range(0, len(report), MAX_IN_A_BAND)
    bands = [_packet(b"\x01" + report[start : start + MAX_IN_A_BAND]) for start in starts]
    return b"".join(bands) + b"0000"


def _read_request(body: IO[bytes]) -> PushRequest:
    """
    Raises:
        UnreadableRequestError: it is not what the protocol says.
    """
    updates: list[RefUpdate] = []
    abilities: frozenset[str] = frozenset()
    for packet in _packets(body):
        if packet.startswith(b"shallow "):
            continue  # what the client lacks is here
        found = _COMMAND.fullmatch(packet)
        if found is None or len(updates) >= MAX_UPDATES:
            raise UnreadableRequestError
        if found[4] is not None:
            abilities = frozenset(found[4].decode("utf-8", "replace").split())
        name = found[3].decode("utf-8", "replace")
        updates.append(RefUpdate(name, _sha(found[1]), _sha(found[2])))
    has_pack = any(update.new_sha for update in updates)
    body.flush()  # of a file that is read: it stands where we stopped, for who reads on from there
    return PushRequest(updates, abilities, body if has_pack else None)


def _sha(given: bytes) -> str | None:
    return None if given == _NOTHING else given.decode()


def _packets(body: IO[bytes]) -> Iterator[bytes]:
    """The packets up to the first flush."""
    while True:
        head = body.read(4)
        try:
            length = int(head, 16)
        except ValueError as error:
            raise UnreadableRequestError from error
        if length == 0:
            return
        packet = body.read(length - 4) if length > 4 else b""
        if len(packet) != length - 4:
            raise UnreadableRequestError
        yield packet


def _packet(content: bytes) -> bytes:
    return b"%04x" % (len(content) + 4) + content
