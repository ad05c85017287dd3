"""People, organizations and access tokens, for the operator, who needs no password."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from etabli.cli.terminal import DataDir, open_hub, say, tell
from etabli.features.accounts import NamespaceKind, Role, TokenRole
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.operations.access_tokens import TokenWish, ToldToken, issue_token, told_tokens

users = typer.Typer(no_args_is_help=True, help="People who have an account here.")
orgs = typer.Typer(no_args_is_help=True, help="Organizations, and who belongs to them.")
members = typer.Typer(no_args_is_help=True, help="Who belongs to an organization.")
tokens = typer.Typer(no_args_is_help=True, help="Access tokens, for programs.")
orgs.add_typer(members, name="members")

NO_ROLE = "none"


class NoPasswordError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "No password was given. Send one on the standard input with --password-stdin, "
                "or choose --no-password for an account that only uses access tokens."
            )
        )


class UnknownRoleError(InvalidInputError):
    def __init__(self, role: str) -> None:
        super().__init__(
            msg("“{role}” is no role: use read, write, admin, or none to remove.", role=role)
        )


class NothingOnInputError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("There was nothing on the standard input."))


@users.command("add")
def add_user(
    name: str,
    data_dir: DataDir = None,
    admin: Annotated[bool, typer.Option("--admin", help="May administer the hub.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password on the standard input.")
    ] = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Only access tokens will open this account.")
    ] = False,
) -> None:
    """Make an account. Without an option, asks for its password."""
    password = None if no_password else _password(password_stdin)
    with open_hub(data_dir, may_begin=True) as hub:
        hub.accounts.register(name, password, is_admin=admin)
    tell(msg("{name} has an account now.", name=name))


@users.command("password")
def reset_password(
    name: str,
    data_dir: DataDir = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password on the standard input.")
    ] = False,
    revoke_tokens: Annotated[
        bool, typer.Option("--revoke-tokens", help="Remove their access tokens too.")
    ] = False,
) -> None:
    """Give somebody a new password, and sign out every browser of theirs."""
    password = _password(password_stdin or not sys.stdin.isatty())
    with open_hub(data_dir) as hub:
        hub.sign_ins.reset_password(name, password)
        if revoke_tokens:
            hub.accounts.revoke_tokens(name)
    tell(msg("{name} has a new password, and is signed out everywhere.", name=name))


@users.command("ls")
def list_users(data_dir: DataDir = None) -> None:
    """List the accounts, one a line; an administrator's is followed by “admin”."""
    with open_hub(data_dir) as hub:
        for namespace in hub.accounts.namespaces(NamespaceKind.USER):
            actor = hub.accounts.actor(namespace.name)
            typer.echo(f"{namespace.name}\tadmin" if actor.is_admin else namespace.name)


@orgs.command("add")
def add_org(
    name: str,
    admin: Annotated[str, typer.Option(help="The user who will administer it.")],
    data_dir: DataDir = None,
    private_by_default: Annotated[
        bool, typer.Option("--private", help="New repositories are private, unless one says.")
    ] = False,
) -> None:
    """Make an organization."""
    with open_hub(data_dir, may_begin=True) as hub:
        hub.accounts.create_org(name, admin, private_by_default=private_by_default)
    tell(msg("The organization {name} is there now.", name=name))


@orgs.command("settings")
def change_org(
    name: str,
    private: Annotated[
        bool,
        typer.Option(
            "--private/--public", help="What new repositories are, when nobody says which."
        ),
    ],
    data_dir: DataDir = None,
) -> None:
    """Change what an organization's new repositories are. Those that are there stay."""
    with open_hub(data_dir) as hub:
        name = hub.accounts.set_private_by_default(name, private).name
    if private:
        tell(msg("New repositories of {name} are private, unless one says.", name=name))
    else:
        tell(msg("New repositories of {name} are public, unless one says.", name=name))


@orgs.command("ls")
def list_orgs(data_dir: DataDir = None) -> None:
    """List the organizations, one a line."""
    with open_hub(data_dir) as hub:
        for namespace in hub.accounts.namespaces(NamespaceKind.ORG):
            typer.echo(namespace.name)


@members.command("set")
def set_member(org: str, user: str, role: str, data_dir: DataDir = None) -> None:
    """Give a user a role in an organization: read, write or admin; none removes them."""
    if role not in (NO_ROLE, *Role):
        raise UnknownRoleError(role)
    with open_hub(data_dir) as hub:
        hub.accounts.set_member(org, user, None if role == NO_ROLE else Role(role))
    if role == NO_ROLE:
        tell(msg("{user} does not belong to {org} any more.", user=user, org=org))
    else:
        tell(msg("{user} has the role “{role}” in {org} now.", user=user, role=role, org=org))


@members.command("ls")
def list_members(org: str, data_dir: DataDir = None) -> None:
    """List the members of an organization, one a line, each with their role."""
    with open_hub(data_dir) as hub:
        for member in hub.accounts.members(hub.accounts.namespace(org).name):
            typer.echo(f"{member.user}\t{member.role}")


@tokens.command("add")
def add_token(
    user: str,
    data_dir: DataDir = None,
    role: Annotated[TokenRole, typer.Option(help="What it may do.")] = TokenRole.WRITE,
    may_only_ask: Annotated[
        bool, typer.Option("--may-only-ask", help="It has models answer, and does nothing else.")
    ] = False,
    questions_a_day: Annotated[
        int | None, typer.Option(help="At most so many questions a day (UTC).")
    ] = None,
    wh_a_day: Annotated[
        float | None, typer.Option(help="At most so many watt-hours of answers a day (UTC).")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="A model that it may ask, OWNER/NAME; repeat for more.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="It is out of date after so many days.")] = None,
    name: Annotated[str, typer.Option(help="What its owner calls it by.")] = "",
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read the token's value on the standard input.")
    ] = False,
) -> None:
    """Make an access token and print its value, which cannot be read again."""
    given = _from_stdin() if stdin else None
    wish = TokenWish(
        name=name,
        role=TokenRole.ASK if may_only_ask else role,
        only=only or (),
        questions_a_day=questions_a_day,
        wh_a_day=wh_a_day,
        days=days,
        secret=given,
    )
    with open_hub(data_dir) as hub:
        issued = issue_token(hub, user, wish)
    typer.echo(issued.secret)


@tokens.command("ls")
@tokens.command("list", hidden=True)
def list_tokens(user: str, data_dir: DataDir = None) -> None:
    """List somebody's tokens, one a line: key, last letters, scopes, when last used, name, the
    questions asked today of those a day, their energy of that a day, its end, its models."""
    with open_hub(data_dir) as hub:
        for told in told_tokens(hub, hub.accounts.actor(user)):
            token = told.token
            cells = (token.key, f"…{token.hint}", token.scope, _moment(token.last_used_at))
            bounds = (_questions(told), _energy(told), _moment(token.expires_at))
            say("\t".join((*cells, token.name, *bounds, ",".join(told.models) or "-")))


@tokens.command("usage")
def show_usage(user: str, key: str, data_dir: DataDir = None) -> None:
    """What was asked with a token, a day (UTC) a line: the day, questions, watt-hours, from, to,
    and how they were obtained."""
    with open_hub(data_dir) as hub:
        for told in told_tokens(hub, hub.accounts.actor(user)):
            for one in told.days if told.token.key == key else ():
                figures = (f"{wh:.3g}" for wh in (one.wh, one.low_wh, one.high_wh))
                say("\t".join((one.day.isoformat(), str(one.questions), *figures, one.method)))


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="minutes") if moment else "-"


def _questions(told: ToldToken) -> str:
    most = told.token.questions_a_day
    return f"{told.questions_today}/{most}" if most else str(told.questions_today)


def _energy(told: ToldToken) -> str:
    """Figures of two methods stand beside each other, and are not added up."""
    most = told.token.wh_a_day
    ways = [f"{one.wh:.3g} Wh {one.method}" for one in told.today] or ["0 Wh"]
    return " + ".join(ways) + (f"/{most:g} Wh" if most else "")


@tokens.command("revoke")
def revoke_token(user: str, key: str, data_dir: DataDir = None) -> None:
    """Revoke a token of somebody's by its key, as “etabli tokens ls” shows it."""
    with open_hub(data_dir) as hub:
        hub.accounts.revoke_token(hub.accounts.actor(user), key)
    tell(msg("The token is revoked: nothing opens with it any more."))


def _password(on_stdin: bool) -> str:
    if on_stdin:
        return _from_stdin()
    if not sys.stdin.isatty():
        raise NoPasswordError
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _from_stdin() -> str:
    value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise NothingOnInputError
    return value
