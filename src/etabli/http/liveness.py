"""That this process answers: before every check, every pool and every database."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LIVENESS = "/healthz"
READINESS = "/readyz"


class Liveness:
    """Answers `/healthz` from the event loop alone: a busy hub is alive."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == LIVENESS:
            answer = PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)
