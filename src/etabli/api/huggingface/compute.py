"""Spaces that run, and jobs: this hub keeps spaces and runs neither. It says so at once.

What is a list is empty, because that is the truth; what would run something is answered 501, which
clients do not try again.

Source: HfApi.get_space_runtime and its like in huggingface_hub/hf_api.py, and _jobs_api.py.
"""

from typing import Any

from fastapi import Request

from etabli.api.huggingface.errors import NotServedError, present_error
from etabli.features.accounts import Permission
from etabli.foundation.errors import NotFoundError
from etabli.foundation.i18n.messages import msg
from etabli.http import RepoDep, make_router, requires

router = make_router(present_error, prefix="/api", max_body_size=1_000_000)

RUNTIME = {
    "stage": "STOPPED",
    "hardware": {"current": None, "requested": None},
    "storage": None,
    "gcTimeout": None,
}
"""Of every space here. Source: SpaceRuntime in huggingface_hub/_space_api.py; a client that waits
for a space to run waits no longer when it reads this stage."""


class NothingRunsHereError(NotServedError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "This hub keeps spaces and runs no programs: it has no hardware, and keeps no "
                "secrets, variables or volumes. Nothing was kept. Download the space, and run it "
                "on a machine of yours."
            )
        )


class JobNotFoundError(NotFoundError):
    def __init__(self) -> None:
        super().__init__(msg("There is no such job: this hub runs none."))


@router.get("/spaces/hardware")
@router.get("/jobs/hardware")
@requires(Permission.PUBLIC)
async def hardware() -> list[Any]:
    """Source: HfApi.list_spaces_hardware, list_jobs_hardware: there is none."""
    return []


@router.get("/spaces/templates")
@requires(Permission.PUBLIC)
async def templates() -> dict[str, list[Any]]:
    """Source: HfApi.list_space_templates."""
    return {"templates": []}


@router.get("/spaces/zero-gpu/quota")
@requires(Permission.PUBLIC)
async def quota() -> None:
    """Source: HfApi.get_zero_gpu_quota."""
    raise NothingRunsHereError


@router.get("/spaces/{namespace}/{name}/runtime")
@requires(Permission.SEE_REPO)
def runtime(request: Request, repo: RepoDep) -> dict[str, Any]:
    """Source: HfApi.get_space_runtime."""
    return RUNTIME


@router.get("/spaces/{namespace}/{name}/secrets")
@router.get("/spaces/{namespace}/{name}/variables")
@requires(Permission.WRITE_REPO)
def kept_for_a_space(request: Request, repo: RepoDep) -> dict[str, Any]:
    """Source: HfApi.get_space_secrets, get_space_variables: there are none."""
    return {}


@requires(Permission.WRITE_REPO)
async def change_a_space() -> None:
    """Source: HfApi.add_space_secret, request_space_hardware, pause_space and their like."""
    raise NothingRunsHereError


@router.get("/spaces/{namespace}/{name}/logs/{rest:path}")
@router.get("/spaces/{namespace}/{name}/events")
@router.get("/spaces/{namespace}/{name}/metrics")
@requires(Permission.SEE_REPO)
async def watch_a_space() -> None:
    """Source: HfApi.fetch_space_logs."""
    raise NothingRunsHereError


for _methods, _things in (
    (["POST", "DELETE"], ("secrets", "variables")),
    (["PUT", "DELETE"], ("volumes",)),
    (["POST"], ("hardware", "sleeptime", "pause", "restart", "dev-mode")),
):
    for _thing in _things:
        router.add_api_route(
            f"/spaces/{{namespace}}/{{name}}/{_thing}",
            change_a_space,
            methods=_methods,
            response_model=None,
        )


@router.get("/jobs/{namespace}")
@router.get("/scheduled-jobs/{namespace}")
@requires(Permission.PUBLIC)
async def list_jobs() -> list[Any]:
    """Source: HfApi.list_jobs, list_scheduled_jobs: there are none."""
    return []


@router.get("/jobs/{namespace}/{rest:path}")
@router.get("/scheduled-jobs/{namespace}/{rest:path}")
@requires(Permission.PUBLIC)
async def find_job() -> None:
    """Source: HfApi.inspect_job: the client makes its own error of a 404 here."""
    raise JobNotFoundError


@requires(Permission.SIGNED_IN)
async def run_job() -> None:
    """Source: HfApi.run_job, create_scheduled_job and what changes one."""
    raise NothingRunsHereError


for _kind in ("jobs", "scheduled-jobs"):
    router.add_api_route(
        f"/{_kind}/{{rest:path}}",
        run_job,
        methods=["POST", "PUT", "DELETE"],
        response_model=None,
    )
