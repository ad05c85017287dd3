"""Operations that check a password: slow on purpose, so outside of any unit of work.

While a password is checked no writer waits for it, and no other process knows of it but by the
count of tries, which comes first.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from etabli.features.accounts import Actor, hash_password
from etabli.site import Site

BROWSER_IS_KNOWN_FOR = timedelta(days=365)


@dataclass(frozen=True)
class SignedIn:
    """What a browser keeps: `secret` opens the account; `browser` only says that it did before."""

    secret: str
    browser: str


def sign_in(
    site: Site, name: str, password: str, *, address: str | None = None, browser: str = ""
) -> SignedIn:
    """
    Args:
        address: the network that the client is in, if it is certain.
        browser: what the same browser was given when it signed in before, if it was.

    Raises:
        BadCredentialsError: the name or the password is wrong.
        TooManyAttemptsError: this try must wait.
    """
    known = _known(site, name, browser)
    with site.open_hub() as hub:
        attempt = hub.sign_ins.begin(name, address=address, browser=known)
    attempt.check(password)
    with site.open_hub() as hub:
        secret = hub.sign_ins.finish(attempt)
    return SignedIn(secret, browser if known else new_browser(site, name))


def change_password(
    site: Site, actor: Actor, current: str, password: str, *, kept_secret: str
) -> None:
    """Every browser is signed out, but the one whose cookie is `kept_secret`.

    Raises:
        BadCredentialsError: the current password is wrong.
        TooManyAttemptsError: this try must wait.
        WeakPasswordError: the new password is too short.
    """
    password_hash = hash_password(password)
    with site.open_hub() as hub:
        attempt = hub.sign_ins.begin_again(actor)
    attempt.check(current)
    with site.open_hub() as hub:
        hub.sign_ins.change_password(attempt, password_hash, kept_secret)


def new_browser(site: Site, name: str) -> str:
    """For a browser where `name` is signed in for the first time: what it is known by later."""
    claims = {"id": secrets.token_urlsafe(12)}
    return site.signer.sign(_purpose(name), claims, datetime.now(UTC), BROWSER_IS_KNOWN_FOR)


def _known(site: Site, name: str, browser: str) -> str | None:
    claims = site.signer.read(_purpose(name), browser, datetime.now(UTC))
    return str(claims["id"]) if claims else None


def _purpose(name: str) -> str:
    return f"browser of {name.lower()}"
