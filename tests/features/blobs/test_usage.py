"""Space is given back, and never what somebody needs."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from etabli.features.blobs import GRACE, Damage
from etabli.features.git import AddPointer, DeleteFile
from etabli.features.repos import RepoType
from etabli.hub import Hub
from etabli.operations import blobs, commits
from etabli.operations.maintenance import check_bytes, give_back
from etabli.operations.xet_uploads import Sender, keep_shard, keep_xorb
from tests.xet_client import MadeXorb, cut, noise, shard_of, whole

XORB = MadeXorb(cut(noise(300_000, 1)))
FILE = whole(XORB)


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "large")


@pytest.fixture
def later(site, monkeypatch):
    """Let time pass."""
    passed = timedelta()

    def later(days: float) -> None:
        nonlocal passed
        passed += timedelta(days=days)

    plain = type(site)._hub

    def hub_then(self, db, **given) -> Hub:
        hub = plain(self, db, **given)
        object.__setattr__(hub.work, "now", datetime.now(UTC) + passed)
        hub.blobs.sweeper._now = hub.work.now
        return hub

    monkeypatch.setattr(type(site), "_hub", hub_then)
    return later


def stored(site):
    folder = site.settings.data_dir / "blobs"
    return sorted(path for path in folder.rglob("*") if path.is_file())


def kind_folder(site, kind):
    return site.settings.data_dir / "blobs" / kind


def send_xorb(site, xorb=XORB):
    with site.backends.blobs.stage(hashed=False) as staged:
        staged.write(xorb.body)
        return keep_xorb(site, None, xorb.name, staged)


def send_file(site, repo, file=FILE):
    list(keep_shard(site, Sender(repo.holder, None), BytesIO(shard_of(file))))


def send_whole(site, repo, content):
    with site.backends.blobs.stage() as staged:
        staged.write(content)
        staged.finish()
        return blobs.keep_blob(site, repo, staged)


def epoch(site):
    with site.read_hub() as hub:
        return hub.blobs.chunked.epoch()


def test_what_a_repository_names_stays(site, alice, repo, later):
    send_xorb(site)
    send_file(site, repo)
    kept = send_whole(site, repo, b"kept in one piece")
    changes = [
        AddPointer("a.bin", FILE.sha256, len(FILE.content)),
        AddPointer("b.bin", kept.sha256, kept.size_bytes),
    ]
    commits.commit(site, alice, repo, "main", changes, "Large files")
    # Deleted in the last commit, and still in the one before.
    commits.commit(site, alice, repo, "main", [DeleteFile("a.bin")], "Without")
    for _ in range(5):
        later(3)
        swept = give_back(site)
        assert (swept.condemned_blobs, swept.condemned_xorbs, list(swept.keys)) == (0, 0, [])
    assert len(stored(site)) == 2
    assert epoch(site) == 1


def test_what_nobody_needs_goes_step_by_step(site, alice, repo, later):
    send_xorb(site)
    send_file(site, repo)
    whole_file = send_whole(site, repo, b"in one piece")
    with site.open_hub() as hub:
        hub.repos.delete(alice, repo)
    assert give_back(site).condemned_blobs == 2
    assert len(stored(site)) == 2
    later(1)
    assert give_back(site).deleted_blobs == 0, "too early"
    later(2)
    would = give_back(site, dry_run=True)
    assert (would.deleted_blobs, would.condemned_xorbs, epoch(site)) == (2, 1, 1)
    swept = give_back(site)
    assert (swept.deleted_blobs, swept.condemned_xorbs, swept.deleted_xorbs) == (2, 1, 0)
    assert [path.parts[-3] for path in stored(site)] == ["xorbs"]
    assert epoch(site) == 2, "clients forget what they sent"
    later(3)
    assert give_back(site).deleted_xorbs == 1
    assert stored(site) == []
    with site.read_hub() as hub:
        assert hub.blobs.find(whole_file.sha256) is None


def test_a_condemned_xorb_that_is_needed_again_stays(site, repo, later):
    send_xorb(site)
    later(3)
    assert give_back(site).condemned_xorbs == 1
    later(1.9)
    send_file(site, repo)
    later(0.2)
    assert give_back(site).deleted_xorbs == 0
    with site.read_hub() as hub:
        assert b"".join(hub.blobs.read(hub.blobs.get(FILE.sha256))) == FILE.content


def test_an_upload_under_way_is_left_alone(site, repo, later):
    send_xorb(site)
    with site.backends.blobs.stage() as staged:
        staged.write(b"half")
        later(0.5)
        swept = give_back(site)
        assert (swept.condemned_xorbs, list(swept.keys)) == (0, [])
        staged.finish()
        blobs.keep_blob(site, repo, staged)
    send_file(site, repo)


def test_what_was_uploaded_and_never_committed_goes(site, repo, later):
    send_whole(site, repo, b"given up")
    later(3)
    assert give_back(site).condemned_blobs == 1
    with site.read_hub() as hub:
        assert not hub.repos.has_blob(repo, hub.blobs.sweeper._rows.blobs()[0][0])


def test_who_is_told_that_it_is_here_has_two_days_to_name_it(site, alice, repo, later):
    kept = send_whole(site, repo, b"sent long ago, and never named")
    later(3)
    with site.open_hub() as hub:
        hub.repos.touch(repo, kept.sha256)
    assert give_back(site).condemned_blobs == 0
    later(1.9)
    assert give_back(site).condemned_blobs == 0
    change = AddPointer("x.bin", kept.sha256, kept.size_bytes)
    commits.commit(site, alice, repo, "main", [change], "at last")
    later(9)
    assert give_back(site).condemned_blobs == 0


def test_who_is_told_so_while_it_is_being_forgotten_too(site, repo, later):
    kept, other = (send_whole(site, repo, content) for content in (b"asked for", b"not"))
    later(3)
    with site.read_hub() as hub:
        unnamed = hub.repos.unnamed_blobs(repo, hub.work.now - GRACE)
    assert len(unnamed.sha256s) == 2
    with site.open_hub() as hub:
        hub.repos.touch(repo, kept.sha256)
    with site.open_hub() as hub:
        assert hub.repos.forget_blobs(repo, unnamed) == 1
        assert hub.repos.has_blob(repo, kept.sha256)
        assert not hub.repos.has_blob(repo, other.sha256)


def test_a_file_that_is_sent_again_by_xet_too(site, repo, later):
    send_xorb(site)
    send_file(site, repo)
    later(3)
    send_file(site, repo)
    assert give_back(site).condemned_blobs == 0


def test_what_was_cut_before_its_row_goes(site, later):
    store = site.backends.blobs
    with store.stage() as staged:
        staged.write(b"no row will name it")
        staged.finish()
        store.publish(staged, "blobs", staged.sha256)
    assert give_back(site).keys == []
    later(3)
    assert len(give_back(site).keys) == 1
    assert stored(site) == []


def test_the_same_bytes_again_after_the_sentence_stay(site, alice, repo, later):
    blob = send_whole(site, repo, b"again")
    with site.open_hub() as hub:
        hub.repos.delete(alice, repo)
    give_back(site)
    later(3)
    with site.open_hub() as hub:
        other = hub.repos.create(alice, RepoType.MODEL, "alice", "other")
    send_whole(site, other, b"again")
    assert give_back(site).deleted_blobs == 0
    with site.read_hub() as hub:
        assert b"".join(hub.blobs.read(hub.blobs.get(blob.sha256))) == b"again"


class TestReadingAllAgain:
    @pytest.fixture
    def full(self, site, repo):
        send_xorb(site)
        send_file(site, repo)
        send_whole(site, repo, noise(100_000, 8))
        return site

    def test_all_is_well(self, full):
        assert list(check_bytes(full)) == []

    @pytest.mark.parametrize("place", [0, 1])
    def test_one_changed_bit_is_found(self, full, place):
        path = stored(full)[place]
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        (fault,) = check_bytes(full)
        assert (fault.damage, path.name) == (Damage.CHANGED, fault.key.rpartition("/")[2])

    @pytest.mark.parametrize("kind", ["blobs", "xorbs"])
    def test_of_a_file_that_is_kept_twice_the_good_half_is_read(self, site, repo, kind):
        send_whole(site, repo, FILE.content)
        send_xorb(site)
        send_file(site, repo)
        (path,) = (path for path in stored(site) if path.is_relative_to(kind_folder(site, kind)))
        path.write_bytes(bytes(path.stat().st_size))
        (fault,) = check_bytes(site)
        assert fault.files == []
        with site.read_hub() as hub:
            assert b"".join(hub.blobs.read(hub.blobs.get(FILE.sha256))) == FILE.content
            assert hub.blobs.lost_among([FILE.sha256]) == set()
        assert list(check_bytes(site)) == []

    @pytest.mark.parametrize("place", [0, 1])
    def test_what_is_gone_or_cut_is_found(self, full, place):
        path = stored(full)[place]
        path.write_bytes(path.read_bytes()[:-1])
        assert [fault.damage for fault in check_bytes(full)] == [Damage.LOST]
        assert not path.exists()
        assert [fault.damage for fault in check_bytes(full)] == [Damage.LOST]


class TestSpace:
    def test_of_one_file_in_one_piece_as_much_is_stored(self, hub):
        hub.blobs.keep_bytes(b"x" * 1000)
        space = hub.blobs.space()
        assert (space.file_bytes, space.stored_bytes, space.saved_bytes) == (1000, 1000, 0)

    def test_of_a_repository_only_what_it_holds_counts(self, site, alice):
        with site.open_hub() as hub:
            repo = hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
            blob = hub.blobs.keep_bytes(b"x" * 1000)
            hub.blobs.keep_bytes(b"y" * 500)
            hub.repos.hold_blobs(repo, {blob.sha256: blob.size_bytes})
            assert hub.repos.space(repo).file_bytes == 1000
            assert hub.blobs.space().file_bytes == 1500

    def test_of_a_file_in_chunks_what_is_stored_is_its_xorbs(self, site, repo):
        send_xorb(site)
        send_file(site, repo)
        with site.read_hub() as hub:
            space = hub.repos.space(repo)
        assert (space.file_bytes, space.stored_bytes) == (300_000, len(XORB.body))
