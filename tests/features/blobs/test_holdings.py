"""Who holds which bytes, and in whose quota they count."""

import threading

import pytest

from etabli.features.blobs import Holder, HolderKind, Holdings, Quota, QuotaReachedError
from etabli.features.repos import RepoNotFoundError, RepoType

BOX, CRATE = Holder(HolderKind.REPO, "box"), Holder(HolderKind.REPO, "crate")
A, B = "a" * 64, "b" * 64


@pytest.fixture
def holdings(hub):
    return Holdings(hub.work, Quota(0))


def test_each_holder_holds_for_itself(holdings):
    holdings.hold(BOX, {A: 10, B: 5}, "alice")
    holdings.hold(CRATE, {A: 10}, "bob")
    assert holdings.holds(CRATE, A)
    assert not holdings.holds(CRATE, B)
    assert holdings.needed() == {A, B}
    assert set(holdings.holder_keys(HolderKind.REPO, [A, B], 9)) == {"box", "crate"}
    assert holdings.release(BOX, [A, B]) == 2
    assert holdings.needed() == {A}
    holdings.release_all(CRATE)
    assert holdings.needed() == set()


def test_what_two_hold_counts_twice_and_what_one_is_told_again_once(holdings):
    for _ in range(2):
        holdings.hold(BOX, {A: 10, B: 5}, "alice")
    holdings.hold(CRATE, {A: 10}, "alice")
    assert holdings.charged_bytes("alice") == 25


def test_who_brings_what_is_held_takes_nothing_over_and_the_owner_does(holdings):
    holdings.hold(BOX, {A: 10}, "alice")
    holdings.hold(BOX, {A: 10, B: 5}, "alice", "bob")
    assert (holdings.charged_bytes("alice"), holdings.charged_bytes("bob")) == (10, 5)
    assert holdings.charged_to_others(BOX, "alice") == [B]
    holdings.hold(BOX, {B: 5}, "alice")
    assert (holdings.charged_bytes("alice"), holdings.charged_bytes("bob")) == (15, 0)


def test_a_new_owner_is_charged_for_what_the_old_one_was_and_for_nothing_else(holdings):
    holdings.hold(BOX, {A: 10}, "alice")
    holdings.hold(BOX, {B: 5}, "alice", "bob")
    holdings.change_owner(BOX, "alice", "guild")
    assert [holdings.charged_bytes(one) for one in ("alice", "bob", "guild")] == [0, 5, 10]


def test_a_quota_is_asked_wherever_bytes_are_held(hub):
    holdings = Holdings(hub.work, Quota(10))
    holdings.hold(BOX, {A: 10}, "alice")
    holdings.hold(BOX, {A: 10}, "alice")  # held already
    with pytest.raises(QuotaReachedError, match="alice"):
        holdings.hold(CRATE, {A: 10}, "alice")
    with pytest.raises(QuotaReachedError, match="bob"):
        holdings.hold(CRATE, {A: 10, B: 1}, "alice", "bob")
    assert not holdings.holds(CRATE, A)


class TestOfRepositories:
    @pytest.fixture
    def repo(self, site, alice):
        with site.open_hub() as hub:
            hub.accounts.create_org("guild", "alice")
            repo = hub.repos.create(alice, RepoType.MODEL, "alice", "box")
            hub.repos.hold_blobs(repo, {A: 10})
        return repo

    def test_a_repository_that_moves_counts_as_its_new_owners(self, site, alice, repo):
        with site.open_hub() as hub:
            hub.repos.move(hub.accounts.actor("alice"), repo, "guild", "box")
            assert hub.blobs.holdings.charged_bytes("guild") == 10
            assert hub.blobs.holdings.charged_bytes("alice") == 0

    def test_one_that_is_deleted_holds_nothing(self, site, alice, repo):
        with site.open_hub() as hub:
            hub.repos.delete(alice, repo)
            assert hub.blobs.holdings.needed() == set()
        with site.open_hub() as hub, pytest.raises(RepoNotFoundError):
            hub.repos.hold_blobs(repo, {B: 5})

    def test_one_is_not_deleted_while_it_comes_to_hold_something(self, site, alice, repo):
        """Or else the bytes would be held by nothing, for ever."""
        if site.database.is_sqlite:
            pytest.skip("SQLite has one writer at a time: nothing comes in between")
        held, may_end = threading.Event(), threading.Event()

        def hold() -> None:
            with site.open_hub() as hub:
                hub.repos.hold_blobs(repo, {B: 5})
                held.set()
                may_end.wait(0.5)  # the deletion comes to wait meanwhile

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        with site.open_hub() as hub:
            hub.repos.delete(alice, repo)
        may_end.set()
        thread.join()
        with site.read_hub() as hub:
            assert hub.blobs.holdings.needed() == set()
