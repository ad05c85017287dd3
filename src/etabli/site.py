"""One running Établi: its settings, its database, and what reaches outside the process."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from etabli.features.blobs import (
    STAGING,
    PartStore,
    Quota,
    open_store,
)
from etabli.features.federation import UpstreamBackend
from etabli.features.footprint import Grid, IdleModel, PowerModel
from etabli.features.git import GitStore
from etabli.features.serving import ModelCache, ServingBackend, Supervisor
from etabli.features.workshop import (
    RunFolders,
)
from etabli.foundation.db import Database
from etabli.foundation.http_client import HttpClient
from etabli.foundation.networks import parse_networks
from etabli.foundation.signing import Signer, find_key, make_key
from etabli.foundation.unit_of_work import UnitOfWork
from etabli.hub import Backends, Hub
from etabli.migrations import upgrade
from etabli.settings import Settings
from etabli.usage_counter import UsageCounter


class Site:
    """One running Établi: its settings, its database, its backends."""

    def __init__(self, settings: Settings) -> None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.database = Database(settings.resolved_database_url)
        self.backends = _open_backends(settings)
        self.usage = UsageCounter()

    @cached_property
    def signer(self) -> Signer:
        """Signs tokens and addresses, by a key that all processes of this site share."""
        with self.database.reading() as db:
            key = find_key(db)
        if key is None:
            with self.database.transaction() as db:
                key = make_key(db)
        return Signer(key)

    @contextmanager
    def open_hub(self) -> Iterator[Hub]:
        """A hub whose changes are all kept when the block ends, or none of them if it raises."""
        with self.database.transaction() as db:
            yield self._hub(db)

    @contextmanager
    def read_hub(self) -> Iterator[Hub]:
        """A hub that changes nothing: see `Database.reading`."""
        with self.database.reading() as db:
            yield self._hub(db, only_reads=True)

    def migrate(self) -> None:
        """Bring the tables to the shape that this code knows. Idempotent.

        Raises:
            NewerDatabaseError: a newer version has written this database.
        """
        upgrade(self.database)

    def close(self) -> None:
        self.backends.serving.process.close()
        self.database.close()

    def _hub(self, db: Session, *, only_reads: bool = False) -> Hub:
        return Hub(UnitOfWork(db, datetime.now(UTC), only_reads), self.backends)


def _open_backends(settings: Settings) -> Backends:
    folder = settings.data_dir.resolve()
    serving = ServingBackend(
        process=Supervisor(settings.answering_processes),
        cache=ModelCache(folder / "serving"),
        power=PowerModel(watts_per_core=settings.watts_per_core),
        grid=Grid(settings.grid_name, settings.grid_g_co2e_per_kwh),
        idle=IdleModel(settings.idle_watts),
    )
    http = HttpClient(parse_networks(settings.allowed_private_networks))
    return Backends(
        git=GitStore(folder / "repos"),
        blobs=open_store(folder / "blobs", settings.s3_address, settings.s3_endpoint_url),
        parts=PartStore(folder / "blobs" / STAGING),
        quota=Quota(settings.namespace_quota_bytes, settings.mirrored_bytes),
        serving=serving,
        runs=RunFolders(folder / "runs"),
        http=http,
        upstreams=UpstreamBackend(
            http, folder / "upstreams", timedelta(seconds=settings.upstream_ask_again_s)
        ),
    )
