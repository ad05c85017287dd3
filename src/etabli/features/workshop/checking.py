"""Reading tables and making models: seconds to minutes, in a process, outside any unit of work."""

from collections.abc import Callable
from uuid import uuid4

from etabli.features.accounts import is_valid_name
from etabli.features.repos import InvalidRepoNameError
from etabli.features.workshop import process
from etabli.features.workshop.errors import (
    BadTableError,
    UnknownFixError,
    UnknownKindError,
    UnknownPreferenceError,
)
from etabli.features.workshop.folders import RunFolders
from etabli.features.workshop.models import InputFiles, RunOptions
from etabli.features.workshop.recipes import RECIPES, known_fixes, known_preferences, recipe_called
from etabli.foundation.errors import EtabliError, LimitError
from etabli.foundation.i18n.messages import Message


class CheckedTable:
    """A table that has been moved in and looked at, and that no run keeps yet."""

    def __init__(self, key: str, name: str) -> None:
        self.key = key
        self.name = name


def inspect_files(
    folders: RunFolders,
    name: str,
    tables: InputFiles,
    choices: RunOptions | None = None,
    *,
    keeps_refused: bool = False,
) -> CheckedTable:
    """Move the tables into a folder of their own and look at them. Nothing stays if one is bad.

    With `keeps_refused`, a table that was read and cannot be learned from stays: other columns or
    another sheet of it may be chosen. `Workshop.refusal` says why it will not do.

    Takes a second or more, in another process: call it outside any unit of work.

    Raises:
        InvalidRepoNameError: the name cannot be a model's.
        UnknownFixError, UnknownKindError: something is chosen that there is not.
        BadTableError, TooSlowError, TooMuchMemoryError: the table cannot be used.
    """
    if not is_valid_name(name):
        raise InvalidRepoNameError(name)
    _require_known(choices)
    key = uuid4().hex
    try:
        folders.fill(key, name, tables, choices or RunOptions(), keeps_refused=keeps_refused)
        process.check(folders.path(key))
    except EtabliError:
        folders.delete(key)
        raise
    return CheckedTable(key, name)


def reinspect_files(folders: RunFolders, key: str, before: RunOptions, choices: RunOptions) -> None:
    """Look at a run's table with other choices; if it cannot be used so, the choices stay.

    Where it could not be used before, or another sheet is chosen, the new choices stay and are to
    be looked at: there is nothing better to go back to.

    Raises: as `inspect_files`.
    """
    _require_known(choices)
    refused_before = folders.check(key).get("refused")
    folders.choose(key, choices)
    try:
        process.check(folders.path(key))
        refused = folders.check(key).get("refused")
        if refused and not refused_before and choices.sheet == before.sheet:
            raise BadTableError(Message.of_json(refused))
    except (BadTableError, LimitError):
        folders.choose(key, before)
        process.check(folders.path(key))
        raise


def make(folders: RunFolders, key: str, should_stop: Callable[[], bool]) -> bool:
    """Run the recipe to its end: seconds to minutes. Outside any unit of work.

    Raises:
        BadTableError, TooSlowError, RecipeFailedError: it failed.
    """
    return process.make(folders.path(key), should_stop)


def _require_known(choices: RunOptions | None) -> None:
    fixes, preferences = known_fixes(), known_preferences()
    if choices and choices.kind is not None and recipe_called(choices.kind) is None:
        raise UnknownKindError(choices.kind, ", ".join(one.name for one in RECIPES))
    for name in choices.fixes if choices else ():
        if name not in fixes:
            raise UnknownFixError(name, ", ".join(fixes))
    if choices and choices.prefer not in preferences:
        raise UnknownPreferenceError(choices.prefer, ", ".join(preferences))
