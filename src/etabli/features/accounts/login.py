"""Proving who one is by a password, and what follows when it is changed."""

from dataclasses import dataclass, field
from datetime import timedelta

from etabli.features.accounts.errors import BadCredentialsError, TooManyAttemptsError
from etabli.features.accounts.login_throttle import (
    ALL_FORGOTTEN,
    FROM_AN_ADDRESS,
    WITH_A_NAME,
    Backoff,
)
from etabli.features.accounts.passwords import hash_password, is_right
from etabli.features.accounts.permissions import Actor
from etabli.features.accounts.queries import AccountStore
from etabli.features.accounts.service import Accounts
from etabli.features.accounts.tokens import digest
from etabli.foundation.unit_of_work import UnitOfWork

_Key = tuple[str, str]
_BACKOFF: dict[str, Backoff] = {
    "address": FROM_AN_ADDRESS,
    "name": WITH_A_NAME,
    "browser": WITH_A_NAME,
    "own": WITH_A_NAME,
}


@dataclass(frozen=True)
class Attempt:
    """A try at a password, counted as a wrong one until it is found right."""

    user: str | None
    password_hash: str | None = field(repr=False)
    keys: tuple[_Key, ...]

    def check(self, password: str) -> None:
        """Slow on purpose: call it outside of a transaction.

        Raises:
            BadCredentialsError: whichever is wrong, the name or the password, in the same time.
        """
        if not is_right(password, self.password_hash):
            raise BadCredentialsError


class BrowserSessions:
    """An attempt is begun, checked, and finished, in two units of work and none between them.

    It is counted before it is checked, so that of many at once, in any process, no more are
    checked than may be.
    """

    def __init__(self, work: UnitOfWork, accounts: Accounts) -> None:
        self._work = work
        self._accounts = accounts
        self._store = AccountStore(work.db)

    def begin(
        self, name: str, *, address: str | None = None, browser: str | None = None
    ) -> Attempt:
        """Begin to sign in. Says nothing of whether there is such a name.

        Args:
            address: the network that the client is in, if it is certain.
            browser: which of the browsers where this name has signed in before, if it is one: its
                tries are counted apart, so that a stranger's do not hold up whoever is known.

        Raises:
            TooManyAttemptsError: this try must wait.
        """
        if browser:
            return self._begin(name, [("browser", browser)])
        from_address = [("address", address)] if address else []
        return self._begin(name, [*from_address, ("name", name.lower())])

    def begin_again(self, actor: Actor) -> Attempt:
        """The same, for somebody who is signed in: counted apart from what strangers try.

        Raises:
            TooManyAttemptsError: this try must wait.
        """
        assert actor.name  # noqa: S101
        return self._begin(actor.name, [("own", actor.name.lower())])

    def finish(self, attempt: Attempt) -> str:
        """After a right password: the secret for the cookie of a browser that signs in.

        Raises:
            BadCredentialsError: the password was changed meanwhile.
        """
        return self._accounts.open_sign_in(self._settle(attempt))

    def change_password(self, attempt: Attempt, password_hash: str, kept_secret: str) -> None:
        """After a right password: the new one. Every browser but this one is signed out.

        Raises:
            BadCredentialsError: the password was changed meanwhile.
        """
        name = self._settle(attempt)
        self._accounts.set_password(name, password_hash)
        self._store.remove_sign_ins(name, but=digest(kept_secret))

    def reset_password(self, name: str, password: str) -> None:
        """For operators: needs no other password, ends every wait, signs out every browser.

        Raises:
            NamespaceNotFoundError: nobody has this name.
            WeakPasswordError: the new one is too short.
        """
        user = self._accounts.set_password(name, hash_password(password))
        self._store.remove_sign_ins(user)
        for kind in ("name", "own"):
            self._forget((kind, user.lower()))

    def sign_out_everywhere(self, actor: Actor) -> None:
        """Sign out every browser. Access tokens go on."""
        self._store.remove_sign_ins(actor.name or "")

    def _begin(self, name: str, keys: list[_Key]) -> Attempt:
        self._store.remove_old_tries(self._work.now - ALL_FORGOTTEN)
        for key in keys:
            self._count(key)
        user = self._store.user(name)
        return Attempt(
            user.name if user else None, user.password_hash if user else None, tuple(keys)
        )

    def _count(self, key: _Key) -> None:
        patience, now = _BACKOFF[key[0]], self._work.now
        tries = self._store.tries(_row(key), now)
        remembered = patience.remembered(tries.count, now - tries.last_at)
        wait = tries.last_at + patience.wait_after(remembered) - now
        if remembered and wait > timedelta():
            raise TooManyAttemptsError(wait)
        tries.count = min(remembered + 1, patience.most)
        tries.last_at = now

    def _settle(self, attempt: Attempt) -> str:
        """The name whose password was right, and still is."""
        user = self._store.user(attempt.user) if attempt.user else None
        if user is None or user.password_hash != attempt.password_hash:
            raise BadCredentialsError
        for key in attempt.keys:
            self._forget(key)
        return user.name

    def _forget(self, key: _Key) -> None:
        # An address is forgiven one try only: its owner could forgive the others by an account.
        if key[0] == "address":
            self._store.forgive_one(_row(key))
        else:
            self._store.remove_tries(_row(key))


def _row(key: _Key) -> str:
    """As a digest: people type their password where the name goes."""
    return digest(":".join(key))
