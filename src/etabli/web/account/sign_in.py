"""Coming in: the first account, the others, signing in and out."""

from typing import Annotated

from fastapi import Form as Field
from fastapi import Request, Response

from etabli.features.accounts import (
    BadCredentialsError,
    InvalidNameError,
    NameTakenError,
    NotAllowedError,
    Permission,
    TooManyAttemptsError,
    WeakPasswordError,
)
from etabli.foundation.errors import EtabliError, InvalidInputError
from etabli.foundation.networks import public_network
from etabli.http import (
    SESSION_COOKIE,
    ActorDep,
    HubDep,
    local_address,
    make_router,
    public_url,
    requires,
    site_of,
)
from etabli.hub import Hub
from etabli.operations.sign_in import SignedIn, new_browser, sign_in
from etabli.pools import PAGES, PASSWORDS
from etabli.web.kit.errors import present_error
from etabli.web.kit.forms import MAX_FORM_BYTES, Form
from etabli.web.kit.rendering import render, see_other, set_language

BROWSER_COOKIE = "etabli_browser"
"""That somebody has signed in here before. It opens nothing, so it stays when they sign out."""
A_MONTH_S = 30 * 24 * 3600
A_YEAR_S = 365 * 24 * 3600

router = make_router(present_error, reads=PAGES, max_body_size=MAX_FORM_BYTES)


@router.get("/setup")
@requires(Permission.SET_UP)
def setup_page(request: Request, hub: HubDep, token: str = "") -> Response:
    hub.accounts.check_setup_token(token)
    return _registration(request, Form({"token": token}), first=True)


@router.post("/setup")
@requires(Permission.SET_UP)
async def set_up(
    request: Request,
    token: Annotated[str, Field()] = "",
    name: Annotated[str, Field()] = "",
    password: Annotated[str, Field()] = "",
    full_name: Annotated[str, Field()] = "",
) -> Response:
    form = Form({"token": token, "name": name, "full_name": full_name})

    def action() -> Response:
        try:
            with site_of(request).open_hub() as hub:
                hub.accounts.set_up(token, name, password, full_name=full_name)
                secret = hub.accounts.open_sign_in(name)
        except (NameTakenError, InvalidInputError) as error:
            return _registration(request, _refused(request, form, error), first=True)
        return _registered(request, name, secret, "/")

    return await PASSWORDS.run(action)


@router.get("/join")
@requires(Permission.PUBLIC)
def join_page(request: Request) -> Response:
    _check_open(request)
    return _registration(request, Form(), first=False)


@router.post("/join")
@requires(Permission.PUBLIC)
async def join(
    request: Request,
    name: Annotated[str, Field()] = "",
    password: Annotated[str, Field()] = "",
    full_name: Annotated[str, Field()] = "",
) -> Response:
    _check_open(request)
    form = Form({"name": name, "full_name": full_name})

    def action() -> Response:
        try:
            with site_of(request).open_hub() as hub:
                hub.accounts.register(name, password, full_name=full_name)
                secret = hub.accounts.open_sign_in(name)
        except (NameTakenError, InvalidInputError) as error:
            return _registration(request, _refused(request, form, error), first=False)
        return _registered(request, name, secret, f"/{name}?done=welcome")

    return await PASSWORDS.run(action)


@router.get("/login")
@requires(Permission.PUBLIC)
def login_page(request: Request, actor: ActorDep, next: str = "/") -> Response:
    if actor.name:
        return see_other(next)
    return _sign_in_page(request, Form({"next": local_address(next)}))


@router.post("/login")
@requires(Permission.PUBLIC)
async def login(
    request: Request,
    name: Annotated[str, Field()] = "",
    password: Annotated[str, Field()] = "",
    next: Annotated[str, Field()] = "/",
) -> Response:
    form = Form({"name": name, "next": local_address(next)})
    return await PASSWORDS.run(lambda: _login(request, form, password))


def _login(request: Request, form: Form, password: str) -> Response:
    site, known = site_of(request), request.cookies.get(BROWSER_COOKIE, "")
    name, network = form.values["name"], network_of(request)
    try:
        signed_in = sign_in(site, name, password, address=network, browser=known)
    except BadCredentialsError as error:
        return _sign_in_page(request, form.refuse(request, "password", error), 401)
    except TooManyAttemptsError as error:
        return put_off(_sign_in_page(request, form.refuse(request, "password", error), 429), error)
    with site.read_hub() as hub:
        language = _language_of(hub, signed_in.secret)
    response = _signed_in(request, signed_in, form.values["next"])
    if language:
        set_language(response, language)
    return response


def network_of(request: Request) -> str | None:
    """The network that the client is in, if it is certain."""
    return public_network(request.client.host if request.client else "")


def put_off(response: Response, error: TooManyAttemptsError) -> Response:
    response.headers["Retry-After"] = str(error.wait_s)
    return response


@router.post("/logout")
@requires(Permission.PUBLIC)
def logout(request: Request, hub: HubDep) -> Response:
    hub.accounts.sign_out(request.cookies.get(SESSION_COOKIE, ""))
    response = see_other("/", "signed-out")
    response.delete_cookie(SESSION_COOKIE)
    return response


def _sign_in_page(request: Request, form: Form, status: int = 200) -> Response:
    site = site_of(request)
    with site.read_hub() as hub:
        is_set_up = hub.accounts.is_set_up()
    may_join = site.settings.open_registration
    return render(
        request,
        "account/login.html",
        status,
        form=form,
        may_join=may_join,
        is_set_up=is_set_up,
        setup_address=f"{public_url(request)}/setup?token=…",
    )


def _registration(request: Request, form: Form, *, first: bool) -> Response:
    action = "/setup" if first else "/join"
    status = 422 if form.errors else 200
    return render(request, "account/register.html", status, form=form, first=first, action=action)


def _refused(request: Request, form: Form, error: EtabliError) -> Form:
    field = "password" if isinstance(error, WeakPasswordError) else "name"
    if isinstance(error, InvalidNameError) and error.suggestion:
        # What was typed is no address, but it is most likely how the person is called.
        typed = form.values["name"]
        form.values = {**form.values, "name": error.suggestion, "full_name": typed}
    return form.refuse(request, field, error)


def _check_open(request: Request) -> None:
    if not site_of(request).settings.open_registration:
        raise NotAllowedError


def _language_of(hub: Hub, secret: str) -> str | None:
    actor = hub.accounts.recognise_sign_in(secret)
    return hub.accounts.language(actor) if actor else None


def _registered(request: Request, name: str, secret: str, url: str) -> Response:
    return _signed_in(request, SignedIn(secret, new_browser(site_of(request), name)), url)


def _signed_in(request: Request, signed_in: SignedIn, url: str) -> Response:
    response = see_other(url)
    _keep(request, response, SESSION_COOKIE, signed_in.secret, A_MONTH_S)
    _keep(request, response, BROWSER_COOKIE, signed_in.browser, A_YEAR_S)
    return response


def _keep(request: Request, response: Response, cookie: str, value: str, max_age_s: int) -> None:
    is_https = public_url(request).startswith("https:")
    response.set_cookie(
        cookie, value, max_age=max_age_s, httponly=True, samesite="lax", secure=is_https
    )
