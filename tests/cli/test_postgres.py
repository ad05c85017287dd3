"""Backup and restore of a hub on PostgreSQL, by its own programs."""

import os
import shutil

import pytest
from sqlalchemy import create_engine, make_url, text

from etabli.cli import backup_file
from etabli.cli.backup_file import NotEmptyError, OtherDatabaseError
from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits
from etabli.settings import Settings
from etabli.site import Site

URL = os.environ.get("ETABLI_TEST_DATABASE_URL", "")
pytestmark = pytest.mark.skipif(not URL, reason="for `make test-postgres`")


@pytest.fixture
def empty_url():
    """The address of a second, empty database on the same server."""
    address = make_url(URL).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS etabli_restored"))
        connection.execute(text("CREATE DATABASE etabli_restored"))
    engine.dispose()
    restored = make_url(URL).set(database="etabli_restored")
    return restored.render_as_string(hide_password=False)


def test_a_backup_brings_everything_back(site, alice, empty_url, tmp_path):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "box")
    commits.commit(site, alice, repo, "main", [AddFile("a.txt", b"kept")], "add")
    backup_file.back_up(site, tmp_path / "hub.tar")
    shutil.rmtree(site.settings.data_dir)

    settings = Settings(data_dir=tmp_path / "new", database_url=empty_url)
    backup_file.restore(settings, tmp_path / "hub.tar")
    again = Site(settings)
    with again.read_hub() as hub:
        found = hub.repos.get(hub.accounts.actor("alice"), RepoType.MODEL, "alice/box")
        assert hub.repos.snapshot(found).read("a.txt") == b"kept"
    again.close()


def test_a_database_that_is_not_empty_is_left_alone(site, alice, tmp_path):
    backup_file.back_up(site, tmp_path / "hub.tar")
    settings = Settings(data_dir=tmp_path / "new", database_url=site.settings.database_url)
    with pytest.raises(NotEmptyError):
        backup_file.restore(settings, tmp_path / "hub.tar")
    with site.read_hub() as hub:
        assert hub.accounts.actor("alice") == alice


def test_a_backup_of_postgresql_is_not_for_sqlite(site, tmp_path):
    backup_file.back_up(site, tmp_path / "hub.tar")
    with pytest.raises(OtherDatabaseError, match="postgresql"):
        backup_file.restore(
            Settings(data_dir=tmp_path / "new", database_url=""), tmp_path / "hub.tar"
        )
