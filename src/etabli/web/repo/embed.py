"""A model on somebody else's site: a small page for an iframe, which works without any script.

It sets no cookie and needs none: a browser sends none of ours from another site's page. Its
language is the one that its address names, or else the visitor's.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form as Field
from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from etabli.features.accounts import Permission
from etabli.features.repos import Repo, RepoType
from etabli.features.serving import Answer, Decision, Embedding, NotServableError
from etabli.formats import Format
from etabli.foundation.errors import InvalidInputError, UnavailableError
from etabli.foundation.i18n.messages import msg
from etabli.foundation.i18n.translations import LANGUAGES, translator
from etabli.http import (
    ActorDep,
    HubDep,
    RepoDep,
    actor_of,
    make_router,
    public_url,
    requires,
    site_of,
)
from etabli.hub import Hub
from etabli.operations import inference
from etabli.pools import PAGES
from etabli.web.kit.addresses import repo_base
from etabli.web.kit.compression import compress
from etabli.web.kit.errors import present_error, status_of
from etabli.web.kit.forms import MAX_FORM_BYTES, Form
from etabli.web.kit.rendering import environment, language_of, see_other
from etabli.web.repo.chat import MAX_OFFERED, offered_of, picked_of, reply_of
from etabli.web.repo.evaluation_view import METHODS
from etabli.web.repo.frame import render_repo

router = make_router(present_error, reads=PAGES, max_body_size=MAX_FORM_BYTES)


@router.get("/embed/{namespace}/{name}")
@requires(Permission.SEE_REPO)
def embed_page(request: Request, hub: HubDep, repo: RepoDep, lang: str = "") -> Response:
    """The page with nothing asked yet."""
    return _page(request, hub, repo, lang)


@router.post("/embed/{namespace}/{name}")
@requires(Permission.ASK_MODEL)
async def embed_ask(
    request: Request,
    repo: RepoDep,
    text: Annotated[str, Field()] = "",
    chosen: Annotated[str, Field()] = "",
    lang: str = "",
) -> Response:
    """The same page with the question and its answer."""
    try:
        [answer] = await inference.ask(
            site_of(request), actor_of(request), repo, [text], top=MAX_OFFERED
        )
    except (InvalidInputError, UnavailableError) as error:
        return await PAGES.run(_page_of_error, request, repo, lang, text, error)
    return await PAGES.run(_page_of_answer, request, repo, lang, text, answer, chosen)


@router.post("/{namespace}/{name}/settings/embed")
@requires(Permission.ADMIN_REPO)
def set_embedding(
    request: Request,
    hub: HubDep,
    actor: ActorDep,
    repo: RepoDep,
    origins: Annotated[str, Field()] = "",
    contact: Annotated[str, Field()] = "",
) -> Response:
    """Say on which sites the model may be shown, and how a person is reached from there."""
    try:
        hub.embeds.allow(actor, repo, origins.splitlines(), contact)
    except InvalidInputError as error:
        form = Form({"origins": origins, "contact": contact}).refuse(request, "origins", error)
        return render_repo(request, hub, repo, "repo/settings.html", 422, tab="settings", form=form)
    return see_other(f"{repo_base(repo)}/settings", "saved")


def settings_form(hub: Hub, repo: Repo) -> Form:
    """What the settings page shows of it."""
    kept = hub.embeds.kept(repo)
    return Form({"origins": "\n".join(kept.origins), "contact": kept.contact})


def box_context(hub: Hub, repo: Repo) -> Mapping[str, Any]:
    """What `model/embed_box.html` shows beside a model's card."""
    return {"embedding": hub.embeds.of(repo)}


def _page_of_error(
    request: Request,
    repo: Repo,
    lang: str,
    text: str,
    error: InvalidInputError | UnavailableError,
) -> Response:
    language = _language(request, lang)
    sentence = error.text.translate(translator(language))
    with site_of(request).read_hub() as hub:
        status = status_of(error)[0]
        return _page(request, hub, repo, lang, status, text=text, error=sentence)


def _page_of_answer(
    request: Request, repo: Repo, lang: str, text: str, answer: Answer, chosen: str
) -> Response:
    shown = _shown(_language(request, lang), answer, chosen)
    with site_of(request).read_hub() as hub:
        return _page(request, hub, repo, lang, text=text, answer=shown)


def _page(
    request: Request, hub: Hub, repo: Repo, lang: str, status: int = 200, **shown: Any
) -> Response:
    """
    Raises:
        NotServableError: this model cannot answer here.
    """
    if repo.type is not RepoType.MODEL or hub.serving.find(repo) is None:
        raise NotServableError(repo.full_name)
    language = _language(request, lang)
    embedding = hub.embeds.of(repo)
    address = f"/embed/{repo.full_name}" + (f"?lang={lang}" if lang in LANGUAGES else "")
    html = (
        environment(language)
        .get_template("embed.html")
        .render(
            repo=repo,
            language=language,
            action=address,
            contact=embedding.contact,
            site_name=site_of(request).settings.name,
            site_url=public_url(request),
            **shown,
        )
    )
    headers = {
        "Content-Security-Policy": _policy(embedding),
        "Vary": "Accept-Encoding, Accept-Language, Cookie",
        "Cache-Control": "private, no-cache",
    }
    return compress(request, HTMLResponse(html, status, headers))


def _policy(embedding: Embedding) -> str:
    """No script at all; framed by this hub's own pages, and by the sites that the owner named."""
    framed_by = " ".join(["'self'", *embedding.origins])
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {framed_by}"
    )


def _language(request: Request, lang: str) -> str:
    return lang if lang in LANGUAGES else language_of(request)


def _shown(language: str, answer: Answer, chosen: str) -> dict[str, Any]:
    """An answer in the words of the page; the maker's own words stay as they are."""
    translate, form, cost = translator(language), Format(language), answer.cost
    picked = picked_of(answer, chosen)
    reply, is_the_makers = reply_of(answer, picked)
    asks = answer.decision is Decision.CLARIFY and picked is None
    decision = msg("You said which one was meant") if picked else answer.title
    return {
        "reply": reply.translate(translate),
        "reply_language": answer.language if is_the_makers else "",
        "is_generated": not is_the_makers,
        "source": answer.source,
        "decision": decision.translate(translate),
        "needs_a_person": picked is None and answer.decision in (Decision.OUTSIDE, Decision.HUMAN),
        "offered": offered_of(answer) if asks else (),
        "sure": f"{100 * answer.certainty:.0f}",
        "shows_sure": answer.decision is Decision.ANSWER and picked is None,
        "time": form.duration(cost.latency_ms / 1000),
        "energy": form.energy(cost.energy.wh),
        "low": form.energy(cost.energy.low_wh),
        "high": form.energy(cost.energy.high_wh),
        "method": METHODS[cost.energy.method].translate(translate),
    }
