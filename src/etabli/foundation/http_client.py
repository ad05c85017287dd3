"""The one HTTP client for all that the hub fetches from elsewhere, or tells others.

It guards against server-side request forgery (SSRF): an address of the web may be a stranger's
choice, and must not reach what only this machine can. A name is resolved once, every address that
it has is checked, and the connection goes to an address that was checked: a name server cannot
answer the check with one address and the connection with another. That holds for each redirect.

Nothing comes along that the caller did not give: no cookies, no `.netrc`, no proxy from the
environment. Connections are not kept, and compressed answers are refused, as they were not asked
for: what is counted against the limit is what arrives.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

import httpcore2

from etabli.foundation.checked_network import (
    CheckedNetwork,
    Deadline,
    Resolve,
    resolve_by_system,
)
from etabli.foundation.errors import (
    InvalidInputError,
    LimitError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import msg, plain
from etabli.foundation.networks import Network

CONNECT_WITHIN_S, READ_WITHIN_S = 10.0, 20.0
MAX_JSON_BYTES = 16_000_000
MAX_URL_LENGTH = 8_000
_PIECE_BYTES = 65_536
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_OF_ONE_HOST = ("authorization", "cookie")
"""Headers that do not follow a redirect to another origin."""


class BadUrlError(InvalidInputError):
    def __init__(self, url: str) -> None:
        super().__init__(
            msg(
                "{url} is no address that can be fetched: give one that begins with https:// or "
                "http://, and holds no password.",
                url=plain(url)[:200],
            )
        )


class NoAnswerError(UnavailableError):
    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            msg(
                "{host} does not answer: {reason}. Check the address, or try again later.",
                host=plain(host)[:200],
                reason=plain(reason)[:200],
            )
        )


class AnswerTooSlowError(UnavailableError):
    def __init__(self, host: str, within_s: float) -> None:
        super().__init__(
            msg(
                "{host} took more than {seconds} s to answer. Try again later.",
                host=plain(host)[:200],
                seconds=within_s,
            )
        )


class AnswerTooLargeError(LimitError):
    def __init__(self, host: str, max_bytes: int) -> None:
        super().__init__(
            msg(
                "{host} sends more than the {limit} bytes that are taken of it. "
                "Nothing of it was kept.",
                host=plain(host)[:200],
                limit=max_bytes,
            )
        )


class UnexpectedAnswerError(UnavailableError):
    """It answered, and not with what was asked for: `status` is the HTTP status."""

    def __init__(self, url: str, status: int) -> None:
        self.status = status
        super().__init__(
            msg(
                "{url} answers with the status {status}, and not with what was asked for. "
                "Check the address.",
                url=plain(url)[:200],
                status=status,
            )
        )


@dataclass(frozen=True)
class Answer:
    """What came back. `pieces` can be read once, while the request is open."""

    url: str
    """Where it came from, after redirects."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case; of one that came several times, the last."""
    pieces: Iterator[bytes]

    def require_ok(self) -> None:
        """
        Raises:
            UnexpectedAnswerError: the status is not of the 200s.
        """
        if not 200 <= self.status < 300:
            raise UnexpectedAnswerError(self.url, self.status)


class HttpClient:
    """Makes requests to other machines. Safe to share between threads: it keeps nothing.

    Args:
        allowed: networks that are not public and may be reached all the same.
    """

    def __init__(
        self, allowed: Sequence[Network] = (), resolve: Resolve = resolve_by_system
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve

    @contextmanager
    def request(
        self,
        method: str,
        url: str,
        *,
        max_bytes: int,
        within_s: float,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        max_redirects: int = 0,
    ) -> Iterator[Answer]:
        """One request; its answer is open until the block ends.

        Args:
            max_bytes: how long the body of the answer may be.
            within_s: how long all of it may take, redirects and body included, in seconds.
            max_redirects: followed for GET and HEAD only, each checked like the first address,
                and never from https to http. Beyond them, a redirect is the answer.

        Raises:
            BadUrlError, AddressRefusedError: it is not asked at all.
            NoAnswerError, AnswerTooSlowError, AnswerTooLargeError: also while pieces are read.
        """
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        deadline = Deadline(within_s)
        left = max_redirects if method in ("GET", "HEAD") else 0
        while True:
            parts = _checked(url)
            with self._open(method, parts, sent, content, deadline, max_bytes) as answer:
                following = _redirect_of(answer, parts) if left > 0 else None
                if following is None:
                    yield answer
                    return
            if _origin(_checked(following)) != _origin(parts):
                sent = {name: v for name, v in sent.items() if name not in _OF_ONE_HOST}
            url, left = following, left - 1

    def fetch_json(
        self, url: str, *, form: Sequence[tuple[str, str]] | None = None, within_s: float = 30.0
    ) -> Any:
        """
        Args:
            form: sent by POST, as a browser sends one; None: by GET.

        Raises:
            UnexpectedAnswerError: it does not answer with JSON. And as `request`.
        """
        asked = self.request(
            "GET" if form is None else "POST",
            url,
            max_bytes=MAX_JSON_BYTES,
            within_s=within_s,
            headers={"content-type": "application/x-www-form-urlencoded"} if form else None,
            content=None if form is None else urlencode(form).encode(),
        )
        with asked as answer:
            answer.require_ok()
            body = b"".join(answer.pieces)
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise UnexpectedAnswerError(url, answer.status) from error

    def download(
        self, url: str, target: Path, *, max_bytes: int, within_s: float, max_redirects: int = 0
    ) -> None:
        """Write the body of the answer to a new file. What it is, the caller has yet to check.

        Raises:
            UnexpectedAnswerError: the status is not of the 200s. And as `request`.
        """
        asked = self.request(
            "GET", url, max_bytes=max_bytes, within_s=within_s, max_redirects=max_redirects
        )
        with asked as answer:
            answer.require_ok()
            with target.open("xb") as file:
                file.writelines(answer.pieces)

    @contextmanager
    def _open(
        self,
        method: str,
        parts: SplitResult,
        headers: Mapping[str, str],
        content: bytes | None,
        deadline: Deadline,
        max_bytes: int,
    ) -> Iterator[Answer]:
        host = parts.hostname or ""
        own = {"host": parts.netloc, "accept-encoding": "identity", "user-agent": "etabli"}
        if content is not None:
            own["content-length"] = str(len(content))
        pool = httpcore2.ConnectionPool(
            max_keepalive_connections=0,
            network_backend=CheckedNetwork(self._allowed, self._resolve, deadline),
        )
        with _named_errors(host, deadline), pool:
            asked = pool.stream(
                method,
                _httpcore_url(parts),
                headers=list({**own, **headers}.items()),
                content=content,
                extensions={
                    "timeout": {
                        "connect": CONNECT_WITHIN_S,
                        "read": READ_WITHIN_S,
                        "write": READ_WITHIN_S,
                        "pool": CONNECT_WITHIN_S,
                    }
                },
            )
            with asked as response:
                got = {_text(name).lower(): _text(value) for name, value in response.headers}
                yield Answer(
                    url=parts.geturl(),
                    status=response.status,
                    headers=got,
                    pieces=_bounded(response.iter_stream(), got, parts, max_bytes),
                )


@contextmanager
def _named_errors(host: str, deadline: Deadline) -> Iterator[None]:
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise AnswerTooSlowError(host, deadline.within_s) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise NoAnswerError(host, str(error) or type(error).__name__) from error


def _bounded(
    pieces: Iterable[bytes], headers: Mapping[str, str], parts: SplitResult, max_bytes: int
) -> Iterator[bytes]:
    host = parts.hostname or ""
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise NoAnswerError(host, "Content-Encoding")
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise AnswerTooLargeError(host, max_bytes)
    taken = 0
    for piece in pieces:
        taken += len(piece)
        if taken > max_bytes:
            raise AnswerTooLargeError(host, max_bytes)
        yield piece


def _checked(url: str) -> SplitResult:
    """
    Raises:
        BadUrlError: it is no address of the web, or holds a password.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except (ValueError, UnicodeError) as error:
        raise BadUrlError(url) from error
    is_clean = url.isprintable() and " " not in url and len(url) <= MAX_URL_LENGTH
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc or port == 0 or not is_clean:
        raise BadUrlError(url)
    named = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{named}:{port}" if port else named, fragment="")


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def _redirect_of(answer: Answer, parts: SplitResult) -> str | None:
    """Where the answer leads to, if it is a redirect that may be followed."""
    target = answer.headers.get("location")
    if answer.status not in _REDIRECTS or not target:
        return None
    following = urljoin(answer.url, target)
    falls_back = parts.scheme == "https" and urlsplit(following).scheme != "https"
    return None if falls_back else following


def _httpcore_url(parts: SplitResult) -> httpcore2.URL:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpcore2.URL(
        scheme=parts.scheme.encode(),
        host=(parts.hostname or "").encode(),
        port=parts.port,
        target=_escaped(target),
    )


def _escaped(target: str) -> bytes:
    """What is beyond ASCII, as percent signs and digits."""
    return b"".join(
        bytes([byte]) if byte < 0x80 else b"%%%02X" % byte
        for byte in target.encode("utf-8", "surrogatepass")
    )


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")
