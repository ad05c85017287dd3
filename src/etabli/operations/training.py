"""From a table to a model: looked at, made, and its run kept."""

from collections.abc import Iterator
from contextlib import contextmanager

from etabli.engine_contract.training import EncoderReference
from etabli.features.accounts import Actor
from etabli.features.workshop import (
    DataSource,
    InputFiles,
    Run,
    RunOptions,
    inspect_files,
    make,
    reinspect_files,
)
from etabli.foundation.errors import EtabliError
from etabli.site import Site


def start_run(
    site: Site,
    actor: Actor,
    name: str,
    tables: InputFiles,
    source: DataSource,
    choices: RunOptions | None = None,
    *,
    keeps_refused: bool = False,
) -> Run:
    """Take in a table and look at it; a run is kept only if it can be used.

    With `keeps_refused`, also if it was read, and other columns or another sheet may do.

    Raises:
        BadTableError, TooSlowError, TooMuchMemoryError, InvalidRepoNameError: see `inspect_files`.
    """
    checked = inspect_files(site.backends.runs, name, tables, choices, keeps_refused=keeps_refused)
    with site.open_hub() as hub:
        return hub.workshop.start(actor, checked, source)


def check_again(site: Site, actor: Actor, run_key: str, choices: RunOptions) -> None:
    """Look at a run's table with other columns or fixes; a bad choice changes nothing."""
    with site.read_hub() as hub:
        run = hub.workshop.require_unmade(actor, run_key)
        before = hub.workshop.choices(run)
    reinspect_files(site.backends.runs, run_key, before, choices)


def make_run(site: Site, run_key: str) -> None:
    """Make a queued run, to its end. Idempotent: a making cut short starts again."""
    with site.open_hub() as hub:
        if not hub.workshop.mark_started(run_key):
            return
    problem: EtabliError | None = None
    try:
        with _encoder(site) as encoder:
            site.backends.runs.set_encoder(run_key, encoder)
            make(site.backends.runs, run_key, lambda: _is_stopped(site, run_key))
    except EtabliError as error:
        problem = error
    with site.open_hub() as hub:
        hub.workshop.mark_finished(run_key, problem)


@contextmanager
def _encoder(site: Site) -> Iterator[EncoderReference | None]:
    """What a model may stand on, its files in their folder as long as it is made."""
    with site.read_hub() as hub:
        found = hub.serving.find_encoder()
    if found is None:
        yield None
        return
    cache = site.backends.serving.cache
    with cache.hold(found.folder.path):
        cache.fill(found.folder)
        yield EncoderReference(str(found.folder.path), found.repo, found.commit)


def _is_stopped(site: Site, run_key: str) -> bool:
    with site.read_hub() as hub:
        return hub.workshop.is_stopped(run_key)
