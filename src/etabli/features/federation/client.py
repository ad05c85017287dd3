"""What is asked of an upstream, and how: by anybody's right, with no token, within bounds.

Source: the Hugging Face API, which another Établi speaks too. Nothing of an answer's headers is
passed on, and no address in it is believed: redirects are followed by the checked client alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from etabli.features.federation.errors import GatedUpstreamError, UpstreamDownError
from etabli.features.federation.models import Upstream
from etabli.features.repos import RepoType
from etabli.foundation.errors import EtabliError
from etabli.foundation.http_client import Answer, HttpClient, UnexpectedAnswerError
from etabli.foundation.i18n.messages import msg
from etabli.foundation.networks import parse_networks

ASKED_WITHIN_S = 8.0
"""For a short question: the client that waits for it gives up after ten."""
MAX_REDIRECTS = 5
_EVERYWHERE = parse_networks("0.0.0.0/0, ::/0")
_MOVED = (301, 302, 303, 307, 308)
_ABSENT = (401, 403, 404, 410)
"""The Hugging Face hub answers 401 for what does not exist, as for what is private."""


@dataclass(frozen=True)
class RemoteRepo:
    full_name: str
    """As it is written there, which differs from what was asked in the case of letters at most."""


@dataclass(frozen=True)
class FileAddress:
    """One file of one commit."""

    type: RepoType
    full_name: str
    commit_sha: str
    path: str


class UpstreamClient:
    """Asks one upstream."""

    def __init__(self, upstream: Upstream, http: HttpClient) -> None:
        self.url = upstream.url
        self._http = http
        self._own = HttpClient(_EVERYWHERE) if upstream.allow_private else http

    def find(self, type: RepoType, full_name: str) -> RemoteRepo | None:
        """A repository that everybody may read; None when there is none, or it was moved.

        Raises:
            GatedUpstreamError: it is there, and not for everybody.
            UpstreamDownError: it cannot be known whether there is one.
        """
        query = "expand=gated&expand=private&expand=disabled"
        url = f"{self.url}/api/{type}s/{quote(full_name)}?{query}"
        try:
            said = self._own.fetch_json(url, within_s=ASKED_WITHIN_S)
        except UnexpectedAnswerError as error:
            if error.status in _ABSENT or error.status in _MOVED:
                return None
            raise UpstreamDownError(self.url, error.text) from error
        except EtabliError as error:
            raise UpstreamDownError(self.url, error.text) from error
        return self._read(said, full_name)

    def _read(self, said: Any, full_name: str) -> RemoteRepo | None:
        if not isinstance(said, dict) or not isinstance(said.get("id"), str):
            raise UpstreamDownError(self.url, msg("It does not answer as a hub does."))
        if said["id"].lower() != full_name.lower():
            return None
        if said.get("gated") or said.get("private") or said.get("disabled"):
            raise GatedUpstreamError(full_name, self.url)
        return RemoteRepo(said["id"])

    def git_url(self, type: RepoType, full_name: str) -> str:
        return f"{self.url}/{_prefix(type)}{quote(full_name)}"

    @contextmanager
    def request_git(
        self,
        url: str,
        *,
        max_bytes: int,
        within_s: float,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Iterator[Answer]:
        """One step of git's protocol, at an address under `git_url`. No redirect is followed."""
        asked = self._own.request(
            "GET" if content is None else "POST",
            url,
            max_bytes=max_bytes,
            within_s=within_s,
            headers=headers,
            content=content,
        )
        with asked as answer:
            yield answer

    @contextmanager
    def open_file(
        self, file: FileAddress, *, start: int, max_bytes: int, within_s: float
    ) -> Iterator[Answer]:
        """A file's bytes from `start` on. Redirects are followed, to public addresses only.

        Raises: as `HttpClient.request`.
        """
        address = f"{quote(file.full_name)}/resolve/{file.commit_sha}/{quote(file.path)}"
        url = f"{self.url}/{_prefix(file.type)}{address}"
        headers = {"range": f"bytes={start}-"} if start else {}
        for left in range(MAX_REDIRECTS, -1, -1):
            with ExitStack() as stack:
                asked = self._client_for(url).request(
                    "GET", url, max_bytes=max_bytes, within_s=within_s, headers=headers
                )
                answer = stack.enter_context(asked)
                following = _following(answer) if left else None
                if following is None:
                    yield answer
                    return
            url = following

    def _client_for(self, url: str) -> HttpClient:
        """What an operator allowed of one address holds for no other, wherever it leads to."""
        own, asked = urlsplit(self.url), urlsplit(url)
        is_own = (own.scheme, own.netloc) == (asked.scheme, asked.netloc)
        return self._own if is_own else self._http


def _following(answer: Answer) -> str | None:
    """Where a redirect leads, never from https to http; None when it is none."""
    target = answer.headers.get("location")
    if answer.status not in _MOVED or not target:
        return None
    following = urljoin(answer.url, target)
    falls_back = answer.url.startswith("https:") and not following.startswith("https:")
    return None if falls_back else following


def _prefix(type: RepoType) -> str:
    return "" if type is RepoType.MODEL else f"{type}s/"
