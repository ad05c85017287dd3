"""Signing in, many at once and in several processes."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from etabli.features.accounts import BadCredentialsError, TooManyAttemptsError
from etabli.operations.sign_in import sign_in
from etabli.site import Site

PASSWORD = "correct horse"


def outcome(site, **how):
    try:
        sign_in(site, "alice", how.pop("password", "wrong"), **how)
    except BadCredentialsError:
        return "wrong"
    except TooManyAttemptsError:
        return "wait"
    return "in"


def test_of_many_at_once_in_two_processes_no_more_are_looked_at_than_may_be(site, settings, alice):
    other = Site(settings)
    start = threading.Barrier(8)

    def one(n):
        start.wait()
        return [outcome((site, other)[n % 2]) for _ in range(3)]

    with ThreadPoolExecutor(8) as pool:
        got = [each for three in pool.map(one, range(8)) for each in three]
    other.close()
    assert sorted(got) == ["wait"] * 19 + ["wrong"] * 5


def test_while_a_password_is_checked_nothing_is_held(site, alice, monkeypatch):
    """Or a flood of sign-ins would stop every writer of a SQLite hub."""
    seen = []

    def looks(_password, _hash):
        with site.open_hub() as hub:
            seen.append(hub.accounts.actor("alice").name)
        return True

    monkeypatch.setattr("etabli.features.accounts.login.is_right", looks)
    assert outcome(site) == "in"
    assert seen == ["alice"]


@pytest.fixture
def held_up(site, alice):
    """Her browser, which has signed in before strangers began to try her name."""
    browser = sign_in(site, "alice", PASSWORD).browser
    assert [outcome(site) for _ in range(6)] == ["wrong"] * 5 + ["wait"]
    return browser


def test_whoever_signed_in_before_still_can(site, held_up):
    assert outcome(site, password=PASSWORD) == "wait"
    assert outcome(site, password=PASSWORD, browser=held_up) == "in"


@pytest.mark.parametrize("forged", ["", "x", "x.y", "é.é", "eyJpZCI6IngifQ.AAAA"])
def test_a_browser_is_not_known_because_it_says_so(site, held_up, forged):
    assert outcome(site, password=PASSWORD, browser=forged) == "wait"


def test_a_browser_known_to_one_account_is_a_stranger_to_another(site, held_up, bob):
    bobs = sign_in(site, "bob", PASSWORD).browser
    assert outcome(site, password=PASSWORD, browser=bobs) == "wait"


def test_a_known_browser_stays_the_same_one(site, held_up):
    assert sign_in(site, "Alice", PASSWORD, browser=held_up).browser == held_up
