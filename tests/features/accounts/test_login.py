"""Wrong passwords wait, a stranger locks nobody out, and a new password ends the old sessions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from etabli.features.accounts import (
    Accounts,
    BadCredentialsError,
    BrowserSessions,
    TokenRole,
    TooManyAttemptsError,
    WeakPasswordError,
    digest,
    hash_password,
)
from etabli.features.accounts.login_throttle import FROM_AN_ADDRESS, WITH_A_NAME
from etabli.features.accounts.models import FailedLogins
from etabli.foundation.errors import NotFoundError

PASSWORD = "correct horse"


class Clock:
    """The same unit of work, later."""

    def __init__(self, hub):
        self._work = hub.work

    def later(self, **span):
        self._work = replace(self._work, now=self._work.now + timedelta(**span))

    @property
    def sign_ins(self):
        return BrowserSessions(self._work, Accounts(self._work))

    def tries(self, name="alice", **known):
        """How long it must wait; 0 when it is looked at."""
        try:
            self.sign_ins.begin(name, **known)
        except TooManyAttemptsError as error:
            return error.wait_s
        return 0


@pytest.fixture
def clock(hub, alice):
    return Clock(hub)


def test_after_five_wrong_tries_the_next_one_waits(clock):
    assert [clock.tries() for _ in range(6)] == [0, 0, 0, 0, 0, 10]
    clock.later(seconds=10)
    assert clock.tries() == 0
    assert clock.tries() == 20


def test_the_wait_grows_to_five_minutes_and_no_further(clock):
    waits = []
    for _ in range(40):
        wait = clock.tries()
        waits.append(wait)
        clock.later(seconds=wait)
    assert sorted(set(waits)) == [0, 10, 20, 40, 80, 160, 300]
    assert max(waits) == 300


def test_whoever_waits_for_long_has_all_tries_again(clock):
    for _ in range(30):
        clock.later(seconds=clock.tries())
    clock.later(hours=3)
    assert [clock.tries() for _ in range(6)] == [0, 0, 0, 0, 0, 10]


def test_a_try_that_waits_makes_the_wait_no_longer(clock):
    for _ in range(5):
        clock.tries()
    assert {clock.tries() for _ in range(50)} == {10}


def test_a_name_that_nobody_has_waits_as_any_other(clock):
    waits = [[clock.tries(name) for _ in range(7)] for name in ("alice", "nobody", "bob\0", "")]
    assert waits[1:] == waits[:1] * 3


@pytest.mark.parametrize("other", ["ALICE", "\u0041lice"])
def test_another_spelling_of_a_name_is_the_same_name(clock, other):
    for _ in range(5):
        clock.tries()
    assert clock.tries(other) == 10


def test_one_name_does_not_hold_up_another(clock):
    for _ in range(6):
        clock.tries()
    assert clock.tries("bob") == 0


def test_a_right_password_begins_anew(clock):
    for _ in range(4):
        clock.tries()
    attempt = clock.sign_ins.begin("alice")
    attempt.check(PASSWORD)
    clock.sign_ins.finish(attempt)
    assert [clock.tries() for _ in range(6)] == [0, 0, 0, 0, 0, 10]


def test_a_browser_that_is_known_is_not_held_up_by_strangers(clock):
    for _ in range(6):
        clock.tries(address="192.0.2.1/32")
    assert clock.tries(browser="hers", address="192.0.2.1/32") == 0
    assert [clock.tries(browser="hers") for _ in range(5)] == [0, 0, 0, 0, 10]
    assert clock.tries(browser="her other one") == 0


def test_an_address_that_tries_many_names_waits_too(clock):
    waits = [clock.tries(f"name{n}", address="192.0.2.1/32") for n in range(101)]
    assert waits == [0] * 100 + [1]
    assert clock.tries("alice", address="192.0.2.2/32") == 0
    assert clock.tries("alice") == 0


def test_an_account_of_ones_own_does_not_free_an_address(clock):
    for n in range(99):
        clock.tries(f"name{n}", address="192.0.2.1/32")
    attempt = clock.sign_ins.begin("alice", address="192.0.2.1/32")
    attempt.check(PASSWORD)
    clock.sign_ins.finish(attempt)
    assert [clock.tries(f"more{n}", address="192.0.2.1/32") for n in range(2)] == [0, 1]


@pytest.mark.parametrize("patience", [WITH_A_NAME, FROM_AN_ADDRESS])
def test_the_last_count_waits_longest(patience):
    assert patience.wait_after(patience.most) == patience.longest_wait
    assert patience.wait_after(patience.most - 1) < patience.longest_wait


def test_what_was_typed_is_not_kept(clock, hub):
    clock.tries("a password in the wrong field")
    clock.later(hours=6, seconds=1)
    assert "password" not in str([vars(row) for row in hub.work.db.query(FailedLogins)])
    clock.tries("bob")
    assert hub.work.db.query(FailedLogins).count() == 1  # the old ones are swept out


# New passwords


def test_a_new_password_signs_out_every_other_browser(hub, alice):
    kept, other = (hub.accounts.open_sign_in("alice") for _ in range(2))
    secret = hub.accounts.issue_token("alice", TokenRole.READ, "t").secret
    attempt = hub.sign_ins.begin_again(alice)
    attempt.check(PASSWORD)
    hub.sign_ins.change_password(attempt, hash_password("battery staple"), kept)

    assert hub.accounts.recognise_sign_in(kept) is not None
    assert hub.accounts.recognise_sign_in(other) is None
    assert hub.accounts.recognise(secret).name == "alice"
    hub.sign_ins.begin("alice").check("battery staple")
    with pytest.raises(BadCredentialsError):
        hub.sign_ins.begin("alice").check(PASSWORD)


def test_a_sign_in_under_way_does_not_outlive_a_new_password(hub, alice):
    attempt = hub.sign_ins.begin("alice")
    attempt.check(PASSWORD)
    hub.sign_ins.reset_password("alice", "battery staple")
    with pytest.raises(BadCredentialsError):
        hub.sign_ins.finish(attempt)


def test_an_account_without_a_password_gets_one_from_the_operator_only(hub):
    robot = hub.accounts.register("robot")
    for password in ("", "None"):
        with pytest.raises(BadCredentialsError):
            hub.sign_ins.begin_again(robot).check(password)
    hub.sign_ins.reset_password("robot", PASSWORD)
    hub.sign_ins.begin("robot").check(PASSWORD)


def test_a_reset_that_is_refused_changes_nothing(hub, alice):
    with pytest.raises(WeakPasswordError):
        hub.sign_ins.reset_password("alice", "short")
    with pytest.raises(NotFoundError):
        hub.sign_ins.reset_password("nobody", PASSWORD)
    hub.sign_ins.begin("alice").check(PASSWORD)


def test_signing_out_everywhere_is_ones_own_affair(hub, alice, bob):
    alices, bobs = (hub.accounts.open_sign_in(name) for name in ("alice", "bob"))
    hub.sign_ins.sign_out_everywhere(alice)
    assert hub.accounts.recognise_sign_in(alices) is None
    assert hub.accounts.recognise_sign_in(bobs) is not None


def test_guesses_at_a_session_do_not_hold_up_signing_in(hub, alice):
    for _ in range(5):
        hub.sign_ins.begin_again(alice)
    with pytest.raises(TooManyAttemptsError):
        hub.sign_ins.begin_again(alice)
    hub.sign_ins.begin("alice")


# When a token was used


def test_the_use_of_a_token_is_noted_once_an_hour(site, alice):
    with site.open_hub() as hub:
        secret = hub.accounts.issue_token("alice", TokenRole.READ, "t").secret
        assert hub.accounts.is_use_unnoted(hub.accounts.recognise(secret))
    with site.open_hub() as hub:
        hub.accounts.note_uses([digest(secret)])
        assert not hub.accounts.is_use_unnoted(hub.accounts.recognise(secret))
        [token] = hub.accounts.tokens(alice)
        token.last_used_at -= timedelta(hours=1)
        assert hub.accounts.is_use_unnoted(hub.accounts.recognise(secret))
        assert not hub.accounts.is_use_unnoted(alice)  # by no token


def test_all_tokens_of_one_person_are_revoked(hub, alice, bob):
    for name in ("alice", "alice", "bob"):
        hub.accounts.issue_token(name, TokenRole.READ, "t")
    hub.accounts.revoke_tokens("alice")
    assert [len(hub.accounts.tokens(who)) for who in (alice, bob)] == [0, 1]
