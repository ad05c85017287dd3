"""From a template and what it shows to a page in the visitor's language."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from etabli.features.accounts import ANONYMOUS
from etabli.formats import filters
from etabli.foundation.i18n.messages import Message, msg
from etabli.foundation.i18n.translations import (
    LANGUAGES,
    best_language,
    translations_in,
    translator,
)
from etabli.http import SAFE_METHODS, actor_of, public_url, redirect, site_of
from etabli.web.kit import kept_pages
from etabli.web.kit.assets import static_url
from etabli.web.kit.compression import compress

LANGUAGE_COOKIE = "lang"
A_YEAR_S = 31_536_000
TEMPLATES = Path(__file__).parents[1] / "templates"

_DONE: Mapping[str, Message] = {
    "saved": msg("Saved."),
    "deleted": msg("It is deleted."),
    "merged": msg("It is merged."),
    "proposed": msg("Your proposal is here. Whoever may write in this repository decides on it."),
    "revoked": msg("The token opens nothing any more."),
    "password-changed": msg("Your password is changed. Every other browser is signed out."),
    "signed-out": msg("You are signed out."),
    "welcome": msg("Welcome! This is your page."),
}
"""What `?done=…` says after a form has done its work and led elsewhere."""


def render(
    request: Request, template: str, status: int = 200, *, keeps: bool = False, **context: Any
) -> Response:
    """The page, for whoever asks, in their language.

    An address with `?lang=` sets the language for good and leads to the same address without it.

    Args:
        keeps: whether to keep the page in memory, for a page that many ask for: see `kept_pages`.
    """
    chosen = request.query_params.get("lang")
    if chosen and chosen in LANGUAGES and request.method in SAFE_METHODS:
        return _switch_language(request, chosen)
    language = language_of(request)
    page = environment(language).get_template(template)
    shown = {**_common(request, language), **context}
    vary = "Accept-Encoding, Accept-Language, Cookie, HX-Request"
    headers = {"Vary": vary, "Cache-Control": "private, no-cache"}
    made_of = (template, shown) if keeps else None
    html = kept_pages.kept_or_made(made_of, lambda: page.render(shown))
    return compress(request, HTMLResponse(html, status, headers))


def language_of(request: Request) -> str:
    return best_language(
        request.headers.get("accept-language", ""), request.cookies.get(LANGUAGE_COOKIE)
    )


def said(request: Request, text: Message) -> str:
    """A sentence in the visitor's language."""
    return text.translate(translator(language_of(request)))


def set_language(response: Response, language: str) -> None:
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR_S, samesite="lax")


def see_other(url: str, done: str = "") -> RedirectResponse:
    """Where a form leads once it has done its work: loading that page again does nothing twice."""
    return redirect(f"{url}?done={done}" if done else url, 303)


@cache
def environment(language: str) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.ChainableUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    words = translations_in(language)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True
    )
    made.filters.update(filters(language))
    made.filters["urlpath"] = lambda path: quote(path, safe="/")
    made.globals.update(static_url=static_url, position=position, minor_ticks=minor_ticks)
    return made


def position(value: float, low: float, high: float, log: bool = True) -> str:
    """Where a value stands between two others, as an SVG length: `"37.50%"`."""
    scale = math.log10 if log else float
    share = (scale(value) - scale(low)) / (scale(high) - scale(low))
    return f"{100 * min(1.0, max(0.0, share)):.2f}%"


def minor_ticks(low: float, high: float) -> Iterator[float]:
    """2, 3, … 9 times each power of ten between two values."""
    decade = 10.0 ** math.floor(math.log10(low))
    while decade < high:
        yield from (decade * k for k in range(2, 10) if low <= decade * k <= high)
        decade *= 10


def _common(request: Request, language: str) -> dict[str, Any]:
    """What every page may show."""
    settings = site_of(request).settings
    done = _DONE.get(request.query_params.get("done", ""))
    return {
        "actor": actor_of(request) or ANONYMOUS,
        "language": language,
        "languages": _languages(request),
        "sign_in_url": "/login?" + urlencode({"next": _here(request)}),
        "here": _here(request),
        "site_name": settings.name,
        "site_url": public_url(request),
        "lighter": request.headers.get("save-data", "").lower() == "on",
        "flash": done.translate(translator(language)) if done else "",
    }


def _languages(request: Request) -> Sequence[tuple[str, str, str]]:
    """Each language: its code, its own name, and the address of this page in it."""
    kept = [item for item in request.query_params.multi_items() if item[0] not in ("lang", "done")]
    return [
        (code, name, f"{quote(request.url.path)}?{urlencode([*kept, ('lang', code)])}")
        for code, name in LANGUAGES.items()
    ]


def _here(request: Request) -> str:
    """The address asked for; for a form that was sent, the page it may have come from."""
    kept = [item for item in request.query_params.multi_items() if item[0] not in ("lang", "done")]
    return quote(request.url.path) + (f"?{urlencode(kept)}" if kept else "")


def _switch_language(request: Request, language: str) -> Response:
    response = redirect(_here(request), 302)
    set_language(response, language)
    return response
