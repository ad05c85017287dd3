"""The page of a person or an organisation."""

from fastapi import Request, Response

from etabli.features.accounts import NamespaceKind, Permission
from etabli.features.catalogue import Query
from etabli.features.repos import RepoType
from etabli.http import ActorDep, HubDep, make_router, redirect, requires
from etabli.pools import PAGES
from etabli.web.account.settings import ROLES
from etabli.web.browse.listing import items_of
from etabli.web.kit.errors import present_error
from etabli.web.kit.rendering import language_of, render, said

MAX_REPOS = 20
"""Of each kind: the newest. The lists show the others."""
MAX_BUCKETS = 100
"""The first by name."""

router = make_router(present_error, reads=PAGES)


@router.get("/{owner}")
@requires(Permission.PUBLIC)
def owner_page(request: Request, hub: HubDep, actor: ActorDep, owner: str) -> Response:
    meant = hub.aliases.find(RepoType.MODEL, owner)
    if meant is not None and hub.accounts.find_namespace(owner) is None:
        return redirect(f"/{meant}", 307)
    namespace = hub.accounts.namespace(owner)
    is_org = namespace.kind is NamespaceKind.ORG
    members = hub.accounts.members(namespace.name) if is_org else []
    queries = {
        type: Query(type=type, owner=namespace.name) for type in (RepoType.MODEL, RepoType.DATASET)
    }
    found = {
        type: hub.catalogue.search(actor, query, limit=MAX_REPOS).items
        for type, query in queries.items()
    }
    counts = {type: hub.catalogue.count(actor, query) for type, query in queries.items()}
    language = language_of(request)
    return render(
        request,
        "owner.html",
        owner=namespace,
        is_org=is_org,
        origin=hub.federation.origin_of_namespace(namespace.name),
        is_self=actor.name == namespace.name,
        models=items_of(found[RepoType.MODEL], language),
        datasets=items_of(found[RepoType.DATASET], language),
        model_count=counts[RepoType.MODEL],
        dataset_count=counts[RepoType.DATASET],
        buckets=hub.buckets.in_namespace(actor, namespace.name, "", "", MAX_BUCKETS),
        members=[(member.user, said(request, ROLES[member.role])) for member in members],
    )
