"""Work is priced before it is done, and done in turns between which nothing is held."""

from io import BytesIO

import pytest

from etabli.features.blobs import BadShardError, BadXorbError, QuotaReachedError, TooLargeError
from etabli.features.repos import RepoType
from etabli.operations import xet_uploads
from etabli.operations.xet_uploads import (
    GB,
    Sender,
    WorkBudget,
    WorkSpentError,
    keep_shard,
    keep_xorb,
)
from tests.writer_watch import held_connections
from tests.xet_client import LZ4, MadeXorb, cut, file_of, noise, shard_of, whole

ZEROS = MadeXorb(cut(bytes(400_000)), LZ4)
NOISE = MadeXorb(cut(noise(300_000)))


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "large")


@pytest.fixture
def sender(repo):
    return Sender(repo.holder, "alice")


@pytest.fixture
def hashed(monkeypatch):
    """How many bytes were put together and hashed."""
    sizes, verify = [], xet_uploads.verify_sha256

    def count(*given):
        steps = verify(*given)
        while True:
            try:
                price = next(steps)
            except StopIteration as end:
                return end.value
            sizes.append(price)
            yield price

    monkeypatch.setattr(xet_uploads, "verify_sha256", count)
    return sizes


def send_xorb(site, xorb, account="alice"):
    with site.backends.blobs.stage(hashed=False) as staged:
        staged.write(xorb.body)
        return keep_xorb(site, account, xorb.name, staged)


def steps(site, sender, *files):
    return keep_shard(site, sender, BytesIO(shard_of(*files)))


def kept(site, file):
    with site.read_hub() as hub:
        return hub.blobs.find(file.sha256)


class TestTurns:
    @pytest.fixture(autouse=True)
    def short(self, monkeypatch):
        monkeypatch.setattr(xet_uploads, "TURN_BYTES", 200_000)

    def test_a_large_file_takes_many_and_small_files_share_one(self, site, sender):
        send_xorb(site, ZEROS)
        large = file_of(*[(ZEROS, 0, 8)] * 20)
        turns = list(steps(site, sender, large))
        assert turns == sorted(turns)
        assert len(turns) > len(large.content) // 250_000
        small = [file_of((ZEROS, 0, 1), *[(ZEROS, n, n + 1)] * 2) for n in range(1, 5)]
        assert len(list(steps(site, sender, *small))) < 10
        assert all(kept(site, file) for file in (large, *small))

    def test_no_session_is_held_between_two(self, site, sender):
        send_xorb(site, NOISE)
        send_xorb(site, ZEROS)
        file = file_of(*[(NOISE, 0, 6), (ZEROS, 0, 8)] * 5)
        turns = 0
        for _ in steps(site, sender, file):
            turns += 1
            assert held_connections(site.database) == 0
            with site.open_hub() as hub:
                hub.accounts.register(f"writer-{turns}")
        assert turns > 10

    def test_closed_before_its_end_it_keeps_nothing(self, site, sender):
        send_xorb(site, ZEROS)
        file = file_of(*[(ZEROS, 0, 8)] * 20)
        begun = steps(site, sender, file)
        next(begun)
        next(begun)
        begun.close()
        assert kept(site, file) is None
        list(steps(site, sender, file))
        assert kept(site, file)


class TestBeforeItIsHashed:
    """What would be refused at the end is refused before any of it is read."""

    @pytest.fixture
    def settings(self, settings):
        limits = {"namespace_quota_gb": 0.01, "max_large_file_gb": 1}
        return settings.model_copy(update=limits)

    def test_more_than_a_namespace_may_hold(self, site, sender, hashed):
        send_xorb(site, ZEROS)
        with pytest.raises(QuotaReachedError):
            list(steps(site, sender, file_of(*[(ZEROS, 0, 8)] * 30)))
        assert hashed == []

    def test_a_file_that_is_too_large(self, site, sender, hashed):
        send_xorb(site, ZEROS)
        file = whole(ZEROS).with_term(raw_bytes=2 * GB)
        with pytest.raises(TooLargeError):
            list(steps(site, sender, file))
        assert hashed == []

    def test_what_is_claimed_of_its_length_is_compared(self, site, sender, hashed):
        send_xorb(site, ZEROS)
        lie = file_of(*[(ZEROS, 0, 8)] * 30)
        for place in range(1, 30):
            lie.terms[place] = lie.with_term(raw_bytes=1).terms[0]
        with pytest.raises(BadShardError):
            list(steps(site, sender, lie))
        assert hashed == []

    def test_a_file_that_was_verified_before_is_not_hashed_again(self, site, sender, hashed):
        send_xorb(site, NOISE)
        list(steps(site, sender, whole(NOISE)))
        assert sum(hashed) == 300_000
        list(steps(site, sender, whole(NOISE)))
        assert sum(hashed) == 300_000


class TestBudget:
    @pytest.fixture
    def clock(self):
        return [0.0]

    @pytest.fixture
    def budget(self, clock):
        return WorkBudget(10, lambda: clock[0])

    def test_the_last_that_is_let_through_may_be_of_any_size(self, budget):
        budget.charge("alice", 9 * GB)
        budget.charge("alice", 100 * GB)
        with pytest.raises(WorkSpentError):
            budget.charge("alice", 1)
        budget.charge("bob", 1)

    def test_it_comes_back_by_the_hour(self, budget, clock):
        budget.charge("alice", 20 * GB)
        clock[0] = 3500
        with pytest.raises(WorkSpentError) as refused:
            budget.charge("alice", 1)
        assert refused.value.retry_after_s in (100, 101)
        assert "2 min" in str(refused.value)
        clock[0] = 3602
        budget.charge("alice", 1)

    def test_what_was_not_done_is_given_back(self, budget):
        budget.charge("alice", 20 * GB)
        budget.give_back("alice", 15 * GB)
        budget.charge("alice", 1)

    def test_the_hub_itself_has_no_limit(self, budget):
        for _ in range(3):
            budget.charge(None, 100 * GB)

    def test_without_a_limit_nothing_is_counted(self):
        budget = WorkBudget(0)
        for _ in range(3):
            budget.charge("alice", 100 * GB)


class TestThePrice:
    """What is charged, and to whom."""

    @pytest.fixture
    def charged(self, monkeypatch):
        charged = []
        charge, give_back = WorkBudget.charge, WorkBudget.give_back

        def note(budget, account, price):
            charged.append((account, price))
            charge(budget, account, price)

        def note_back(budget, account, price):
            charged.append((account, -price))
            give_back(budget, account, price)

        monkeypatch.setattr(WorkBudget, "charge", note)
        monkeypatch.setattr(WorkBudget, "give_back", note_back)
        return charged

    def test_of_a_xorb_it_is_what_was_not_sent(self, site, alice, charged):
        send_xorb(site, NOISE)
        send_xorb(site, ZEROS)
        assert charged == [("alice", 0), ("alice", 400_000 - len(ZEROS.body))]
        send_xorb(site, ZEROS)
        assert len(charged) == 2, "what is here is not unpacked"

    def test_of_a_file_it_is_its_bytes_chunks_and_parts(self, site, sender, charged):
        send_xorb(site, ZEROS, account=None)
        charged.clear()
        file = file_of(*[(ZEROS, 0, 8)] * 3)
        list(steps(site, sender, file))
        assert charged == [("alice", 1_200_000 + 24 * 8192 + 3 * 65536), ("alice", 0)]

    def test_what_was_given_up_is_given_back(self, site, sender, charged):
        send_xorb(site, ZEROS, account=None)
        charged.clear()
        begun = steps(site, sender, whole(ZEROS))
        next(begun)
        begun.close()
        assert sum(price for _, price in charged) == 0

    def test_a_bomb_is_refused_before_it_is_priced(self, site, alice, charged):
        bomb = MadeXorb([bytes(131_072)] * 513, LZ4)
        with pytest.raises(BadXorbError):
            send_xorb(site, bomb)
        assert charged == []
