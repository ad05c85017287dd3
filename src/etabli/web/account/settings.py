"""What a person sets for themselves: their language, their password, their access tokens."""

from typing import Annotated

from fastapi import Form as Field
from fastapi import Request, Response

from etabli.features.accounts import (
    Actor,
    BadBudgetError,
    BadCredentialsError,
    BadLifetimeError,
    Permission,
    Resource,
    Role,
    Scope,
    Token,
    TooManyAttemptsError,
    TooManyModelsNamedError,
    WeakPasswordError,
)
from etabli.features.footprint import Method
from etabli.features.repos import RepoNotFoundError
from etabli.foundation.errors import ForbiddenError, InvalidInputError, NotFoundError
from etabli.foundation.i18n.messages import Message, msg
from etabli.foundation.i18n.translations import LANGUAGES
from etabli.http import SESSION_COOKIE, ActorDep, HubDep, make_router, requires, site_of
from etabli.hub import Hub
from etabli.operations.access_tokens import issue_token, told_tokens
from etabli.operations.sign_in import change_password
from etabli.pools import PAGES, PASSWORDS
from etabli.web.account.sign_in import put_off
from etabli.web.account.token_form import UnnamedTokenError, token_wish
from etabli.web.kit.errors import present_error
from etabli.web.kit.forms import MAX_FORM_BYTES, Form
from etabli.web.kit.rendering import render, said, see_other, set_language

router = make_router(present_error, reads=PAGES, max_body_size=MAX_FORM_BYTES)


class DifferentPasswordsError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("The two new passwords differ. Type the same one twice."))


class WrongPasswordError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("This is not your current password."))


_FIELD_OF: dict[type[Exception], str] = {
    UnnamedTokenError: "name",
    BadBudgetError: "questions_a_day",
    BadLifetimeError: "days",
    RepoNotFoundError: "only",
    TooManyModelsNamedError: "only",
}
"""Beside which field of a new token an error is said."""

METHODS: dict[Method, Message] = {
    Method.MEASURED: msg("measured"),
    Method.MODELLED: msg("modelled"),
    Method.QUOTED: msg("quoted"),
}
ROLES: dict[Role, Message] = {
    Role.READ: msg("reads"),
    Role.WRITE: msg("reads and writes"),
    Role.ADMIN: msg("administers"),
}


@router.get("/settings")
@requires(Permission.SIGNED_IN)
def settings_page(request: Request, actor: ActorDep) -> Response:
    return _settings(request, actor, Form())


@router.post("/settings")
@requires(Permission.OWN_ACCOUNT)
def save_settings(hub: HubDep, actor: ActorDep, language: Annotated[str, Field()] = "") -> Response:
    response = see_other("/settings", "saved")
    if language in LANGUAGES:
        hub.accounts.set_language(actor, language)
        set_language(response, language)
    return response


@router.post("/settings/organization")
@requires(Permission.OWN_ACCOUNT)
def save_organization(
    hub: HubDep,
    actor: ActorDep,
    org: Annotated[str, Field()] = "",
    private: Annotated[str, Field()] = "no",
) -> Response:
    hub.accounts.require(actor, Permission.ADMIN_REPO, Resource(org))
    hub.accounts.set_private_by_default(org, private == "yes")
    return see_other("/settings", "saved")


@router.post("/settings/password")
@requires(Permission.OWN_ACCOUNT)
async def set_password(
    request: Request,
    actor: ActorDep,
    current: Annotated[str, Field()] = "",
    password: Annotated[str, Field()] = "",
    again: Annotated[str, Field()] = "",
) -> Response:
    if password != again:
        form = Form().refuse(request, "again", DifferentPasswordsError())
        return _settings(request, actor, form, 422)
    return await PASSWORDS.run(lambda: _set_password(request, actor, current, password))


def _set_password(request: Request, actor: Actor, current: str, password: str) -> Response:
    session = request.cookies.get(SESSION_COOKIE, "")
    form = Form()
    try:
        change_password(site_of(request), actor, current, password, kept_secret=session)
    except WeakPasswordError as error:
        return _settings(request, actor, form.refuse(request, "password", error), 422)
    except BadCredentialsError:
        form.refuse(request, "current", WrongPasswordError())
        return _settings(request, actor, form, 422)
    except TooManyAttemptsError as error:
        page = _settings(request, actor, form.refuse(request, "current", error), 429)
        return put_off(page, error)
    return see_other("/settings", "password-changed")


@router.post("/settings/sign-out-everywhere")
@requires(Permission.OWN_ACCOUNT)
def sign_out_everywhere(hub: HubDep, actor: ActorDep) -> Response:
    hub.sign_ins.sign_out_everywhere(actor)
    response = see_other("/", "signed-out")
    response.delete_cookie(SESSION_COOKIE)
    return response


@router.get("/settings/tokens")
@requires(Permission.SIGNED_IN)
def tokens_page(request: Request, hub: HubDep, actor: ActorDep) -> Response:
    return _tokens(request, hub, actor, Form())


@router.post("/settings/tokens")
@requires(Permission.OWN_ACCOUNT)
def make_token(
    request: Request,
    actor: ActorDep,
    name: Annotated[str, Field()] = "",
    role: Annotated[str, Field()] = "",
    only: Annotated[str, Field()] = "",
    questions_a_day: Annotated[str, Field()] = "",
    wh_a_day: Annotated[str, Field()] = "",
    days: Annotated[str, Field()] = "",
) -> Response:
    site = site_of(request)
    typed = {"name": name, "role": role, "only": only, "days": days}
    form = Form({**typed, "questions_a_day": questions_a_day, "wh_a_day": wh_a_day})
    try:
        wish = token_wish(form.values)
        with site.open_hub() as hub:
            issued = issue_token(hub, actor.name or "", wish)
    except (InvalidInputError, NotFoundError, ForbiddenError) as error:
        field = _FIELD_OF.get(type(error), "")
        with site.read_hub() as hub:
            return _tokens(request, hub, actor, form.refuse(request, field, error), status=422)
    with site.read_hub() as hub:
        response = _tokens(request, hub, actor, Form(), secret=issued.secret)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/settings/tokens/revoke")
@requires(Permission.OWN_ACCOUNT)
def revoke_token(hub: HubDep, actor: ActorDep, key: Annotated[str, Field()] = "") -> Response:
    hub.accounts.revoke_token(actor, key)
    return see_other("/settings/tokens", "revoked")


def _may(token: Token) -> Message:
    if Scope.WRITE in token.scopes:
        return msg("may read and write")
    return msg("may read") if Scope.READ in token.scopes else msg("may ask models")


def _settings(request: Request, actor: Actor, form: Form, status: int = 200) -> Response:
    orgs = [
        (name, said(request, ROLES[role]))
        for name, role in sorted(actor.roles.items())
        if name != actor.name
    ]
    with site_of(request).read_hub() as hub:
        administered = [
            hub.accounts.namespace(name)
            for name, role in sorted(actor.roles.items())
            if name != actor.name and role is Role.ADMIN
        ]
    return render(
        request,
        "account/settings.html",
        status,
        tab="profile",
        orgs=orgs,
        administered=administered,
        form=form,
    )


def _tokens(
    request: Request, hub: Hub, actor: Actor, form: Form, *, secret: str = "", status: int = 200
) -> Response:
    return render(
        request,
        "account/tokens.html",
        status,
        tab="tokens",
        form=form,
        tokens=[(told, said(request, _may(told.token))) for told in told_tokens(hub, actor)],
        secret=secret,
        methods={one.value: said(request, text) for one, text in METHODS.items()},
    )
