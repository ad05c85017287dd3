"""What a bucket's paths show, who may change it, and what it lets go of."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from etabli.cli.fsck import faults
from etabli.features.accounts import Role
from etabli.features.blobs import Quota
from etabli.features.buckets import (
    EMPTY_SHA256,
    BadBucketPathError,
    BucketDeleted,
    BucketExistsError,
    BucketFile,
    BucketFolder,
    BucketHidden,
    BucketNotFoundError,
    BytesNotHereError,
    InvalidBucketNameError,
    PutFile,
    RemoveFile,
    TooManyFoldersError,
)
from etabli.features.buckets.changes import MAX_FOLDERS
from etabli.foundation.events import StoredEvent
from etabli.operations.maintenance import clear_bucket

A, B = "a" * 64, "b" * 64


@pytest.fixture
def bucket(hub, alice):
    bucket = hub.buckets.create(alice, "alice", "box")
    hub.buckets.hold(bucket, {A: 10, B: 5})
    return bucket


def put(path, sha256=A, size_bytes=10):
    return PutFile(path, sha256, size_bytes, mtime_ms=1_700_000_000_123)


def names(entries):
    return [entry.path for entry in entries]


def level(hub, bucket, folder="", after="", limit=100):
    return names(hub.buckets.level(bucket, folder, after, limit).entries)


def test_a_path_shows_what_was_put_there_last(hub, alice, bucket):
    changes = [put("a"), put("b/c"), put("a", B, 5), put("d", EMPTY_SHA256, 0), RemoveFile("b/c")]
    assert hub.buckets.change(alice, bucket, changes) == []
    assert {f.path: f.sha256 for f in hub.buckets.find(bucket, ["a", "b/c", "d"]).values()} == {
        "a": B,
        "d": EMPTY_SHA256,
    }
    assert (bucket.file_count, bucket.total_bytes) == (2, 5)
    assert hub.buckets.file(bucket, "a").mtime_ms == 1_700_000_000_123


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", "../a", "a/./b", "a\\b", "a\nb", "a\0", "x" * 256, "é/" * 400]
)
def test_a_path_that_some_client_could_not_keep_is_refused(hub, alice, bucket, path):
    [(refused, error)] = hub.buckets.change(alice, bucket, [put(path), put("good")])
    assert refused == path
    assert isinstance(error, BadBucketPathError)
    assert level(hub, bucket) == ["good"]


def test_knowing_a_hash_is_no_right_to_name_it(hub, alice, bucket):
    other = hub.buckets.create(alice, "alice", "other")
    [(_, error)] = hub.buckets.change(alice, other, [put("a")])
    assert isinstance(error, BytesNotHereError)


def test_folders_are_there_while_something_is_in_them(hub, alice, bucket):
    hub.buckets.change(alice, bucket, [put("a/b/c"), put("a/d"), put("a.txt"), put("a0")])
    assert level(hub, bucket) == ["a.txt", "a/", "a0"]
    assert level(hub, bucket, "a/") == ["a/b/", "a/d"]
    hub.buckets.change(alice, bucket, [RemoveFile("a/b/c"), RemoveFile("none")])
    assert level(hub, bucket, "a/") == ["a/d"]
    hub.buckets.change(alice, bucket, [RemoveFile("a/d")])
    assert level(hub, bucket) == ["a.txt", "a0"]


def test_every_page_begins_where_the_one_before_it_ended(hub, alice, bucket):
    paths = [f"d{n % 7}/é{n:02}" for n in range(40)] + [f"f{n}" for n in range(9)]
    hub.buckets.change(alice, bucket, [put(path) for path in paths])
    seen, after = [], ""
    while after is not None:
        page, after = hub.buckets.page(bucket, "d", after, 6)
        seen += names(page)
    assert seen == sorted(path for path in paths if path.startswith("d"))
    seen, after = [], ""
    while after is not None:
        part = hub.buckets.level(bucket, "", after, 3)
        seen, after = seen + names(part.entries), part.next_after
    assert seen == [*(f"d{n}/" for n in range(7)), *(f"f{n}" for n in range(9))]


def test_a_batch_takes_as_many_statements_however_many_files(hub, alice, bucket):
    def count(changes):
        asked = []

        def note(_connection, _cursor, statement, *_):
            asked.append(statement)

        hub.work.db.flush()
        event.listen(hub.work.db.get_bind(), "before_cursor_execute", note)
        assert hub.buckets.change(alice, bucket, changes) == []
        hub.work.db.flush()
        event.remove(hub.work.db.get_bind(), "before_cursor_execute", note)
        return len(asked)

    few = count([put("few/1"), put("few/2")])
    assert count([put(f"many/{n}") for n in range(400)]) == few


def test_too_many_folders_at_once_are_refused_and_nothing_is_changed(hub, alice, bucket):
    parts = MAX_FOLDERS // 400 + 2
    deep = [put(f"{n}/" + "/".join(["x"] * parts)) for n in range(400)]
    with pytest.raises(TooManyFoldersError):
        hub.buckets.change(alice, bucket, deep)
    assert level(hub, bucket) == []


class TestLettingGo:
    def held(self, hub, bucket):
        return hub.blobs.holdings.held_among(bucket.holder, [A, B])

    def test_what_no_path_shows_any_more_is_let_go_of(self, hub, alice, bucket):
        hub.buckets.change(alice, bucket, [put("one"), put("two"), put("b", B, 5)])
        hub.buckets.change(alice, bucket, [RemoveFile("one")])
        assert self.held(hub, bucket) == {A, B}
        hub.buckets.change(alice, bucket, [put("two", B, 5)])
        assert self.held(hub, bucket) == {B}

    def test_what_was_sent_again_since_waits_for_the_upkeep(self, site, hub, alice, bucket):
        hub.buckets.change(alice, bucket, [put("one")])
        [holding] = hub.blobs.holdings.find(bucket.holder, [A]).values()
        holding.held_at = hub.work.now + timedelta(seconds=1)
        hub.work.db.flush()
        hub.buckets.change(alice, bucket, [RemoveFile("one")])
        assert self.held(hub, bucket) == {A, B}
        later = hub.work.now + timedelta(days=3)
        assert hub.buckets.forget_unnamed(bucket.key, later, 10) == 2
        assert self.held(hub, bucket) == set()

    def test_a_deleted_bucket_goes_at_once_and_its_rows_later(self, site, alice):
        with site.open_hub() as hub:
            bucket = hub.buckets.create(alice, "alice", "box")
            hub.buckets.hold(bucket, {A: 10})
            hub.buckets.change(alice, bucket, [put("a/b"), put("c")])
        with site.open_hub() as hub:
            hub.buckets.delete(alice, bucket)
            with pytest.raises(BucketNotFoundError):
                hub.buckets.hold(bucket, {B: 5})
        for _ in range(2):
            clear_bucket(site, bucket.key)
        with site.read_hub() as hub:
            assert hub.work.db.query(BucketFile).count() == 0
            assert hub.work.db.query(BucketFolder).count() == 0
            assert self.held(hub, bucket) == set()

    def test_a_path_without_bytes_is_named_by_fsck(self, site, alice):
        with site.open_hub() as hub:
            bucket = hub.buckets.create(alice, "alice", "box")
            hub.buckets.hold(bucket, {A: 10})
            hub.buckets.change(alice, bucket, [put("a"), put("none", EMPTY_SHA256, 0)])
        assert list(faults(site, thorough=True)) == []
        with site.open_hub() as hub:
            hub.blobs.holdings.release_all(bucket.holder)
        [fault] = faults(site, thorough=True)
        assert "alice/box, the content of a is" in str(fault)

    def test_a_bucket_that_is_there_is_not_cleared(self, site, hub, alice, bucket):
        hub.buckets.change(alice, bucket, [put("a")])
        assert not hub.buckets.clear(bucket.key, 10)
        assert level(hub, bucket) == ["a"]


class TestBuckets:
    def test_a_name_follows_the_rule_of_repositories_and_is_had_once(self, hub, alice):
        hub.buckets.create(alice, "ALICE", "Box")
        with pytest.raises(BucketExistsError):
            hub.buckets.create(alice, "alice", "box")
        for name in ("-a", "a--b", "a..b", "x.git", "", "a b"):
            with pytest.raises(InvalidBucketNameError):
                hub.buckets.create(alice, "alice", name)

    def test_it_is_private_where_its_organisation_says_so(self, hub, alice):
        hub.accounts.create_org("guild", "alice", private_by_default=True)
        alice = hub.accounts.actor("alice")
        assert hub.buckets.create(alice, "guild", "one").private
        assert not hub.buckets.create(alice, "guild", "two", private=False).private

    def test_who_only_reads_changes_nothing(self, hub, alice, bob):
        hub.accounts.create_org("guild", "alice")
        hub.accounts.set_member("guild", "bob", Role.READ)
        made = hub.buckets.create(hub.accounts.actor("alice"), "guild", "box", private=True)
        reader = hub.accounts.actor("bob")
        assert hub.buckets.get(reader, "guild/box") == made
        for act in (
            lambda: hub.buckets.change(reader, made, [RemoveFile("a")]),
            lambda: hub.buckets.set_private(reader, made, False),
            lambda: hub.buckets.delete(reader, made),
            lambda: hub.buckets.move(reader, made, "bob", "box"),
        ):
            with pytest.raises(Exception, match="guild"):
                act()
        hub.accounts.set_member("guild", "bob", None)
        with pytest.raises(BucketNotFoundError):
            hub.buckets.change(hub.accounts.actor("bob"), made, [RemoveFile("a")])

    def test_what_it_holds_counts_for_who_owns_it(self, hub, alice, bucket):
        hub.accounts.create_org("guild", "alice")
        assert hub.blobs.holdings.charged_bytes("alice") == 15
        hub.blobs.holdings._quota = Quota(0)
        hub.buckets.move(hub.accounts.actor("alice"), bucket, "guild", "box")
        charged = [hub.blobs.holdings.charged_bytes(name) for name in ("alice", "guild")]
        assert charged == [0, 15]

    def test_only_what_happened_in_the_open_is_public(self, hub, alice, bucket):
        def public():
            hub.work.db.flush()
            return [e.name for e in hub.work.db.query(StoredEvent) if e.public]

        hub.buckets.change(alice, bucket, [put("a")])
        assert public() == ["BucketCreated", "BucketChanged"]
        hub.buckets.set_private(alice, bucket, True)
        hub.buckets.change(alice, bucket, [put("b")])
        hub.buckets.delete(alice, bucket)
        assert public() == [BucketHidden.__name__]
        assert hub.work.db.query(StoredEvent).filter_by(name=BucketDeleted.__name__).count() == 1
