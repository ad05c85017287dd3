"""Which hub a command is about: one in a folder of this machine, or one elsewhere."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from etabli.cli.local_hub import LocalHub
from etabli.cli.terminal import NoHubError, is_hub, language, open_site, settings_of, warn
from etabli.client import Hub, Login, Logins, hub_address, is_exposed
from etabli.features.accounts import Actor
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.server.errors import StartError
from etabli.site import Site

As = Annotated[
    str | None,
    typer.Option("--as", help="In whose name; by default the first administrator's."),
]
HubAt = Annotated[
    str | None,
    typer.Option(
        "--hub",
        help="A hub elsewhere, by its address. By default ETABLI_HUB; then the hub in the data "
        "folder, if there is one; then the one that you logged in to last.",
        show_default=False,
    ),
]
HUB_VARIABLE, TOKEN_VARIABLE = "ETABLI_HUB", "ETABLI_TOKEN"


class NoAccountError(StartError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "There is no account yet. Open the set-up address that “etabli serve” prints, "
                "or run: etabli users add NAME --admin"
            )
        )


class NobodyNamedError(StartError):
    def __init__(self) -> None:
        super().__init__(msg("Nobody administers this hub yet. Say in whose name: --as NAME"))


class TwoHubsError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg("Say --hub for a hub elsewhere, or --data-dir and --as for one here: not both.")
        )


@contextmanager
def opened_hub(at: str | None, data_dir: Path | None, by: str | None) -> Iterator[Hub | LocalHub]:
    """The hub that is meant.

    Raises:
        TwoHubsError: both are named.
        NoHubError: none is, and there is none here.
    """
    if at and (data_dir or by):
        raise TwoHubsError
    address = at or _elsewhere(data_dir, by)
    if address:
        with hub_elsewhere(hub_address(address)) as hub:
            yield hub
        return
    with opened_site(data_dir) as site:
        yield LocalHub(site, acting(site, by))


def _elsewhere(data_dir: Path | None, by: str | None) -> str | None:
    """The address of a hub elsewhere where none was said; None for the one here."""
    if data_dir or by:
        return None
    if os.environ.get(HUB_VARIABLE):
        return os.environ[HUB_VARIABLE]
    settings = settings_of(data_dir)
    if is_hub(settings):
        return None
    last = Logins().last
    if last is None:
        raise NoHubError(settings.data_dir)
    return last.hub


@contextmanager
def hub_elsewhere(address: str, token: str | None = None) -> Iterator[Hub]:
    """Connected, and said on the standard error: what is sent leaves this machine."""
    warn(msg("On {hub}", hub=address))
    if is_exposed(address):
        warn(
            msg(
                "{hub} is not encrypted: whoever is on the way can read your token and all that "
                "you send. Use https:// if the hub has it.",
                hub=address,
            )
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it was said above, in their language
        hub = Hub(address, token or _given_token(address), language=language())
    with hub:
        yield hub


def _given_token(address: str) -> str | None:
    """ETABLI_TOKEN is for the hub of ETABLI_HUB, and is sent to no other."""
    named = os.environ.get(HUB_VARIABLE)
    return os.environ.get(TOKEN_VARIABLE) if named and hub_address(named) == address else None


def login_at(at: str | None) -> Login | None:
    """The login at this hub, or the last one; None where there is none."""
    logins = Logins()
    return logins.find(hub_address(at)) if at else logins.last


@contextmanager
def opened_site(data_dir: Path | None) -> Iterator[Site]:
    site = open_site(settings_of(data_dir))
    try:
        yield site
    finally:
        site.close()


def acting(site: Site, name: str | None) -> Actor:
    with site.read_hub() as hub:
        actor = hub.accounts.actor(name) if name else hub.accounts.first_admin()
        is_set_up = hub.accounts.is_set_up()
    if actor is None:
        raise NobodyNamedError if is_set_up else NoAccountError
    return actor
