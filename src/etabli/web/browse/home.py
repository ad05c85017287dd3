"""The home page: where to start, and what this hub holds."""

import time
from weakref import WeakKeyDictionary

from fastapi import Request, Response

from etabli.features.accounts import NamespaceKind, Permission
from etabli.features.blobs import Space
from etabli.features.catalogue import Query
from etabli.features.repos import RepoType
from etabli.http import ActorDep, HubDep, make_router, requires, site_of
from etabli.hub import Hub
from etabli.pools import PAGES
from etabli.site import Site
from etabli.web.browse.listing import items_of
from etabli.web.browse.search import task_options
from etabli.web.create.forms import has_sample
from etabli.web.kit.errors import present_error
from etabli.web.kit.labels import task_label
from etabli.web.kit.rendering import language_of, render

LATEST = 6
TASKS = 5
MAX_COUNTED = 10_000
"""People: beyond this the page says "more than"."""
SPACE_KEPT_S = 600.0

router = make_router(present_error, reads=PAGES)


@router.get("/")
@requires(Permission.PUBLIC)
def home(request: Request, hub: HubDep, actor: ActorDep) -> Response:
    language = language_of(request)
    latest = hub.catalogue.search(actor, Query(type=RepoType.MODEL), limit=LATEST)
    tags = hub.catalogue.common_tags(actor, RepoType.MODEL)
    people = hub.accounts.count_namespaces(NamespaceKind.USER, MAX_COUNTED + 1)
    return render(
        request,
        "home.html",
        keeps=True,
        has_sample=has_sample(site_of(request).settings.samples_dir),
        latest=items_of(latest.items, language),
        tasks=[
            {"value": task, "label": task_label(task, language)}
            for task, _count in task_options(tags, RepoType.MODEL)[:TASKS]
        ],
        space=_space(site_of(request), hub),
        counts={
            "models": hub.catalogue.count(actor, Query(type=RepoType.MODEL)).number,
            "datasets": hub.catalogue.count(actor, Query(type=RepoType.DATASET)).number,
            "people": min(people, MAX_COUNTED),
            "more_people": people > MAX_COUNTED,
        },
    )


_spaces: WeakKeyDictionary[Site, tuple[float, Space]] = WeakKeyDictionary()


def _space(site: Site, hub: Hub) -> Space:
    """What all files weigh, as it was a while ago: to add it up takes longer the more there are."""
    known = _spaces.get(site)
    if known is None or time.monotonic() - known[0] > SPACE_KEPT_S:
        known = _spaces[site] = (time.monotonic(), hub.blobs.space())
    return known[1]
