"""A fetch by git's protocol through the one client that reaches elsewhere: git's own program would
resolve names, follow redirects and read settings by itself.

Source: gitprotocol-http(5) and gitprotocol-pack(5), in the first version of the protocol, which
every server speaks: what it has; then what is wanted, what is here, and the pack, in two requests.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

from dulwich.errors import GitProtocolError, HangupException
from dulwich.protocol import Protocol, pkt_line

from etabli.features.federation.client import ASKED_WITHIN_S, UpstreamClient
from etabli.features.federation.errors import NotGitError, UpstreamDownError
from etabli.foundation.errors import EtabliError
from etabli.foundation.http_client import Answer
from etabli.foundation.i18n.messages import msg

MAX_REFS_BYTES = 16_000_000
MAX_REFS = 5_000
MAX_HAVES = 256
PACK_WITHIN_S = 900.0
_ABILITIES = b"side-band-64k ofs-delta thin-pack no-progress agent=etabli"
_DATA, _PROGRESS = 1, 2


def list_refs(client: UpstreamClient, url: str) -> Mapping[str, str] | None:
    """The branches and tags of a repository: where each is, a tag at its own object.

    None when there is none, or none that everybody may read.

    Raises:
        UpstreamDownError: it does not answer, or not as git does.
    """
    with _named_errors(client.url):
        asked = client.request_git(
            f"{url}/info/refs?service=git-upload-pack",
            max_bytes=MAX_REFS_BYTES,
            within_s=ASKED_WITHIN_S,
        )
        with asked as answer:
            if answer.status in (401, 403, 404, 410):
                return None
            _require(answer, "advertisement")
            return _read_refs(_protocol(answer))


def fetch_pack(
    client: UpstreamClient,
    url: str,
    wants: Sequence[str],
    haves: Sequence[str],
    target: IO[bytes],
    max_bytes: int,
) -> None:
    """Write a pack of what is wanted to a file. What is in it, git has yet to check.

    Raises:
        UpstreamDownError: it does not answer, not as git does, or with more than `max_bytes`.
    """
    lines = [f"want {sha}" for sha in wants]
    first, *rest = lines
    body = pkt_line(first.encode() + b" " + _ABILITIES + b"\n")
    body += b"".join(pkt_line(line.encode() + b"\n") for line in rest) + pkt_line(None)
    body += b"".join(pkt_line(f"have {sha}\n".encode()) for sha in haves[:MAX_HAVES])
    body += pkt_line(b"done\n")
    with _named_errors(client.url):
        asked = client.request_git(
            f"{url}/git-upload-pack",
            max_bytes=max_bytes + max_bytes // 100 + 1_000_000,  # what the bands take besides
            within_s=PACK_WITHIN_S,
            headers={
                "content-type": "application/x-git-upload-pack-request",
                "accept": "application/x-git-upload-pack-result",
            },
            content=body,
        )
        with asked as answer:
            _require(answer, "result")
            _write_pack(_protocol(answer), target)


def _read_refs(said: Protocol) -> Mapping[str, str]:
    found: dict[str, str] = {}
    if (said.read_pkt_line() or b"").strip() != b"# service=git-upload-pack":
        raise GitProtocolError
    said.read_pkt_line()  # the flush that ends the line above
    for line in said.read_pkt_seq():
        sha, _, name = line.partition(b"\0")[0].strip().decode().partition(" ")
        if len(sha) != 40 or int(sha, 16) < 0:
            raise GitProtocolError
        if name.startswith(("refs/heads/", "refs/tags/")) and not name.endswith("^{}"):
            found[name] = sha
    if len(found) > MAX_REFS:
        raise GitProtocolError
    return found


def _write_pack(said: Protocol, target: IO[bytes]) -> None:
    for line in said.read_pkt_seq():
        if line.startswith((b"ACK ", b"NAK")):
            continue
        if line[0] == _DATA:
            target.write(line[1:])
        elif line[0] != _PROGRESS:
            raise GitProtocolError


def _require(answer: Answer, kind: str) -> None:
    answer.require_ok()
    if answer.headers.get("content-type") != f"application/x-git-upload-pack-{kind}":
        raise NotGitError


@contextmanager
def _named_errors(url: str) -> Iterator[None]:
    try:
        yield
    except UpstreamDownError:
        raise
    except EtabliError as error:
        raise UpstreamDownError(url, error.text) from error
    except (GitProtocolError, HangupException, ValueError, IndexError) as error:
        said = msg("It does not speak git's protocol as it should.")
        raise UpstreamDownError(url, said) from error


def _protocol(answer: Answer) -> Protocol:
    return Protocol(io.BufferedReader(_Body(answer.pieces)).read, lambda _: None)


class _Body(io.RawIOBase):
    """Pieces, as a file to read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: "bytearray | memoryview") -> int:  # type: ignore[override]
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        size = min(len(target), len(self._left))
        target[:size] = self._left[:size]
        self._left = self._left[size:]
        return size
