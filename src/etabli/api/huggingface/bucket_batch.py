"""The body of a batch: a line of JSON for each path of a bucket that is to change.

Source: `_batch_bucket_files` in huggingface_hub/hf_api.py.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

from etabli.api.huggingface.schemas import Name
from etabli.features.buckets import RemoveFile
from etabli.features.repos import RepoType
from etabli.foundation.errors import InvalidInputError, LimitError
from etabli.foundation.i18n.messages import msg
from etabli.operations.buckets import Asked, Put, Source

MAX_OPERATIONS = 1000
"""huggingface_hub sends no more at once."""
MAX_BATCH_BYTES = 8_000_000
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999
"""The years 1 to 9999, in milliseconds since 1970: what every client can read."""

Path = Annotated[str, StringConstraints(max_length=4096)]
Mtime = Annotated[int, Field(ge=_FIRST_MS, le=_LAST_MS)]
_MEDIA_TYPE = r"^[a-zA-Z0-9_.+-]+/[a-zA-Z0-9_.+-]+(;[ -~]*)?$"
ContentType = Annotated[str, StringConstraints(max_length=200, pattern=_MEDIA_TYPE)]


class MalformedBatchError(InvalidInputError):
    def __init__(self, line: int, field: str) -> None:
        super().__init__(
            msg(
                "Line {line} of the batch cannot be read: see “{field}”. Nothing was changed.",
                line=line,
                field=field,
            )
        )


class TooManyOperationsError(LimitError):
    def __init__(self, limit: int) -> None:
        super().__init__(
            msg("A batch changes at most {limit} files. Send the rest in another one.", limit=limit)
        )


class AddLine(BaseModel):
    type: Literal["addFile"]
    path: Path
    xet_hash: Name = Field(alias="xetHash")
    mtime: Mtime | None = None
    content_type: ContentType | None = Field(default=None, alias="contentType")


class CopyLine(BaseModel):
    type: Literal["copyFile"]
    path: Path
    xet_hash: Name = Field(alias="xetHash")
    mtime: Mtime | None = None
    content_type: ContentType | None = Field(default=None, alias="contentType")
    source_type: RepoType | Literal["bucket"] = Field(alias="sourceRepoType")
    source_id: Name = Field(alias="sourceRepoId")


class DeleteLine(BaseModel):
    type: Literal["deleteFile"]
    path: Path


_LINE: TypeAdapter[AddLine | CopyLine | DeleteLine] = TypeAdapter(
    Annotated[AddLine | CopyLine | DeleteLine, Field(discriminator="type")]
)


def read_batch(body: bytes) -> Sequence[Asked]:
    """
    Raises:
        MalformedBatchError: a line is not what the wire says.
        TooManyOperationsError: it has more of them than one batch may.
    """
    lines = [line for line in body.splitlines() if line.strip()]
    if len(lines) > MAX_OPERATIONS:
        raise TooManyOperationsError(MAX_OPERATIONS)
    return [_asked(number, line) for number, line in enumerate(lines, 1)]


def _asked(number: int, line: bytes) -> Asked:
    try:
        read = _LINE.validate_json(line)
    except ValidationError as error:
        places = error.errors(include_url=False, include_input=False)[0]["loc"]
        raise MalformedBatchError(number, str(places[-1]) if places else "type") from error
    if isinstance(read, DeleteLine):
        return RemoveFile(read.path)
    source = None
    if isinstance(read, CopyLine):
        type = None if read.source_type == "bucket" else RepoType(read.source_type)
        source = Source(type, read.source_id)
    return Put(read.path, read.xet_hash, read.mtime, read.content_type, source)
