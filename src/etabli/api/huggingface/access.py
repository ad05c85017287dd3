"""Who asked to be let in to a gated repository, and what its owner decides."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.api.huggingface.addresses import listed
from etabli.api.huggingface.errors import present_error
from etabli.api.huggingface.schemas import AccessDecision, AccessGrant, wire_time
from etabli.features.accounts import Permission
from etabli.features.repos import AccessRequest, RequestStatus
from etabli.http import ActorDep, HubDep, RepoDep, make_router, requires
from etabli.hub import Hub

REQUESTS_ON_A_PAGE = 100

router = make_router(
    present_error,
    prefix="/api/{plural:plural}/{namespace}/{name}/user-access-request",
    max_body_size=1_000_000,
)


@router.get("/{status}")
@requires(Permission.ADMIN_REPO)
def access_requests(
    request: Request, hub: HubDep, actor: ActorDep, repo: RepoDep, status: RequestStatus
) -> JSONResponse:
    """Source: HfApi.list_pending_access_requests, list_accepted_…, list_rejected_…."""
    return listed(
        request,
        lambda start, limit: hub.access_requests.listed(actor, repo, status, start, limit),
        lambda one: _shape(hub, one),
        REQUESTS_ON_A_PAGE,
    )


@router.post("/handle")
@requires(Permission.ADMIN_REPO)
def decide_access(
    hub: HubDep, actor: ActorDep, repo: RepoDep, body: AccessDecision
) -> dict[str, Any]:
    """Source: HfApi.accept_access_request, cancel_access_request, reject_access_request."""
    decided = hub.access_requests.decide(
        actor,
        repo,
        body.status,
        name=body.user,
        key=body.request_id,
        reason=body.rejection_reason,
    )
    return _shape(hub, decided)


@router.post("/grant")
@requires(Permission.ADMIN_REPO)
def grant_access(hub: HubDep, actor: ActorDep, repo: RepoDep, body: AccessGrant) -> dict[str, Any]:
    """Source: HfApi.grant_access."""
    return _shape(hub, hub.access_requests.grant(actor, repo, body.user))


def _shape(hub: Hub, asked: AccessRequest) -> dict[str, Any]:
    """Source: `AccessRequest` in huggingface_hub/hf_api.py. This hub knows no e-mail address."""
    namespace = hub.accounts.find_namespace(asked.namespace)
    return {
        "requestId": asked.key,
        "user": {
            "user": asked.namespace,
            "fullname": namespace.full_name if namespace else "",
        },
        "status": asked.status,
        "timestamp": wire_time(asked.asked_at),
        **({"fields": asked.answers} if asked.answers else {}),
    }
