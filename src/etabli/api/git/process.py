"""Git's own program, answering one request: few at once, for a limited time, never left behind."""

import os
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

import anyio
from anyio.abc import Process
from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from etabli.pools import GIT

LONGEST_S = 600

# Nothing of the machine's or of the repository's own set-up decides what is answered.
_SETTINGS = (
    "safe.directory=*",
    "core.hooksPath=/dev/null",
    "uploadpack.allowFilter=true",
    "uploadpack.allowAnySHA1InWant=false",
    # Only the filters that cost nothing to apply.
    "uploadpackfilter.allow=false",
    "uploadpackfilter.blob:none.allow=true",
    "uploadpackfilter.blob:limit.allow=true",
    "uploadpackfilter.tree.allow=true",
    "uploadpackfilter.combine.allow=true",
    "pack.threads=1",
    "pack.windowMemory=64m",
)
_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class UploadPack(Response):
    """The answer of `git upload-pack`, sent as it comes.

    The request must have been read to its end before: to read while sending hangs on servers of
    ASGI below 2.4, whose disconnect listener takes the rest of the body for itself.
    """

    def __init__(
        self,
        repo: Path,
        options: Sequence[str] = (),
        *,
        protocol: str,
        body: IO[bytes] | None = None,
        preamble: bytes = b"",
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(headers=headers)
        self._command = _command(repo, options)
        self._environment = {**_ENVIRONMENT, "GIT_PROTOCOL": protocol}
        self._body, self._preamble = body, preamble
        self._answer_headers = {**headers, "Cache-Control": "no-cache"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with GIT.place(), self._process() as process:
                with anyio.fail_after(LONGEST_S):
                    answer = StreamingResponse(self._output(process), headers=self._answer_headers)
                    await answer(scope, receive, send)
        finally:
            if self._body is not None:
                self._body.close()

    @asynccontextmanager
    async def _process(self) -> AsyncIterator[Process]:
        process = await anyio.open_process(
            self._command,
            stdin=self._body or subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            await _end(process)

    async def _output(self, process: Process) -> AsyncIterator[bytes]:
        if self._preamble:
            yield self._preamble
        assert process.stdout is not None  # noqa: S101
        async for piece in process.stdout:
            yield piece


async def _end(process: Process) -> None:
    """Kill it and the processes that it started, if it still runs; shielded from cancelling."""
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            with suppress(ProcessLookupError):  # it may just have ended by itself
                os.killpg(process.pid, signal.SIGKILL)
        await process.aclose()


def _command(repo: Path, options: Sequence[str]) -> list[str]:
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    return ["git", *settings, "upload-pack", "--strict", "--stateless-rpc", *options, str(repo)]
