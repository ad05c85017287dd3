"""The connection to a hub: what is sent goes there and nowhere else."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import httpx

from etabli.foundation.errors import EtabliError, UnavailableError
from etabli.foundation.i18n.messages import Message, msg

CONNECT_WITHIN_S = 20.0


class HubError(EtabliError):
    """What the hub refused, in its own sentence, in the language that was asked for."""

    def __init__(self, sentence: str, status: int, kind: str, retry_after_s: int | None) -> None:
        super().__init__(Message("{sentence}", {"sentence": sentence}))
        self.status = status
        self.kind = kind
        """The name of the error, for programs."""
        self.retry_after_s = retry_after_s


class HubUnreachableError(UnavailableError):
    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            msg(
                "No hub could be reached at {address}: {reason}. Check the address, and that you "
                "are connected.",
                address=address,
                reason=reason,
            )
        )


class HubMovedError(EtabliError):
    """It sends elsewhere. Nothing follows: neither the token nor what was to be sent."""

    def __init__(self, address: str, elsewhere: str) -> None:
        super().__init__(
            msg(
                "{address} sends to {elsewhere}, and nothing was sent there. If that is right, "
                "use that address.",
                address=address,
                elsewhere=elsewhere,
            )
        )


class NoHubThereError(EtabliError):
    def __init__(self, address: str, status: int) -> None:
        super().__init__(
            msg(
                "What answers at {address} is no hub of this kind (HTTP {status}). Check the "
                "address.",
                address=address,
                status=str(status),
            )
        )


class CutShortError(UnavailableError):
    def __init__(self, address: str) -> None:
        super().__init__(
            msg("The answer of {address} broke off before its end. Try again.", address=address)
        )


class Connection:
    """Requests to one hub, in somebody's name if there is a token."""

    def __init__(self, address: str, token: str | None, language: str, timeout_s: float) -> None:
        headers = {"Accept-Language": language, "User-Agent": f"etabli/{version('etabli')}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.address = address
        self._http = httpx.Client(
            base_url=address,
            headers=headers,
            timeout=httpx.Timeout(timeout_s, connect=CONNECT_WITHIN_S),
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()

    def json(self, method: str, path: str, **request: Any) -> Any:
        """
        Raises:
            HubError: the hub refuses it.
            HubMovedError, HubUnreachableError, NoHubThereError: no hub answers there.
        """
        with self.stream(method, path, **request) as response:
            try:
                response.read()
                return response.json() if response.content else None
            except httpx.TransportError as error:
                raise CutShortError(self.address) from error
            except ValueError as error:
                raise NoHubThereError(self.address, response.status_code) from error

    @contextmanager
    def stream(self, method: str, path: str, **request: Any) -> Iterator[httpx.Response]:
        """An answer that is not read yet; see `json` for what is raised."""
        built = self._http.build_request(method, path, **request)
        try:
            response = self._http.send(built, stream=True)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise HubUnreachableError(self.address, reason) from error
        try:
            self._check(response)
            yield response
        finally:
            response.close()

    def _check(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        if response.is_redirect:
            raise HubMovedError(self.address, response.headers["location"])
        try:
            response.read()
            said = response.json()
        except (httpx.TransportError, ValueError):
            said = None
        if not isinstance(said, Mapping) or not isinstance(said.get("error"), str):
            raise NoHubThereError(self.address, response.status_code)
        after = response.headers.get("retry-after", "")
        raise HubError(
            said["error"],
            response.status_code,
            str(said.get("kind", "")),
            int(after) if after.isdigit() else None,
        )
