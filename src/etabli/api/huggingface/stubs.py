"""Small addresses that the clients call on the way to something else."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from etabli.api.huggingface.errors import ERROR_SCHEMA, NotServedError, present_error
from etabli.api.huggingface.schemas import CardRequest
from etabli.features.accounts import Permission
from etabli.features.cards import check
from etabli.foundation.i18n.messages import msg
from etabli.http import document, make_router, requires

NO_DEVICE_LOGIN = (
    "This hub has no sign-in by device code yet. Make an access token on the hub, in your "
    "settings, then run: hf auth login --token <your token>"
)

router = make_router(present_error, max_body_size=4_000_000)


@router.get("/api/openapi.json")
@requires(Permission.PUBLIC)
def openapi(request: Request) -> dict[str, Any]:
    """What this hub takes of Hugging Face's API."""
    return document(
        request, present_error, title="The Hugging Face Hub API of Établi", error=ERROR_SCHEMA
    )


@router.post("/api/validate-yaml")
@requires(Permission.PUBLIC)
def validate_yaml(request: Request, body: CardRequest) -> Response:
    """Source: HfApi._validate_yaml reads JSON before the status; RepoCard.validate reads text."""
    problems = check(body.content, before_a_push=True)
    status = 400 if problems.errors else 200
    if request.headers.get("accept", "").startswith("text/plain"):
        return PlainTextResponse("\n".join(f"- Error: {e}" for e in problems.errors), status)
    shape = {
        "errors": [{"message": str(error)} for error in problems.errors],
        "warnings": [{"message": str(warning)} for warning in problems.warnings],
    }
    return JSONResponse(shape, status)


@router.get("/api/agent-harnesses")
@requires(Permission.PUBLIC)
async def agent_harnesses() -> dict[str, Any]:
    """Source: huggingface_hub/utils/_detect_agent.py, at most once a day."""
    return {"standardEnvVars": [], "harnesses": {}}


@requires(Permission.PUBLIC)
async def telemetry() -> Response:
    """Source: send_telemetry in huggingface_hub/utils/_telemetry.py, and hf_xet, which posts to
    /v1/telemetry. Nothing is read or kept of it."""
    return Response()


router.add_api_route("/api/telemetry/{topic:path}", telemetry, methods=["HEAD", "POST"])
router.add_api_route("/v1/telemetry", telemetry, methods=["POST"])


@router.post("/uploads")
@requires(Permission.PUBLIC)
async def attachment() -> None:
    """Source: HfApi.upload_attachment: a picture for a comment."""
    raise NotServedError(
        msg("This hub keeps no attachments. Commit the file to a repository, and link to it.")
    )


@router.post("/oauth/device")
@requires(Permission.PUBLIC)
async def device_code() -> JSONResponse:
    """Source: request_device_code in huggingface_hub/utils/_oauth_device.py."""
    return _oauth_error("unauthorized_client")


@router.post("/oauth/token")
@requires(Permission.PUBLIC)
async def oauth_token() -> JSONResponse:
    """Source: poll_device_token, and the exchange of huggingface_hub/_oidc.py."""
    return _oauth_error("unsupported_grant_type")


def _oauth_error(code: str) -> JSONResponse:
    return JSONResponse({"error": code, "error_description": NO_DEVICE_LOGIN}, 400)
