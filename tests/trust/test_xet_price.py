"""A few bytes sent must not keep the hub at work for long, nor hold up what others send."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import lz4.frame
import pytest

from etabli.api.xet import reading
from etabli.features.blobs import hash_name
from etabli.features.blobs.xet import chunks, service, verification
from etabli.features.repos import RepoType
from etabli.operations import xet_uploads
from etabli.pools import VERIFICATIONS
from tests.conftest import issue_token
from tests.xet_client import LZ4, MadeXorb, cut, file_of, noise, pack_chunk, shard_of, whole

ZEROS = MadeXorb(cut(bytes(131_072 * 8), 131_072), LZ4)
SMALL = MadeXorb(cut(noise(300_000)))


class Sender:
    def __init__(self, client, site, user, name):
        headers = {"Authorization": f"Bearer {issue_token(site, user)}"}
        address = f"/api/models/{user}/{name}/xet-%s-token/main"
        token = client.get(address % "write", headers=headers).json()
        read = client.get(address % "read", headers=headers).json()
        self.client = client
        self.base = urlsplit(token["casUrl"]).path
        self.headers = {"Authorization": f"Bearer {token['accessToken']}"}
        self.read_headers = {"Authorization": f"Bearer {read['accessToken']}"}

    def send_xorb(self, xorb, body=None):
        address = f"{self.base}/v1/xorbs/default/{xorb.name}"
        return self.client.post(address, content=body or xorb.body, headers=self.headers)

    def send_shard(self, *files, version="v1"):
        address = f"{self.base}/{version}/shards"
        return self.client.post(address, content=shard_of(*files), headers=self.headers)


@pytest.fixture
def attacker(site, alice, client):
    with site.open_hub() as hub:
        hub.repos.create(alice, RepoType.MODEL, "alice", "large")
    return Sender(client, site, "alice", "large")


@pytest.fixture
def neighbour(site, bob, client):
    with site.open_hub() as hub:
        hub.repos.create(bob, RepoType.MODEL, "bob", "small")
    return Sender(client, site, "bob", "small")


@pytest.fixture
def unpacked(monkeypatch):
    """How many bytes LZ4 has made."""
    sizes, decompress = [], chunks._decompress

    def count(packed, raw_bytes):
        raw = decompress(packed, raw_bytes)
        sizes.append(len(raw))
        return raw

    monkeypatch.setattr(chunks, "_decompress", count)
    return sizes


def test_a_xorb_of_five_megabytes_that_unpacks_to_a_gigabyte(attacker, unpacked):
    bomb = pack_chunk(bytes(131_072), LZ4) * 8192
    answer = attacker.send_xorb(ZEROS, bomb)
    assert answer.status_code == 400
    assert "unpacks to more" in answer.json()["error"]
    assert unpacked == []


def test_a_chunk_that_unpacks_to_more_than_it_says(attacker, unpacked):
    packed = lz4.frame.compress(bytes(4_000_000))
    header = b"\0" + len(packed).to_bytes(3, "little") + b"\1" + (131_072).to_bytes(3, "little")
    assert attacker.send_xorb(ZEROS, header + packed).status_code == 400
    assert sum(unpacked) == 0


def test_a_shard_that_names_a_xorb_a_hundred_times(attacker, unpacked):
    attacker.send_xorb(ZEROS)
    unpacked.clear()
    assert attacker.send_shard(file_of(*[(ZEROS, 0, 8)] * 100)).status_code == 200
    assert sum(unpacked) == len(ZEROS.chunks) * 131_072


class TestSpent:
    @pytest.fixture
    def settings(self, settings):
        return settings.model_copy(update={"max_unpacked_gb_per_hour": 1})

    def test_an_account_has_its_hour_and_others_have_theirs(
        self, attacker, neighbour, site, monkeypatch
    ):
        monkeypatch.setattr(verification, "TERM_PRICE_BYTES", 20_000_000)
        attacker.send_xorb(ZEROS)
        neighbour.send_xorb(SMALL)
        assert attacker.send_shard(file_of(*[(ZEROS, 0, 8)] * 60)).status_code == 200
        more = file_of(*[(ZEROS, 0, 8)] * 3)
        refused = attacker.send_shard(more)
        assert refused.status_code == 503
        assert 0 < int(refused.headers["retry-after"]) <= 3600
        assert "1 GB" in refused.json()["error"]
        last = json.loads(attacker.send_shard(more, version="v2").text.splitlines()[-1])
        assert (last["type"], last["retryable"]) == ("error", True)
        assert neighbour.send_shard(whole(SMALL)).status_code == 200
        with site.read_hub() as hub:
            assert hub.blobs.find(more.sha256) is None


def test_a_small_file_is_kept_while_large_ones_are_under_way(attacker, neighbour, monkeypatch):
    """The large ones, more than there are threads, end only when the small one has: whoever had to
    wait for one of them would wait for ever."""
    turns = under_way_until(small_is_kept := threading.Event(), monkeypatch)
    attacker.send_xorb(ZEROS)
    neighbour.send_xorb(SMALL)
    large = [file_of(*[(ZEROS, 0, 8)] * count) for count in range(2, 2 + VERIFICATIONS.threads + 2)]
    with ThreadPoolExecutor(len(large)) as threads:
        sent = [threads.submit(attacker.send_shard, file) for file in large]
        while len({sha256 for sha256, _ in turns}) < len(large):
            assert not any(one.done() for one in sent)
            time.sleep(0.001)
        assert neighbour.send_xorb(MadeXorb(cut(noise(90_000, 3)))).status_code == 200
        assert neighbour.send_shard(whole(SMALL)).status_code == 200
        assert not any(one.done() for one in sent)
        small_is_kept.set()
        assert [one.result().status_code for one in sent] == [200] * len(large)


def test_a_shard_sent_again_before_its_answer_is_verified_once(attacker, monkeypatch, unpacked):
    turns = under_way_until(may_end := threading.Event(), monkeypatch)
    attacker.send_xorb(ZEROS)
    unpacked.clear()
    large = file_of(*[(ZEROS, 0, 8)] * 2)
    with ThreadPoolExecutor(3) as threads:
        sent = [threads.submit(attacker.send_shard, large)]
        while not turns:
            assert not sent[0].done()
            time.sleep(0.001)
        sent += [threads.submit(attacker.send_shard, large, version=v) for v in ("v1", "v2")]
        known = len(turns)
        while len(turns) < known + 50:
            assert not any(one.done() for one in sent)
            time.sleep(0.001)
        may_end.set()
        answers = [one.result() for one in sent]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert json.loads(answers[2].text.splitlines()[-1]) == {"type": "result", "result": 1}
    assert sum(unpacked) == 8 * 131_072


def under_way_until(event, monkeypatch):
    """Large files have their SHA-256 only then; returns whose turn it was, as it grows."""
    turns, verify = [], xet_uploads.verify_sha256

    def slow(store, checked, *given):
        found = yield from verify(store, checked, *given)
        while checked.size_bytes > 1_000_000 and not event.is_set():
            turns.append((found.sha256, len(turns)))
            yield xet_uploads.TURN_BYTES
        return found

    monkeypatch.setattr(xet_uploads, "verify_sha256", slow)
    return turns


class TestReading:
    """What a request to read can make the hub do."""

    @pytest.fixture
    def reader(self, attacker):
        attacker.send_xorb(SMALL)
        assert attacker.send_shard(whole(SMALL)).status_code == 200
        return attacker

    def ask(self, reader, path, **headers):
        headers = {**reader.read_headers, **headers}
        return reader.client.get(f"{reader.base}{path}", headers=headers)

    def test_a_range_again_and_again(self, reader):
        plan = self.ask(reader, f"/v2/reconstructions/{whole(SMALL).name}").json()
        (entry,) = plan["xorbs"][SMALL.name]
        parts = urlsplit(entry["url"])
        last = entry["ranges"][0]["bytes"]["end"]
        for asked in (
            f"0-{last}, 0-{last}",
            "0-1, 0-1",
            f"0-{'9' * 5000}",
            f"{'9' * 30}-{'9' * 31}",
        ):
            answer = reader.client.get(
                f"{parts.path}?{parts.query}", headers={"Range": f"bytes={asked}"}
            )
            assert answer.status_code == 403, asked[:20]

    def test_numbers_too_large_for_any_file(self, reader):
        path = f"/v2/reconstructions/{whole(SMALL).name}"
        assert self.ask(reader, path, Range="bytes=0-" + "9" * 5000).status_code == 200
        assert self.ask(reader, path, Range="bytes=" + "9" * 18 + "-").status_code == 416

    def test_many_files_of_many_parts_in_one_answer(self, reader, monkeypatch):
        monkeypatch.setattr(reading, "MAX_RUNS", 10)
        files = [file_of(*[(SMALL, n, n + 1)] * 6) for n in (0, 1)]
        assert reader.send_shard(*files).status_code == 200
        asked = [f"file_id={file.name}" for file in files]
        assert self.ask(reader, f"/v1/reconstructions?{asked[0]}&{asked[0]}").status_code == 200
        assert self.ask(reader, f"/v1/reconstructions?{'&'.join(asked)}").status_code == 413

    def test_an_answer_about_chunks_tells_of_so_many(self, reader, monkeypatch):
        other = MadeXorb(cut(noise(90_000, 5)))
        reader.send_xorb(other)
        both = file_of((other, 0, 2), (SMALL, 0, 6))
        assert reader.send_shard(both).status_code == 200
        path = f"/v1/chunks/default/{hash_name(other.leaves[0][0])}"
        all_of_it = self.ask(reader, path).content
        assert other.raw_hash in all_of_it
        assert SMALL.raw_hash in all_of_it
        monkeypatch.setattr(service, "MAX_CHUNKS_IN_ANSWER", 5)
        less = self.ask(reader, path).content
        assert other.raw_hash in less
        assert SMALL.raw_hash not in less
