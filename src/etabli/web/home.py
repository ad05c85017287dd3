"""The home page: where to start, and what this hub holds."""

from fastapi import Request, Response

from etabli.features.accounts import NamespaceKind, Permission
from etabli.features.catalogue import Query
from etabli.features.repos import RepoType
from etabli.http import ActorDep, HubDep, door, needs, site_of
from etabli.web.create_forms import has_sample
from etabli.web.errors import present_error
from etabli.web.items import items_of
from etabli.web.labels import task_label
from etabli.web.lists import task_options
from etabli.web.rendering import language_of, render

LATEST = 6
TASKS = 5

router = door(present_error)


@router.get("/")
@needs(Permission.PUBLIC)
def home(request: Request, hub: HubDep, actor: ActorDep) -> Response:
    language = language_of(request)
    latest = hub.catalogue.search(actor, Query(type=RepoType.MODEL), limit=LATEST)
    tags = hub.catalogue.common_tags(actor, RepoType.MODEL)
    return render(
        request,
        "home.html",
        has_sample=has_sample(site_of(request).settings.samples_dir),
        latest=items_of(latest.items, language),
        tasks=[
            {"value": task, "label": task_label(task, language)}
            for task, _count in task_options(tags, RepoType.MODEL)[:TASKS]
        ],
        space=hub.blobs.space(),
        counts={
            "models": hub.repos.count(actor, RepoType.MODEL),
            "datasets": hub.repos.count(actor, RepoType.DATASET),
            "people": len(hub.accounts.namespaces(NamespaceKind.USER)),
        },
    )
