"""Finding models, datasets and people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from etabli.features.accounts import Actor, Permission
from etabli.features.catalogue import Count, Query, Sort
from etabli.features.repos import RepoType
from etabli.formats import Format
from etabli.foundation.i18n.messages import Message, msg
from etabli.foundation.i18n.translations import translations_in
from etabli.http import ActorDep, HubDep, make_router, requires
from etabli.hub import Hub
from etabli.pools import PAGES
from etabli.web.browse.listing import items_of
from etabli.web.kit.errors import present_error
from etabli.web.kit.labels import is_language, is_task, language_label, licence_label, task_label
from etabli.web.kit.rendering import language_of, render, said

A_PAGE = 20
MAX_OPTIONS = 8
MAX_PEOPLE = 12
MAX_WORDS_FOR_PEOPLE = 6
"""Words of a search that are tried as the beginning of a name."""

router = make_router(present_error, reads=PAGES)

Counted = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int | None
    chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    title: str
    options: Sequence[Option]


@dataclass(frozen=True)
class Filter:
    """What the address of a list asks for."""

    path: str
    words: str
    chosen: dict[str, str]
    """The facets that are narrowed, by name."""
    cursor: str | None

    def url(self, cursor: str | None) -> str:
        asked = {"q": self.words, **self.chosen, "cursor": cursor or ""}
        kept = {name: value for name, value in asked.items() if value}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


@router.get("/models")
@requires(Permission.PUBLIC)
def models(request: Request, hub: HubDep, actor: ActorDep) -> Response:
    return _list(request, hub, actor, RepoType.MODEL, msg("Models"))


@router.get("/datasets")
@requires(Permission.PUBLIC)
def datasets(request: Request, hub: HubDep, actor: ActorDep) -> Response:
    return _list(request, hub, actor, RepoType.DATASET, msg("Datasets"))


@router.get("/search")
@requires(Permission.PUBLIC)
def search(request: Request, hub: HubDep, actor: ActorDep) -> Response:
    asked = _asked(request)
    people = _people(hub, asked.words)
    found = hub.catalogue.count(actor, _query(None, asked))
    return _rendered(
        request,
        hub,
        actor,
        asked,
        None,
        title=said(request, msg("Search")),
        people=people,
        count_text=_count_text(request, found.plus(len(people)), None),
    )


def task_options(tags: Counted, type: RepoType) -> Counted:
    """The tasks among the tags in use, as the address of a list names them."""
    if type is RepoType.DATASET:
        return _under("task_categories:", tags)
    return [(tag, count) for tag, count in tags if is_task(tag)]


def _list(request: Request, hub: Hub, actor: Actor, type: RepoType, title: Message) -> Response:
    asked = _asked(request)
    found = hub.catalogue.count(actor, _query(type, asked))
    everything = hub.catalogue.count(actor, Query(type=type))
    return _rendered(
        request,
        hub,
        actor,
        asked,
        type,
        section=f"{type}s",
        title=said(request, title),
        facets=_facets(request, hub, actor, type, asked),
        count_text=_count_text(request, found, everything),
    )


def _rendered(
    request: Request,
    hub: Hub,
    actor: Actor,
    asked: Filter,
    type: RepoType | None,
    **context: Any,
) -> Response:
    """A page of what is found; where that is nothing, of what comes nearest."""
    query = _query(type, asked)
    page = hub.catalogue.search(actor, query, limit=A_PAGE, cursor=asked.cursor)
    nothing = not page.items and not asked.cursor
    nearest = hub.catalogue.nearest(actor, query) if nothing else []
    language = language_of(request)
    shared = {
        "path": asked.path,
        "query": asked.words,
        "kept": [(name, [value]) for name, value in asked.chosen.items()],
        "facets": [],
        "people": [],
        "any_chosen": bool(asked.chosen),
        "items": items_of(page.items, language),
        "nearest": items_of(nearest, language),
        "page": 1,
        "previous_url": asked.url(None) if asked.cursor else "",
        "next_url": asked.url(page.next_cursor) if page.next_cursor else "",
    }
    return render(request, "list.html", **{**shared, **context})


def _query(type: RepoType | None, asked: Filter) -> Query:
    """What was asked for: the newest first, or of what words were found in, the most used."""
    return Query(
        type=type,
        words=asked.words.split(),
        tags=_tags(asked.chosen, type),
        owner=asked.chosen.get("author"),
        sort=Sort.DOWNLOADS if asked.words else Sort.UPDATED,
    )


def _asked(request: Request) -> Filter:
    given = request.query_params
    return Filter(
        path=request.url.path,
        words=" ".join(given.get("q", "").split())[:200],
        chosen={name: given[name][:100] for name in (*_PREFIXED, "author") if given.get(name)},
        cursor=given.get("cursor") or None,
    )


_PREFIXED = ("task", "language", "license")
"""The choices that stand for tags."""


def _tags(chosen: dict[str, str], type: RepoType | None) -> list[str]:
    """The tags that the choices stand for, as the catalogue writes them."""
    is_dataset = type is RepoType.DATASET
    prefixes = {
        "task": "task_categories:" if is_dataset else "",
        "language": "language:" if is_dataset else "",
        "license": "license:",
    }
    return [prefixes[name] + chosen[name] for name in _PREFIXED if name in chosen]


def _facets(
    request: Request, hub: Hub, actor: Actor, type: RepoType, asked: Filter
) -> Sequence[Facet]:
    language = language_of(request)
    tags = hub.catalogue.common_tags(actor, type)
    found: Sequence[tuple[str, Message, Counted, Callable[[str], str]]] = [
        ("task", msg("Job"), task_options(tags, type), lambda task: task_label(task, language)),
        (
            "language",
            msg("Language"),
            _languages(tags, type),
            lambda code: language_label(code, language),
        ),
        ("license", msg("Licence"), _under("license:", tags), licence_label),
    ]
    return [
        _facet(request, name, title, options, label, asked.chosen.get(name, ""))
        for name, title, options, label in found
        if options
    ]


def _facet(
    request: Request,
    name: str,
    title: Message,
    counted: Counted,
    label: Callable[[str], str],
    chosen: str,
) -> Facet:
    options = [Option("", said(request, msg("any")), None, not chosen)]
    options += [
        Option(value, label(value), count, value == chosen)
        for value, count in counted[:MAX_OPTIONS]
    ]
    if chosen and not any(option.chosen for option in options):
        options.append(Option(chosen, label(chosen), None, True))
    return Facet(name, said(request, title), options)


def _languages(tags: Counted, type: RepoType) -> Counted:
    if type is RepoType.DATASET:
        return _under("language:", tags)
    return [(tag, count) for tag, count in tags if is_language(tag)]


def _under(prefix: str, tags: Counted) -> Counted:
    return [(tag.removeprefix(prefix), count) for tag, count in tags if tag.startswith(prefix)]


def _people(hub: Hub, words: str) -> list[str]:
    """Whose names begin with one of the words."""
    found: dict[str, None] = {}
    for word in words.split()[:MAX_WORDS_FOR_PEOPLE]:
        found |= {one.name: None for one in hub.accounts.namespaces_like(word, MAX_PEOPLE)}
    return list(found)[:MAX_PEOPLE]


def _count_text(request: Request, found: Count, of: Count | None) -> str:
    language = language_of(request)
    words, number = translations_in(language), Format(language).number
    if found.is_more:
        counted = words.gettext("More than %(most)s results") % {"most": number(found.number)}
    else:
        results = words.ngettext("%(n)s result", "%(n)s results", found.number)
        counted = results % {"n": number(found.number)}
    if of is None or of.number <= found.number:  # what is kept may be a moment behind
        return counted
    return words.gettext("%(counted)s of %(all)s") % {"counted": counted, "all": number(of.number)}
