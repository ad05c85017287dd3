"""Plans name exactly what may be read, and their addresses open exactly that."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import HTTP

import pytest

from etabli.features.blobs import hash_name
from etabli.features.blobs.xet.hashing import hide
from etabli.features.blobs.xet.xorbs import unpack_all
from tests.xet_client import GROUPED, LZ4, MadeXorb, cut, file_of, noise

FIRST = MadeXorb(cut(noise(400_000, 1)))
SECOND = MadeXorb(cut(noise(300_000, 2)), GROUPED)
FILE = file_of((FIRST, 1, 4), (SECOND, 0, 6), (FIRST, 6, 8), (FIRST, 3, 5))


@pytest.fixture
def reader(sender):
    sender.send_xorb(FIRST)
    sender.send_xorb(SECOND)
    assert sender.send_shard(FILE).status_code == 200
    return sender


def read_v2(reader, plan):
    """What a client makes of a plan: fetch, unpack, choose the chunks, skip."""
    chunks = {}
    for xorb, entries in plan["xorbs"].items():
        for entry in entries:
            for part in entry["ranges"]:
                span = f"bytes={part['bytes']['start']}-{part['bytes']['end']}"
                answer = reader.fetch(entry["url"], span)
                assert answer.status_code == 206
                numbers = range(part["chunks"]["start"], part["chunks"]["end"])
                for number, chunk in zip(numbers, unpack_all(iter([answer.content])), strict=True):
                    chunks[xorb, number] = chunk
    return _joined(plan, chunks)


def _joined(plan, chunks):
    raw = b""
    for term in plan["terms"]:
        numbers = range(term["range"]["start"], term["range"]["end"])
        part = b"".join(chunks[term["hash"], number] for number in numbers)
        assert len(part) == term["unpacked_length"]
        raw += part
    return raw[plan["offset_into_first_range"] :]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 650_000),
        (0, 1),
        (49_999, 50_001),
        (149_999, 150_000),
        (150_000, 150_001),
        (7, 640_123),
        (460_000, 630_000),
        (649_999, 10**9),
    ],
)
def test_a_plan_leads_to_the_bytes(reader, start, end):
    plan = reader.plan(FILE, Range=f"bytes={start}-{end - 1}").json()
    assert read_v2(reader, plan)[: end - start] == FILE.content[start:end]


def test_the_whole_plan(reader):
    assert read_v2(reader, reader.plan(FILE).json()) == FILE.content


def test_old_clients_get_it_in_their_shape(reader):
    plan = reader.plan(FILE, "v1", Range="bytes=60000-700000").json()
    chunks = {}
    for xorb, parts in plan["fetch_info"].items():
        for part in parts:
            span = f"bytes={part['url_range']['start']}-{part['url_range']['end']}"
            content = reader.fetch(part["url"], span).content
            numbers = range(part["range"]["start"], part["range"]["end"])
            for number, chunk in zip(numbers, unpack_all(iter([content])), strict=True):
                chunks[xorb, number] = chunk
    assert _joined(plan, chunks)[:640_001] == FILE.content[60_000:700_001]


def test_several_plans_at_once(reader):
    address = f"{reader.base}/reconstructions?file_id={FILE.name}"
    answer = reader.client.get(address, headers=reader.read_headers).json()
    assert answer["files"][FILE.name] == reader.plan(FILE, "v1").json()["terms"]


@pytest.mark.parametrize("beyond", [0, 1, 10**9])
def test_past_the_end_is_416(reader, beyond):
    for version in ("v1", "v2"):
        start = len(FILE.content) + beyond
        assert reader.plan(FILE, version, Range=f"bytes={start}-{start + 9}").status_code == 416


def test_what_is_not_there_is_404(reader):
    assert reader.plan(replace(FILE, file_hash=noise(32))).status_code == 404


def test_another_repositorys_token_opens_nothing(reader, stranger):
    for version in ("v1", "v2"):
        assert stranger.plan(FILE, version).status_code == 404
    address = f"{stranger.base}/v1/files/{FILE.name}"
    assert stranger.client.head(address, headers=stranger.read_headers).status_code == 404
    address = f"{stranger.base}/v1/reconstructions?file_id={FILE.name}"
    assert stranger.client.get(address, headers=stranger.read_headers).status_code == 404


def test_the_size_of_a_file_is_told(reader):
    address = f"{reader.base}/v1/files/{FILE.name}"
    answer = reader.client.head(address, headers=reader.read_headers)
    assert answer.headers["content-length"] == str(len(FILE.content))


class TestAddresses:
    """Good for exactly the ranges that they were made for."""

    @pytest.fixture
    def entry(self, reader):
        plan = reader.plan(FILE).json()
        (entry,) = plan["xorbs"][FIRST.name]
        assert len(entry["ranges"]) == 2
        return entry

    def spans(self, entry):
        return [(part["bytes"]["start"], part["bytes"]["end"]) for part in entry["ranges"]]

    def test_all_at_once(self, reader, entry):
        (a, b), (c, d) = self.spans(entry)
        answer = reader.fetch(entry["url"], f"bytes={a}-{b}, {c}-{d}")
        assert answer.status_code == 206
        head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + answer.content, policy=HTTP).get_payload()
        size = len(FIRST.body)
        assert [part["content-range"] for part in parts] == [
            f"bytes {a}-{b}/{size}",
            f"bytes {c}-{d}/{size}",
        ]
        boundary = answer.headers["content-type"].partition("boundary=")[2].encode()
        bodies = [
            part.partition(b"\r\n\r\n")[2][:-2] for part in answer.content.split(b"--" + boundary)
        ]
        assert bodies[1:3] == [FIRST.body[a : b + 1], FIRST.body[c : d + 1]]
        assert len(answer.content) == int(answer.headers["content-length"])

    def test_nothing_else(self, reader, entry):
        (a, b), (c, d) = self.spans(entry)
        for span in (f"{a - 1}-{b}", f"{a}-{b + 1}", f"{a}-{d}", "0-10", f"{a}-{b}, 0-1", "-5", ""):
            header = f"bytes={span}" if span else ""
            assert reader.fetch(entry["url"], header).status_code == 403, span
        assert c > b

    def test_no_other_xorb_and_no_other_verb(self, reader, entry):
        (a, b), _ = self.spans(entry)
        foreign = entry["url"].replace(FIRST.name, SECOND.name)
        assert reader.fetch(foreign, f"bytes={a}-{b}").status_code == 403
        assert reader.fetch(entry["url"][:-3] + "AAA", f"bytes={a}-{b}").status_code == 403
        bare = entry["url"].partition("?")[0] + "?"
        assert reader.fetch(bare, f"bytes={a}-{b}").status_code == 403
        assert reader.fetch(entry["url"], f"bytes={a}-{b}", "HEAD").status_code == 206

    def test_many_runs_make_several_addresses(self, sender):
        xorb = MadeXorb(cut(noise(1000 * 200, 3), 1000))
        sparse = file_of(*((xorb, place, place + 1) for place in range(0, 200, 2)))
        sender.send_xorb(xorb)
        sender.send_shard(sparse)
        plan = sender.plan(sparse).json()
        assert len(plan["xorbs"][xorb.name]) == 2
        assert max(len(entry["url"]) for entry in plan["xorbs"][xorb.name]) < 4000
        assert read_v2(sender, plan) == sparse.content


class TestDedup:
    def test_one_chunk_leads_to_all_of_its_upload(self, reader):
        first_chunk = FIRST.leaves[1][0]
        name = file_of((FIRST, 1, 2)).file_hash  # not a chunk's hash
        for prefix in ("default", "default-merkledb"):
            answer = self.ask(reader, hash_name(first_chunk), prefix)
            assert answer.status_code == 200
            self.check(answer.content)
        assert self.ask(reader, hash_name(name)).status_code == 404

    def ask(self, reader, name, prefix="default"):
        address = f"{reader.base}/v1/chunks/{prefix}/{name}"
        return reader.client.get(address, headers=reader.read_headers)

    def check(self, shard):
        footer = shard[-200:]
        key = footer[72:104]
        for xorb in (FIRST, SECOND):
            assert xorb.raw_hash in shard
            for raw, _ in xorb.leaves:
                assert hide(raw, key) in shard
                assert raw not in shard, "a chunk's hash is told only to who knows it"


def test_packed_chunks_come_back(sender):
    text = MadeXorb([b"text that packs well " * 4000, b"and more " * 9], LZ4)
    file = file_of((text, 0, 2))
    sender.send_xorb(text)
    sender.send_shard(file)
    assert read_v2(sender, sender.plan(file).json()) == file.content


def test_telemetry_is_taken_and_forgotten(sender):
    address = f"{sender.base}/v1/telemetry"
    assert sender.client.post(address, json={"x": 1}, headers=sender.read_headers).is_success
