"""The steps lead to the tables that the models describe, and are taken once."""

import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from etabli.foundation.db import Database, Table
from etabli.migrations import NewerDatabaseError, configuration, is_current, upgrade
from etabli.migrations.by_hand import include_name


@pytest.fixture
def bare(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/bare.db")
    yield database
    database.close()


def test_the_steps_lead_to_what_the_models_say(site):
    """When this fails: `make migration-reset` before the first release, `make migration` after."""
    with site.database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "render_as_batch": True, "include_name": include_name},
        )
        assert compare_metadata(context, Table.metadata) == []


def test_a_new_database_gets_every_table(bare):
    assert not is_current(bare)
    upgrade(bare)
    assert is_current(bare)
    assert set(Table.metadata.tables) <= set(inspect(bare.engine).get_table_names())


def test_an_upgrade_bears_a_repetition(bare):
    upgrade(bare)
    with bare.transaction() as db:
        db.execute(text("INSERT INTO setup_tokens VALUES ('kept')"))
    upgrade(bare)
    with bare.reading() as db:
        assert db.scalar(text("SELECT sha256 FROM setup_tokens")) == "kept"


def test_two_processes_may_start_together(tmp_path):
    databases = [Database(f"sqlite:///{tmp_path}/shared.db") for _ in range(4)]
    failures = []
    ready = threading.Barrier(len(databases))

    def start(database):
        ready.wait()
        try:
            upgrade(database)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=start, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert all(is_current(database) for database in databases)
    for database in databases:
        database.close()


def test_a_database_of_a_newer_version_is_left_alone(bare):
    upgrade(bare)
    with bare.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabaseError, match="9999"):
        upgrade(bare)


def test_foreign_keys_hold_again_after_an_upgrade(bare):
    upgrade(bare)
    with bare.reading() as db:
        assert db.scalar(text("PRAGMA foreign_keys")) == 1


def test_the_steps_can_be_taken_back(bare):
    upgrade(bare)
    with bare.engine.connect().execution_options(etabli_writes=True) as connection:
        with connection.begin():
            command.downgrade(configuration(connection), "base")
        connection.invalidate()
    assert inspect(bare.engine).get_table_names() == ["alembic_version"]
