"""What every command shares: its words on the terminal, its site, and how it gives up."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from etabli.foundation.errors import EtabliError
from etabli.foundation.i18n.messages import Message, Translator, msg, shown
from etabli.foundation.i18n.translations import best_language, translator
from etabli.hub import Hub
from etabli.migrations import NewerDatabaseError
from etabli.server.errors import StartError
from etabli.settings import Settings
from etabli.site import Site

FAILED = 1
CANNOT_START = 2

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="The folder of the hub; by default ETABLI_DATA_DIR, or etabli-data.",
        show_default=False,
    ),
]


class SettingError(StartError):
    def __init__(self, error: ValidationError) -> None:
        first = error.errors()[0]
        super().__init__(
            msg(
                "The setting {name} is not as it should be: {reason}.",
                name="ETABLI_" + "_".join(str(part) for part in first["loc"]).upper(),
                reason=first["msg"],
            )
        )


class FolderNotWritableError(StartError):
    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(
            msg(
                "The data folder {folder} cannot be written: {reason}. "
                "Choose another with --data-dir, or change its owner.",
                folder=folder,
                reason=error.strerror or str(error),
            )
        )


class NoHubError(StartError):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            msg(
                "There is no hub in {folder}. Say where it is with --data-dir, begin one with: "
                "etabli serve, or log in to one elsewhere with: etabli login ADDRESS",
                folder=str(folder),
            )
        )


class GitMissingError(StartError):
    def __init__(self) -> None:
        super().__init__(
            msg("Git is not installed, and a hub needs it. Install git, then start again.")
        )


def tell(text: Message) -> None:
    """A sentence on the standard output, in the operator's language."""
    typer.echo(in_words(text))


def say(text: str) -> None:
    """What is no sentence of ours, on the standard output: it commands no terminal."""
    typer.echo(shown(text))


def warn(text: Message) -> None:
    """A sentence on the standard error."""
    typer.echo(in_words(text), err=True)


def say_wrong(text: str) -> None:
    """The same on the standard error."""
    typer.echo(shown(text), err=True)


def in_words(text: Message) -> str:
    return text.translate(terminal_translator())


def terminal_translator() -> Translator:
    """To the operator's language."""
    return translator(language())


def give_up(error: EtabliError) -> NoReturn:
    warn(error.text)
    cannot_start = isinstance(error, StartError | NewerDatabaseError)
    sys.exit(CANNOT_START if cannot_start else FAILED)


def settings_of(data_dir: Path | None, **given: Any) -> Settings:
    """The settings from the environment, with what the command line says on top.

    Raises:
        SettingError: one of them makes no sense.
    """
    said = {"data_dir": data_dir, **given}
    try:
        return Settings(**{name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        raise SettingError(error) from error


def open_site(settings: Settings, *, may_begin: bool = False) -> Site:
    """The site of these settings, its tables brought up to date.

    `may_begin`: where there is no hub yet, this command makes one.

    Raises:
        NoHubError: there is none, and this command makes none.
        FolderNotWritableError, GitMissingError: the command cannot begin.
        NewerDatabaseError: a newer version has written this database.
    """
    if not may_begin and not is_hub(settings):
        raise NoHubError(settings.data_dir)
    require_git()
    require_writable(settings.data_dir)
    site = Site(settings)
    site.migrate()
    return site


@contextmanager
def open_hub(data_dir: Path | None, *, may_begin: bool = False) -> Iterator[Hub]:
    """A hub whose changes are all kept when the block ends; see `open_site`."""
    site = open_site(settings_of(data_dir), may_begin=may_begin)
    try:
        with site.open_hub() as hub:
            yield hub
    finally:
        site.close()


def is_hub(settings: Settings) -> bool:
    if settings.database_url:
        return settings.data_dir.is_dir()
    return (settings.data_dir / "etabli.db").is_file()


def require_git() -> None:
    if shutil.which("git") is None:
        raise GitMissingError


def require_writable(folder: Path) -> None:
    probe = folder / f"tmp_probe_{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FolderNotWritableError(folder, error) from error


def language() -> str:
    """The language of the terminal. Source: setlocale(3), which asks these in this order."""
    said = next((os.environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(n)), "")
    return best_language(said.partition(".")[0].replace("_", "-"))
