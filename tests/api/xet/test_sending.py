"""What is sent is checked, claim by claim, and nothing of it is seen before."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import lz4.frame
import pytest

from etabli.foundation.signing import CAS
from tests.xet_client import (
    GROUPED,
    LZ4,
    PLAIN,
    MadeXorb,
    cut,
    file_of,
    noise,
    pack_chunk,
    shard_of,
    whole,
)

XORB = MadeXorb(cut(noise(400_000)))
FILE = whole(XORB)


def bearer(site, claims, lifetime=timedelta(hours=1), purpose=CAS):
    signed = site.signer.sign(purpose, claims, datetime.now(UTC), lifetime)
    return {"Authorization": f"Bearer {signed}"}


def kept_files(site):
    folder = site.settings.data_dir / "blobs"
    return sorted(path for path in folder.rglob("*") if path.is_file())


class TestXorbs:
    @pytest.mark.parametrize("scheme", [PLAIN, LZ4, GROUPED])
    def test_a_xorb_is_kept_once(self, sender, site, scheme):
        xorb = replace(XORB, scheme=scheme)
        assert sender.send_xorb(xorb).json() == {"was_inserted": True}
        assert sender.send_xorb(xorb).json() == {"was_inserted": False}
        (kept,) = kept_files(site)
        assert kept.read_bytes() == xorb.body

    def test_the_same_hash_in_other_bytes_overwrites_nothing(self, sender, site):
        text = MadeXorb([b"some text that packs " * 3000])
        sender.send_xorb(text)
        before = [path.read_bytes() for path in kept_files(site)]
        assert sender.send_xorb(replace(text, scheme=LZ4)).json() == {"was_inserted": False}
        assert [path.read_bytes() for path in kept_files(site)] == before

    def test_two_at_once_leave_one(self, sender, site, monkeypatch):
        """The second was under way before the first had its row."""
        monkeypatch.setattr("etabli.features.blobs.Chunked.find_xorb", lambda *_: None)
        sender.send_xorb(XORB)
        assert sender.send_xorb(XORB).json() == {"was_inserted": False}
        assert len(kept_files(site)) == 1

    def test_a_footer_of_old_clients_is_not_kept(self, sender, site):
        assert sender.send_xorb(XORB, XORB.body + b"XETBLOB" + bytes(200)).status_code == 200
        assert kept_files(site)[0].read_bytes() == XORB.body

    @pytest.mark.parametrize(
        ("what", "body"),
        [
            ("tampered", bytearray(XORB.body[:-1]) + b"?"),
            ("cut in a chunk", XORB.body[:-1]),
            ("cut in a header", XORB.body + b"\0\0\0"),
            ("a chunk less", b"".join(map(pack_chunk, XORB.chunks[:-1]))),
            ("garbage", noise(10_000, 9)),
            ("nothing", b""),
            ("a footer alone", b"XETBLOB" + bytes(100)),
            ("an unknown version", b"\1" + XORB.body[1:]),
            ("an unknown scheme", XORB.body[:4] + b"\3" + XORB.body[5:]),
            ("an empty chunk", pack_chunk(b"") + XORB.body),
            ("a chunk too large", pack_chunk(noise(128 * 1024 + 1, 3))),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_no_such_xorb_is_refused(self, sender, site, what, body):
        answer = sender.send_xorb(XORB, bytes(body))
        assert answer.status_code == 400, what
        assert "xorb" in answer.json()["error"]
        assert kept_files(site) == []

    def test_a_right_xorb_under_a_wrong_name_is_refused(self, sender, site):
        other = MadeXorb([b"other"])
        assert sender.send_xorb(XORB, name=other.name).status_code == 400
        assert sender.send_xorb(XORB, name="0" * 63).status_code == 400
        assert sender.send_xorb(XORB, name="g" * 64).status_code == 400
        assert kept_files(site) == []

    def test_a_bomb_does_not_go_off(self, sender):
        packed = lz4.frame.compress(bytes(60_000_000))
        header = b"\0" + len(packed).to_bytes(3, "little") + b"\1" + (131072).to_bytes(3, "little")
        assert sender.send_xorb(XORB, header + packed).status_code == 400

    def test_a_chunk_longer_than_it_says_is_refused(self, sender):
        chunk = pack_chunk(b"x" * 1000, LZ4, claims=999)
        xorb = MadeXorb([b"x" * 999])
        assert sender.send_xorb(xorb, chunk).status_code == 400

    def test_more_than_a_xorb_may_be_is_not_even_read(self, sender, site):
        assert sender.send_xorb(XORB, bytes(66 * 1024 * 1024)).status_code == 413
        assert kept_files(site) == []

    def test_the_size_is_told(self, sender):
        sender.send_xorb(XORB)
        address = f"{sender.base}/v1/xorbs/default/{XORB.name}"
        answer = sender.client.head(address, headers=sender.read_headers)
        assert answer.headers["content-length"] == str(len(XORB.body))
        missing = address.replace(XORB.name, "0" * 64)
        assert sender.client.head(missing, headers=sender.read_headers).status_code == 404

    def test_grants_are_not_given_and_clients_go_on_without(self, sender):
        address = f"{sender.base}/v1/xorb-grants/default/{XORB.name}"
        assert sender.client.post(address, json={}, headers=sender.headers).status_code == 404


class TestTokens:
    CLAIMS = {  # noqa: RUF012
        "holder_kind": "repo",
        "holder_key": "0" * 32,
        "scope": "write",
        "user": "alice",
        "epoch": 1,
    }

    def ask(self, sender, headers):
        address = f"{sender.base}/v1/xorbs/default/{XORB.name}"
        return sender.client.post(address, content=XORB.body, headers=headers).status_code

    def test_only_ours_and_in_time(self, sender, site):
        assert self.ask(sender, {}) == 401
        assert self.ask(sender, {"Authorization": "Bearer hf_something"}) == 401
        late = bearer(site, self.CLAIMS, timedelta(seconds=-1))
        assert self.ask(sender, late) == 401
        other = bearer(site, self.CLAIMS, purpose="GET /cas/1/data/00")
        assert self.ask(sender, other) == 401
        forged = sender.headers["Authorization"][:-2] + "xx"
        assert self.ask(sender, {"Authorization": forged}) == 401

    def test_a_token_that_reads_sends_nothing(self, sender):
        assert self.ask(sender, sender.read_headers) == 403

    def test_a_token_of_another_epoch(self, sender, site):
        assert self.ask(sender, bearer(site, {**self.CLAIMS, "epoch": 2})) == 401

    def test_an_account_token_is_none(self, sender, alices_token):
        assert self.ask(sender, {"Authorization": f"Bearer {alices_token}"}) == 401


class TestShards:
    def test_a_file_is_kept_for_its_repository(self, sender, site):
        sender.send_xorb(XORB)
        assert sender.send_shard(FILE).json() == {"result": 1}
        with site.read_hub() as hub:
            blob = hub.blobs.get(FILE.sha256)
            assert (blob.file_hash, blob.size_bytes) == (FILE.name, len(FILE.content))
            assert b"".join(hub.blobs.read(blob)) == FILE.content

    def test_it_may_be_told_again(self, sender):
        sender.send_xorb(XORB)
        assert sender.send_shard(FILE).status_code == 200
        assert sender.send_shard(FILE).status_code == 200

    def test_without_a_sha256_the_hub_takes_it_itself(self, sender, site):
        sender.send_xorb(XORB)
        sender.send_shard(replace(FILE, sha256=None))
        with site.read_hub() as hub:
            assert hub.blobs.find(FILE.sha256) is not None

    def test_a_file_of_several_runs(self, sender, site):
        other = MadeXorb(cut(noise(200_000, 5)), GROUPED)
        mixed = file_of((XORB, 2, 5), (other, 0, 3), (XORB, 0, 1), (XORB, 2, 3))
        sender.send_xorb(XORB)
        sender.send_xorb(other)
        assert sender.send_shard(mixed).status_code == 200
        with site.read_hub() as hub:
            blob = hub.blobs.get(mixed.sha256)
            assert b"".join(hub.blobs.read(blob)) == mixed.content
            for start, end in ((0, 1), (49_999, 50_001), (149_990, 200_003), (170_000, 250_000)):
                assert b"".join(hub.blobs.read(blob, start, end)) == mixed.content[start:end]

    @pytest.mark.parametrize(
        ("what", "body"),
        [
            ("no proof", shard_of(replace(FILE, verified=False))),
            ("a wrong proof", shard_of(FILE.with_term(range_hash=noise(32)))),
            ("a wrong file hash", shard_of(replace(FILE, file_hash=noise(32)))),
            ("a wrong length", shard_of(FILE.with_term(raw_bytes=399_999))),
            ("past the xorb", shard_of(FILE.with_term(end=9))),
            ("backwards", shard_of(FILE.with_term(start=8, end=0))),
            ("an empty run", shard_of(FILE.with_term(start=3, end=3, raw_bytes=0))),
            ("fewer chunks", shard_of(FILE.with_term(end=7, raw_bytes=350_000))),
            ("an unknown xorb", shard_of(FILE.with_term(xorb=noise(32)))),
            ("no runs", shard_of(replace(FILE, terms=[]))),
            ("another version", shard_of(FILE, version=1)),
            ("garbage", noise(4000)),
            ("nothing", b""),
            ("cut", shard_of(FILE)[:100]),
            ("one true, one false", shard_of(FILE, replace(FILE, file_hash=noise(32)))),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_not_true_is_refused(self, sender, site, what, body):
        sender.send_xorb(XORB)
        answer = sender.send_shard(body=body)
        assert answer.status_code == 400, what
        with site.read_hub() as hub:
            assert hub.blobs.find(FILE.sha256) is None

    def test_before_its_xorb_it_is_refused(self, sender):
        assert sender.send_shard(FILE).status_code == 400

    def test_too_many_runs_are_refused_before_they_are_read(self, sender):
        body = bytearray(shard_of(FILE))
        body[48 + 36 : 48 + 40] = (2**31).to_bytes(4, "little")
        assert sender.send_shard(body=bytes(body)).status_code == 400

    @pytest.mark.parametrize("known", [False, True])
    def test_a_wrong_sha256_is_refused(self, sender, site, known):
        """Else one could give a file another's content."""
        sender.send_xorb(XORB)
        if known:
            sender.send_shard(FILE)
        lie = replace(FILE, sha256="ab" * 32)
        assert sender.send_shard(lie).status_code == 400
        lines = sender.send_shard(lie, version="v2").text.splitlines()
        last = json.loads(lines[-1])
        assert (last["type"], last["retryable"]) == ("error", False)
        with site.read_hub() as hub:
            assert hub.blobs.find("ab" * 32) is None

    def test_the_watched_way_tells_its_progress(self, sender):
        sender.send_xorb(XORB)
        answer = sender.send_shard(FILE, version="v2")
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert answer.headers["content-type"] == "application/x-ndjson"
        assert lines[0]["type"] == "validating"
        assert lines[-1] == {"type": "result", "result": 1}

    def test_a_foreign_file_is_no_more_readable_for_being_told(self, sender, stranger):
        """Who can prove every chunk has the file; who cannot gets nothing."""
        sender.send_xorb(XORB)
        sender.send_shard(FILE)
        guess = FILE.with_term(range_hash=noise(32))
        assert stranger.send_shard(guess).status_code == 400
        assert stranger.plan(FILE).status_code == 404
        assert stranger.send_shard(FILE).status_code == 200
        assert stranger.plan(FILE).status_code == 200

    def test_a_deleted_repository_takes_nothing(self, sender, site, alice):
        sender.send_xorb(XORB)
        with site.open_hub() as hub:
            repo = hub.repos.get(alice, "model", "alice/large")
            hub.repos.delete(alice, repo)
        assert sender.send_shard(FILE).status_code == 404


class TestRightsThatEnd:
    """A token outlives the right that it was given for, and then opens nothing."""

    @pytest.fixture
    def dismissed(self, sender, site, alice):
        sender.send_xorb(XORB)
        sender.send_shard(FILE)
        with site.open_hub() as hub:
            hub.accounts.register("carol")
            hub.accounts.create_org("guild", "carol")
            repo = hub.repos.get(alice, "model", "alice/large")
            repo.namespace, repo.full_name_key = "guild", "guild/large"  # it is no longer hers
        return sender

    def test_to_send(self, dismissed):
        assert dismissed.send_shard(FILE).status_code == 404
        last = dismissed.send_shard(FILE, version="v2").text.splitlines()[-1]
        assert json.loads(last)["type"] == "error"

    def test_to_read(self, dismissed):
        for version in ("v1", "v2"):
            assert dismissed.plan(FILE, version).status_code == 404


class TestLimits:
    @pytest.fixture
    def settings(self, settings):
        return settings.model_copy(update={"namespace_quota_gb": 0.0005})

    def test_a_namespace_holds_no_more_than_it_may(self, sender, site, alices_token):
        other = MadeXorb(cut(noise(200_000, 7)))
        for xorb in (XORB, other):
            sender.send_xorb(xorb)
        assert sender.send_shard(FILE).status_code == 200
        refused = sender.send_shard(whole(other))
        assert refused.status_code == 413
        assert "0.0005 GB" in refused.json()["error"]
        assert sender.plan(whole(other)).status_code == 404
        assert sender.send_shard(FILE).status_code == 200, "what it holds is free"

    def test_a_full_one_is_told_before_it_sends(self, sender, alices_token):
        five = MadeXorb(cut(noise(500_000, 7)))
        sender.send_xorb(five)
        assert sender.send_shard(whole(five)).status_code == 200
        address = "/api/models/alice/large/xet-write-token/main"
        headers = {"Authorization": f"Bearer {alices_token}"}
        assert sender.client.get(address, headers=headers).status_code == 413
