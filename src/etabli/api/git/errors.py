"""Our errors as git shows them: plain text, printed after `remote:`."""

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from etabli.features.repos import RepoNotFoundError
from etabli.foundation import errors
from etabli.foundation.i18n.messages import msg
from etabli.http import actor_of, status_of

# ASCII, as headers are. Git asks for a name and a password: any name, and a token.
CHALLENGE = 'Basic realm="Etabli", charset="UTF-8"'


class UnknownServiceError(errors.ForbiddenError):
    def __init__(self) -> None:
        super().__init__(
            msg("This hub speaks git's smart protocol only. Use git 1.6.6 or a newer one.")
        )


class UnreadableRequestError(errors.InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("This request of git cannot be read. Try again."))


class RequestTooLargeError(errors.LimitError):
    def __init__(self, limit_mb: int) -> None:
        super().__init__(
            msg(
                "This request of git is over {limit_mb} MB, the most that this hub reads. "
                "Clone the repository anew.",
                limit_mb=limit_mb,
            )
        )


def present_error(request: Request, error: errors.EtabliError) -> Response:
    status = status_of(error)
    if isinstance(error, RepoNotFoundError) and actor_of(request).name is None:
        status = 401  # perhaps it exists, for somebody: git then asks who is there
    response = PlainTextResponse(f"{error}\n", status, {"Cache-Control": "no-cache"})
    if status == 401:
        response.headers["WWW-Authenticate"] = CHALLENGE
    if status == 503:
        response.headers["Retry-After"] = "60"
    return response
