"""A repository's own pages: its making, its card, its settings."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import Form as Field
from fastapi import Request, Response
from markupsafe import Markup

from etabli.features.accounts import Actor, Permission, Role
from etabli.features.cards import Card, CardError, parse
from etabli.features.git import Entry, Snapshot
from etabli.features.repos import Gate, Repo, RepoExistsError, RepoType
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.foundation.lru import LruCache, digest_of
from etabli.http import (
    SAFE_METHODS,
    ActorDep,
    HubDep,
    RepoDep,
    actor_of,
    in_pool,
    make_router,
    requires,
    site_of,
)
from etabli.hub import Hub
from etabli.operations import new_repos
from etabli.pools import COMMITS, PAGES
from etabli.web.kit.addresses import repo_base
from etabli.web.kit.errors import present_error
from etabli.web.kit.forms import MAX_FORM_BYTES, Form
from etabli.web.kit.labels import licence_label
from etabli.web.kit.markdown import (
    Markdown,
    html_of,
    is_cut,
    kept_html,
    made_html,
    without_front_matter,
)
from etabli.web.kit.rendering import render, said, see_other
from etabli.web.kit.routing import repo_get, repo_post
from etabli.web.repo.chat import model_context
from etabli.web.repo.csv_preview import first_rows
from etabli.web.repo.embed import box_context, settings_form
from etabli.web.repo.frame import render_repo, repo_context, values

CARD = "README.md"
SHORT_CARD_CHARS = 10_000
"""Up to here a card is made into HTML where it is looked up: it takes some 5 ms."""
MAX_CARDS_BYTES = 8_000_000
"""Of cards that were read, in all: their texts, and their metadata taken for as large again."""

router = make_router(present_error, reads=PAGES, max_body_size=MAX_FORM_BYTES)


@router.get("/new")
@requires(Permission.SIGNED_IN)
def new_model_page(request: Request, actor: ActorDep) -> Response:
    return _new_page(request, actor, RepoType.MODEL, Form({"owner": actor.name or ""}))


@router.get("/new-dataset")
@requires(Permission.SIGNED_IN)
def new_dataset_page(request: Request, actor: ActorDep) -> Response:
    return _new_page(request, actor, RepoType.DATASET, Form({"owner": actor.name or ""}))


@router.post("/new")
@requires(Permission.CREATE_REPO)
@in_pool(COMMITS)
def new_model(
    request: Request,
    actor: ActorDep,
    owner: Annotated[str, Field()] = "",
    name: Annotated[str, Field()] = "",
    private: Annotated[str, Field()] = "",
) -> Response:
    form = Form({"owner": owner, "name": name, "private": private})
    return _create(request, actor, RepoType.MODEL, form)


@router.post("/new-dataset")
@requires(Permission.CREATE_REPO)
@in_pool(COMMITS)
def new_dataset(
    request: Request,
    actor: ActorDep,
    owner: Annotated[str, Field()] = "",
    name: Annotated[str, Field()] = "",
    private: Annotated[str, Field()] = "",
) -> Response:
    form = Form({"owner": owner, "name": name, "private": private})
    return _create(request, actor, RepoType.DATASET, form)


@repo_get("")
@requires(Permission.SEE_REPO)
def card_page(request: Request, hub: HubDep, repo: RepoDep) -> Response | Awaitable[Response]:
    """One hop; a long card that is not kept is made into HTML after it, elsewhere."""
    page, card = _look_at_card(request, hub, repo)
    html = kept_html(card) if len(card.text) > SHORT_CARD_CHARS else made_html(card)
    if html is None:
        return _with_long_card(request, page, card)
    return _render_card(request, page, html)


async def show_card(request: Request, repo: Repo) -> Response:
    """The same page, for who has taken hops before: see `model_pages.ask`."""
    page, card = await PAGES.run(_look_again, request, repo)
    return await _with_long_card(request, page, card)


async def _with_long_card(request: Request, page: Mapping[str, Any], card: Markdown) -> Response:
    html = await html_of(card)
    return await PAGES.run(_render_card, request, page, html)


def _render_card(request: Request, page: Mapping[str, Any], html: Markup) -> Response:
    is_asked = request.method not in SAFE_METHODS  # a question is somebody's own, and asked once
    return render(request, "repo/card.html", keeps=not is_asked, **page, card=html)


def _look_again(request: Request, repo: Repo) -> tuple[Mapping[str, Any], Markdown]:
    with site_of(request).read_hub() as hub:
        return _look_at_card(request, hub, repo)


def _look_at_card(request: Request, hub: Hub, repo: Repo) -> tuple[Mapping[str, Any], Markdown]:
    """What the page shows, and its card."""
    snapshot = hub.repos.snapshot(repo)
    card = _read(snapshot.find_text(CARD) or "")
    base = repo_base(repo)
    markdown = Markdown(
        card.body,
        files=f"{base}/resolve/{snapshot.commit_sha}/",
        pages=f"{base}/blob/main/",
    )
    return _page_of_card(request, hub, repo, snapshot, card), markdown


def _page_of_card(
    request: Request, hub: Hub, repo: Repo, snapshot: Snapshot, card: Card
) -> Mapping[str, Any]:
    entries = snapshot.entries(recursive=True)
    files = [entry for entry in entries if not entry.is_folder]
    languages = values(card.metadata.get("language"))
    shared = repo_context(request, hub, repo, tab="card", metadata=card.metadata)
    shows_rows = repo.type is RepoType.DATASET and not shared["is_kept_out"]
    return {
        **shared,
        "card_is_cut": is_cut(card.body),
        "card_language": languages[0] if len(languages) == 1 else "",
        "licence": ", ".join(licence_label(name) for name in values(card.metadata.get("license"))),
        "table": first_rows(snapshot, _here(hub, repo, files)) if shows_rows else None,
        "lineage": hub.catalogue.lineage(actor_of(request), repo),
        "space": hub.repos.space(repo),
        "file_count": len(files),
        "total_bytes": sum(entry.size_bytes for entry in files),
        **model_context(request, hub, repo, snapshot),
        **box_context(hub, repo),
    }


def _here(hub: Hub, repo: Repo, files: Sequence[Entry]) -> Sequence[Entry]:
    """Without the large files of a mirror that have not come yet."""
    if not repo.is_mirror:
        return files
    named = [entry.large.sha256 for entry in files if entry.large]
    held = hub.blobs.holdings.held_among(repo.holder, named)
    return [entry for entry in files if entry.large is None or entry.large.sha256 in held]


@repo_post("/like")
@requires(Permission.TAKE_PART)
def like(
    hub: HubDep, actor: ActorDep, repo: RepoDep, like: Annotated[str, Field()] = "yes"
) -> Response:
    change = hub.likes.unlike if like == "no" else hub.likes.like
    change(actor, repo)
    return see_other(repo_base(repo))


@repo_get("/settings")
@requires(Permission.ADMIN_REPO)
def settings_page(request: Request, hub: HubDep, repo: RepoDep) -> Response:
    form = settings_form(hub, repo)
    return render_repo(request, hub, repo, "repo/settings.html", tab="settings", form=form)


@repo_post("/settings/visibility")
@requires(Permission.ADMIN_REPO)
def set_visibility(
    hub: HubDep, actor: ActorDep, repo: RepoDep, private: Annotated[str, Field()] = "yes"
) -> Response:
    hub.repos.set_private(actor, repo, private == "yes")
    return see_other(f"{repo_base(repo)}/settings", "saved")


@repo_post("/settings/gate")
@requires(Permission.ADMIN_REPO)
def set_gate(
    hub: HubDep, actor: ActorDep, repo: RepoDep, gate: Annotated[Gate | Literal["none"], Field()]
) -> Response:
    hub.repos.access.set_gate(actor, repo, None if gate == "none" else gate)
    return see_other(f"{repo_base(repo)}/settings", "saved")


@repo_post("/settings/delete")
@requires(Permission.ADMIN_REPO)
def delete(
    request: Request,
    hub: HubDep,
    actor: ActorDep,
    repo: RepoDep,
    full_name: Annotated[str, Field()] = "",
) -> Response:
    if full_name.strip() != repo.full_name:
        wrong = said(request, msg("This is not its name. Type {name}.", name=repo.full_name))
        said_before = settings_form(hub, repo).values
        form = Form({**said_before, "full_name": full_name}, {"full_name": wrong})
        return render_repo(request, hub, repo, "repo/settings.html", 422, tab="settings", form=form)
    hub.repos.delete(actor, repo)
    return see_other(f"/{repo.namespace}", "deleted")


def _new_page(
    request: Request, actor: Actor, type: RepoType, form: Form, status: int = 200
) -> Response:
    owners = sorted(
        (name for name, role in actor.roles.items() if role is not Role.READ),
        key=lambda name: (name != actor.name, name),
    )
    return render(request, "new.html", status, kind=type.value, owners=owners, form=form)


# What is neither leaves it to the owner, who may be an organisation with a rule of its own.
_SAID = {"yes": True, "no": False}


def _create(request: Request, actor: Actor, type: RepoType, form: Form) -> Response:
    owner, name = form.values["owner"], form.values["name"].strip()
    try:
        private = _SAID.get(form.values["private"])
        repo = new_repos.create(site_of(request), actor, type, owner, name, private=private)
    except (RepoExistsError, InvalidInputError) as error:
        return _new_page(request, actor, type, form.refuse(request, "name", error), 422)
    return see_other(repo_base(repo))


def _read(text: str) -> Card:
    """The card, or only its text when its metadata cannot be read. Nobody changes what it says."""
    key = digest_of(text)
    card = _cards.find(key)
    if card is None:
        try:
            card = parse(text)
        except CardError:
            card = Card({}, without_front_matter(text))
        _cards.keep(key, card, 2 * len(text) + 1000)
    return card


_cards: LruCache[bytes, Card] = LruCache(MAX_CARDS_BYTES)
