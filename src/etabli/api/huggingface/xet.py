"""Tokens by which a client sends and reads the bytes of a repository: see `etabli.api.xet`."""

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.api.cas_tokens import Scope, issue_cas_token
from etabli.api.huggingface.commits import asks_for_pull_request
from etabli.api.huggingface.errors import present_error
from etabli.features.accounts import Actor, Permission
from etabli.features.buckets import Bucket
from etabli.features.repos import Repo
from etabli.http import ActorDep, HubDep, RepoDep, make_router, requires
from etabli.hub import Hub

router = make_router(present_error)
_API = "/api/{plural:plural}/{namespace}/{name}"


@router.get(_API + "/xet-read-token/{revision:path}")
@requires(Permission.READ_REPO)
def read_token(request: Request, hub: HubDep, actor: ActorDep, repo: RepoDep) -> JSONResponse:
    """Source: `fetch_xet_connection_info_from_repo_info` in huggingface_hub/utils/_xet.py."""
    return token_answer(request, hub, actor, repo, "read")


@router.get(_API + "/xet-write-token/{revision:path}")
@requires(Permission.PROPOSE)
def write_token(
    request: Request, hub: HubDep, actor: ActorDep, repo: RepoDep, revision: str
) -> JSONResponse:
    """The revision may be the word `None`, for a pull request to come: no token is for one."""
    # Before anything is sent: a client told so at the end has sent all of it for nothing.
    hub.proposals.require_sender(actor, repo, revision, proposes=asks_for_pull_request(request))
    charged_to = hub.repos.quota_owner(actor, repo)
    hub.repos.require_room(repo, {"": 1}, charged_to)
    return token_answer(request, hub, actor, repo, "write")


def token_answer(
    request: Request, hub: Hub, actor: Actor, holding: Repo | Bucket, scope: Scope
) -> JSONResponse:
    """Said twice: the Python client reads the headers, the Rust client the body."""
    token = issue_cas_token(request, hub, holding, scope, actor.name)
    body = {
        "accessToken": token.secret,
        "exp": token.expires_at,
        "casUrl": token.cas_url,
    }
    headers = {
        "X-Xet-Access-Token": token.secret,
        "X-Xet-Token-Expiration": str(token.expires_at),
        "X-Xet-Cas-Url": token.cas_url,
        "Cache-Control": "no-store",
    }
    return JSONResponse(body, headers=headers)
