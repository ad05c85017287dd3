"""A hub elsewhere, and who one is there: `etabli login`, `logout`, `whoami`."""

import sys
from typing import Annotated

import typer

from etabli.cli.terminal import in_words, say, tell
from etabli.cli.which_hub import hub_elsewhere, login_at
from etabli.client import Login, Logins, hub_address
from etabli.foundation.errors import InvalidInputError, NotFoundError
from etabli.foundation.i18n.messages import msg


class NoTokenGivenError(InvalidInputError):
    def __init__(self, hub: str) -> None:
        super().__init__(
            msg("No token was given. Make one at {hub}/settings/tokens and paste it.", hub=hub)
        )


class NotLoggedInError(NotFoundError):
    def __init__(self) -> None:
        super().__init__(msg("You are not logged in to it. Log in with: etabli login ADDRESS"))


def login(
    hub: Annotated[str, typer.Argument(help="The address of the hub, such as https://hub.example")],
    token: Annotated[
        str | None,
        typer.Option(
            help="The access token. Left out, it is asked for, or read on the standard input: "
            "on the command line others on this machine may see it."
        ),
    ] = None,
) -> None:
    """Log in to a hub elsewhere: create, ask, compare and runs then work on it from here."""
    address = hub_address(hub)
    secret = (token or _ask_for_token(address)).strip()
    if not secret:
        raise NoTokenGivenError(address)
    with hub_elsewhere(address, secret) as there:
        account = there.whoami()
    Logins().keep(Login(address, account.name, secret))
    tell(msg("You are logged in to {hub} as {name}.", hub=address, name=account.name))
    if "write" not in account.scopes:
        tell(msg("This token cannot make a model: one with the role “write” can."))


def _ask_for_token(address: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    tell(msg("Make a token at {hub}/settings/tokens and paste it here.", hub=address))
    return str(
        typer.prompt(in_words(msg("Token")), hide_input=True, default="", show_default=False)
    )


def logout(
    hub: Annotated[
        str | None, typer.Argument(help="The address of the hub; by default the last one.")
    ] = None,
) -> None:
    """Forget the token of a hub on this machine."""
    known = login_at(hub)
    if known is None:
        raise NotLoggedInError
    Logins().forget(known.hub)
    tell(
        msg(
            "The token for {hub} is forgotten here. It still works elsewhere until you revoke it: "
            "{hub}/settings/tokens",
            hub=known.hub,
        )
    )


def whoami(
    hub: Annotated[
        str | None,
        typer.Option("--hub", help="The address of the hub; by default the last login."),
    ] = None,
) -> None:
    """Say who one is on a hub elsewhere, as the hub sees it now."""
    known = login_at(hub)
    if known is None:
        raise NotLoggedInError
    with hub_elsewhere(known.hub, known.token) as there:
        account = there.whoami()
    say(f"{account.name}\t{account.token_name}\t{' '.join(account.scopes)}")
