import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from etabli.features.accounts import NamespaceKind
from etabli.foundation.db import (
    Database,
    DatabaseDownError,
    NestedUnitOfWorkError,
    WriteWhileReadingError,
    begin_to_read,
)
from etabli.foundation.durable_files import DiskFullError
from etabli.foundation.events import StoredEvent

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def event(**values):
    return StoredEvent(**{"name": "Happened", "payload": {}, "announced_at": NOW} | values)


def names(database):
    with database.reading() as db:
        return [row.name for row in db.query(StoredEvent).order_by(StoredEvent.id)]


def test_what_happens_in_a_transaction_is_kept(site):
    with site.database.transaction() as db:
        db.add(event(name="Kept"))
    assert names(site.database) == ["Kept"]


def test_nothing_of_a_transaction_that_raises_is_kept(site):
    with pytest.raises(ZeroDivisionError), site.database.transaction() as db:
        db.add(event(name="Lost"))
        db.flush()
        _ = 1 / 0
    assert names(site.database) == []


def test_who_only_reads_cannot_write(site):
    with pytest.raises(WriteWhileReadingError), site.database.reading() as db:
        db.add(event(name="Lost"))
        db.flush()
    with pytest.raises(WriteWhileReadingError), site.database.reading() as db:
        db.execute(text("DELETE FROM events"))
    assert names(site.database) == []


def test_what_is_read_takes_one_way_to_postgresql_and_back(site):
    """No BEGIN before and no ROLLBACK after: the database is left as idle as it was."""
    if site.database.is_sqlite:
        pytest.skip("SQLite is no way away")
    with site.database.reading() as db:
        db.scalar(text("SELECT 1"))
        driver = db.connection().connection.driver_connection
        assert driver.info.transaction_status.name == "IDLE"


def test_settings_for_a_search_end_with_it(site):
    if site.database.is_sqlite:
        pytest.skip("a setting of PostgreSQL")
    shown = text("SHOW jit")
    for begin in (site.database.reading, site.database.transaction):
        with begin() as db:
            before = db.scalar(shown)
            begin_to_read(db, "jit = off")
            assert db.scalar(shown) == "off"
        with begin() as db:
            assert db.scalar(shown) == before


def test_a_savepoint_can_fail_alone(site):
    with site.database.transaction() as db:
        db.add(event(name="Kept"))
        with pytest.raises(IntegrityError), db.begin_nested():
            db.add(event(name=None))
    assert names(site.database) == ["Kept"]


def test_a_reader_sees_one_moment(site):
    if not site.database.is_sqlite:
        pytest.skip("PostgreSQL shows a reader what was committed since, statement by statement")

    def write() -> None:
        with site.database.transaction() as db:
            db.add(event())

    with site.database.reading() as db, ThreadPoolExecutor(1) as another:
        assert db.query(StoredEvent).count() == 0
        another.submit(write).result()
        assert db.query(StoredEvent).count() == 0


@pytest.mark.parametrize("outer", ["reading", "transaction"])
@pytest.mark.parametrize("inner", ["reading", "transaction"])
def test_no_unit_of_work_is_begun_within_another(site, outer, inner):
    with (
        getattr(site.database, outer)(),
        pytest.raises(NestedUnitOfWorkError),
        getattr(site.database, inner)(),
    ):
        pass
    with getattr(site.database, inner)():
        pass


@pytest.mark.parametrize("hours", [-11, 0, 5.5])
def test_a_moment_comes_back_in_utc(site, hours):
    moment = NOW.astimezone(timezone(timedelta(hours=hours)))
    with site.database.transaction() as db:
        db.add(event(announced_at=moment))
    with site.database.reading() as db:
        found = db.query(StoredEvent).one().announced_at
    assert found == moment
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("plain", "plain"), ("à bientôt 🙂", "à bientôt 🙂"), ("a\0b", "a\ufffdb"), ("\ud800", "?")],
)
def test_text_that_no_database_takes_is_made_plain(site, given, kept):
    with site.database.transaction() as db:
        db.add(event(name=given))
    assert names(site.database) == [kept]


def test_a_choice_is_kept_as_its_plain_value(site, hub):
    hub.accounts.register("alice")
    kind = hub.work.db.scalar(text("SELECT kind FROM namespaces"))
    assert kind == NamespaceKind.USER.value


def test_a_committed_transaction_is_synced_to_the_disk(site):
    if not site.database.is_sqlite:
        pytest.skip("PostgreSQL does so by default")
    with site.database.reading() as db:
        assert db.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert db.scalar(text("PRAGMA journal_mode")) == "wal"
        assert db.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_database_that_cannot_be_opened_is_down(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/no/such/folder/etabli.db")
    with pytest.raises(DatabaseDownError), database.reading() as db:
        db.scalar(text("SELECT 1"))
    database.close()


def test_a_full_database_is_told_as_a_full_disk(tmp_path):
    path = tmp_path / "small.db"
    database = Database(f"sqlite:///{path}")
    with pytest.raises(DiskFullError), database.transaction() as db:
        pages = db.scalar(text("PRAGMA page_count"))
        db.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
        db.execute(text("CREATE TABLE t (x)"))
        for _ in range(20):
            db.execute(text("INSERT INTO t VALUES (zeroblob(4000))"))
    database.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
