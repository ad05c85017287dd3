"""What a person sets for themselves: their language, their access tokens."""

from typing import Annotated

from fastapi import Form as Field
from fastapi import Request, Response

from etabli.features.accounts import Actor, Permission, Role, TokenRole
from etabli.foundation.catalogues import LANGUAGES
from etabli.foundation.words import Text, say
from etabli.http import ActorDep, HubDep, door, needs, site_of
from etabli.hub import Hub
from etabli.web.errors import present_error
from etabli.web.forms import MOST_FORM_BYTES, Form
from etabli.web.rendering import render, said, see_other, set_language

router = door(present_error, max_body_size=MOST_FORM_BYTES)

ROLES: dict[Role, Text] = {
    Role.READ: say("reads"),
    Role.WRITE: say("reads and writes"),
    Role.ADMIN: say("administers"),
}


@router.get("/settings")
@needs(Permission.SIGNED_IN)
def settings_page(request: Request, actor: ActorDep) -> Response:
    orgs = [
        (name, said(request, ROLES[role]))
        for name, role in sorted(actor.roles.items())
        if name != actor.name
    ]
    return render(request, "account/settings.html", tab="profile", orgs=orgs)


@router.post("/settings")
@needs(Permission.OWN_ACCOUNT)
def save_settings(hub: HubDep, actor: ActorDep, language: Annotated[str, Field()] = "") -> Response:
    response = see_other("/settings", "saved")
    if language in LANGUAGES:
        hub.accounts.set_language(actor, language)
        set_language(response, language)
    return response


@router.get("/settings/tokens")
@needs(Permission.SIGNED_IN)
def tokens_page(request: Request, hub: HubDep, actor: ActorDep) -> Response:
    return _tokens(request, hub, actor, Form())


@router.post("/settings/tokens")
@needs(Permission.OWN_ACCOUNT)
def make_token(
    request: Request,
    actor: ActorDep,
    name: Annotated[str, Field()] = "",
    role: Annotated[str, Field()] = "",
) -> Response:
    site = site_of(request)
    if not name.strip():
        form = Form({"role": role}, {"name": said(request, say("Say what the token is for."))})
        with site.read_hub() as hub:
            return _tokens(request, hub, actor, form, status=422)
    token_role = TokenRole.WRITE if role == TokenRole.WRITE else TokenRole.READ
    with site.open_hub() as hub:
        issued = hub.accounts.issue_token(actor.name or "", token_role, name.strip()[:100])
    with site.read_hub() as hub:
        response = _tokens(request, hub, actor, Form(), secret=issued.secret)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/settings/tokens/revoke")
@needs(Permission.OWN_ACCOUNT)
def revoke_token(hub: HubDep, actor: ActorDep, key: Annotated[str, Field()] = "") -> Response:
    hub.accounts.revoke_token(actor, key)
    return see_other("/settings/tokens", "revoked")


def _tokens(
    request: Request, hub: Hub, actor: Actor, form: Form, *, secret: str = "", status: int = 200
) -> Response:
    return render(
        request,
        "account/tokens.html",
        status,
        tab="tokens",
        form=form,
        tokens=hub.accounts.tokens(actor),
        secret=secret,
    )
