"""The headers of all files of a model in one answer, so that a client need not ask for each."""

from typing import Any

from fastapi import Request, Response

from etabli.api.huggingface.errors import present_error
from etabli.api.huggingface.schemas import json_response
from etabli.features.accounts import Permission
from etabli.features.catalogue import NotSafetensorsError, headers_of
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.http import HubDep, RepoDep, in_pool, make_router, requires
from etabli.pools import LONG_READS

router = make_router(present_error, prefix="/api")


class UnreadableHeadersError(InvalidInputError):
    def __init__(self, path: str) -> None:
        super().__init__(
            msg(
                "The files that “{path}” names are not all here, or are no safetensors files. Ask "
                "for the header of each.",
                path=path,
            )
        )


@router.get("/models/{namespace}/{name}/safetensors-metadata/{path:path}")
@requires(Permission.READ_REPO)
@in_pool(LONG_READS)
def sharded_metadata(request: Request, hub: HubDep, repo: RepoDep, path: str) -> Response:
    """Source: HfApi.get_sharded_safetensors_metadata: of `main`, by the path of an index."""
    snapshot = hub.repos.snapshot(repo)
    snapshot.get(path)  # or it is told that there is none
    try:
        index, headers = headers_of(snapshot, path)
    except NotSafetensorsError as error:
        raise UnreadableHeadersError(path) from error
    told: dict[str, Any] = {"metadata": index.get("metadata")}
    return json_response({"index": told, "headers": headers})
