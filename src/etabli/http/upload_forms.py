"""Forms with files, received into a folder, within a limit."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from etabli.foundation.errors import EtabliError, InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.pools import UPLOADS

MAX_FILES = 1000
ANY_SIZE = 2**40
"""For the route's own limit, where `receive_form` applies the site's."""


class BadFormError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("The form did not arrive whole. Send it again."))


@dataclass(frozen=True)
class ReceivedForm:
    fields: Mapping[str, str]
    """Of one that was sent several times, the last: see `values`."""
    files: Mapping[str, list["ReceivedFile"]]
    """By field. A field that was left empty is absent."""
    sent: Sequence[tuple[str, str]] = ()
    """Each field as it came, in their order."""

    def values(self, field: str) -> Sequence[str]:
        """All that was said of one field; what was left empty says nothing."""
        return [value for name, value in self.sent if name == field and value]

    def first(self, field: str) -> "ReceivedFile | None":
        return next(iter(self.files.get(field, ())), None)

    def path(self, field: str) -> Path | None:
        first = self.first(field)
        return first.path if first else None


@dataclass(frozen=True)
class ReceivedFile:
    name: str
    """As the browser says: never a path to use."""
    path: Path
    """In a folder of its own, under the same name made harmless: messages will show it."""


async def receive_form(
    request: Request, folder: Path, limit_bytes: int, too_large: EtabliError
) -> ReceivedForm:
    """Receive a form into `folder`, which the caller removes. Call it after the permission check.

    Raises:
        too_large: the body is over the limit; the rest of it is not read.
        BadFormError: it is no form, or was cut.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit_bytes:
        raise too_large
    limited = Request(request.scope, _Counted(request, limit_bytes, too_large))
    try:
        form = await limited.form(max_files=MAX_FILES, max_fields=MAX_FILES)
    except MultiPartException as error:
        raise BadFormError from error
    try:
        return await UPLOADS.run(_keep, form.multi_items(), folder)
    finally:
        await form.close()


class _Counted:
    """The request's body, until it is too large."""

    def __init__(self, request: Request, limit_bytes: int, too_large: EtabliError) -> None:
        self._receive = request.receive
        self._left_bytes = limit_bytes
        self._too_large = too_large

    async def __call__(self) -> Any:
        message = await self._receive()
        self._left_bytes -= len(message.get("body", b""))
        if self._left_bytes < 0:
            raise self._too_large
        return message


def _keep(items: list[tuple[str, Any]], folder: Path) -> ReceivedForm:
    sent: list[tuple[str, str]] = []
    files: dict[str, list[ReceivedFile]] = {}
    for place, (field, value) in enumerate(items):
        if not isinstance(value, UploadFile):
            sent.append((field, value))
        elif value.filename:
            path = folder / str(place) / _plain(value.filename)
            path.parent.mkdir()
            with path.open("wb") as file:
                shutil.copyfileobj(value.file, file, 1 << 20)
            files.setdefault(field, []).append(ReceivedFile(value.filename, path))
    return ReceivedForm(dict(sent), files, sent)


def _plain(name: str, longest: int = 100) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if c.isprintable())[-longest:].lstrip(".")
    return plain or "file"
