"""Our errors as git-lfs reads them: JSON with a `message`. huggingface_hub reads `error`.

Source: git-lfs, docs/api/batch.md, "Response Errors".
"""

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from etabli.features.repos import RepoNotFoundError
from etabli.foundation import errors
from etabli.foundation.i18n.messages import msg
from etabli.http import STATUS, actor_of, status_of

MEDIA_TYPE = "application/vnd.git-lfs+json"
CHALLENGE = 'Basic realm="Etabli", charset="UTF-8"'
LFS_STATUS: Mapping[type[Exception], int] = {
    **STATUS,
    errors.InvalidInputError: 422,
}


class ObjectNotHeldError(errors.NotFoundError):
    def __init__(self, sha256: str) -> None:
        super().__init__(
            msg("This repository does not hold the large file {sha256}.", sha256=sha256)
        )


class BadObjectError(errors.InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(
            msg("“{name}” names no large file: a SHA-256 of 64 digits does.", name=name[:80])
        )


class ObjectTooLargeError(errors.LimitError):
    def __init__(self, sha256: str, limit_gb: int) -> None:
        super().__init__(
            msg(
                "The large file {sha256} is over {limit_gb} GB, the most that this hub takes. "
                "Split it, or ask the operator to raise the limit.",
                sha256=sha256,
                limit_gb=limit_gb,
            )
        )


class LongerThanSaidError(errors.InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("More bytes arrived than were announced. Nothing was kept."))


class UnfinishedUploadError(errors.InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("The upload was cut before its end. Nothing was kept."))


class UnknownTransferError(errors.InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("This hub knows the operations upload and download, by SHA-256."))


class LocksNotServedError(errors.NotFoundError):
    def __init__(self) -> None:
        super().__init__(msg("This hub has no locks on files."))


def lfs_status_of(error: errors.EtabliError) -> int:
    return status_of(error, LFS_STATUS)


def present_error(request: Request, error: errors.EtabliError) -> Response:
    status = lfs_status_of(error)
    if isinstance(error, RepoNotFoundError) and actor_of(request).name is None:
        status = 401  # perhaps it exists, for somebody: git-lfs then asks who is there
    body = {"message": str(error), "error": str(error)}
    response = JSONResponse(body, status, media_type=MEDIA_TYPE)
    if status == 401:
        response.headers["LFS-Authenticate"] = CHALLENGE
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response
