"""Where a hub is."""

import ipaddress
from urllib.parse import urlsplit

from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg


class BadHubAddressError(InvalidInputError):
    def __init__(self, address: str) -> None:
        super().__init__(
            msg(
                "“{address}” is no address of a hub. Give one such as https://hub.example",
                address=address,
            )
        )


def hub_address(text: str) -> str:
    """One way to write each address: `Hub.Example/` is `https://hub.example`.

    Without a scheme it is https, or http on this machine.

    Raises:
        BadHubAddressError: it is none, or it names a user, a path or a query too.
    """
    said = text.strip()
    try:
        parts = urlsplit(said if "://" in said else f"//{said}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadHubAddressError(text) from error
    scheme = parts.scheme or ("http" if _is_loopback(host or "") else "https")
    has_more = parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment
    if not host or scheme not in ("http", "https") or has_more or " " in said:
        raise BadHubAddressError(text)
    shown_host = f"[{host}]" if ":" in host else host
    is_usual = port in (None, {"http": 80, "https": 443}[scheme])
    return f"{scheme}://{shown_host}" + ("" if is_usual else f":{port}")


def is_exposed(address: str) -> bool:
    """Whether those on the way can read what is sent there, a token included."""
    parts = urlsplit(address)
    return parts.scheme == "http" and not _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
