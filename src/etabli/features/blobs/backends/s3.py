"""Bytes in S3, or in whatever speaks its protocol. Needs the extra `etabli[s3]`.

Nothing here relies on conditional writes, which not every such server has: a key is random and used
once. Presigned addresses name one range each, and sign it: S3 answers no request for several.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from etabli.features.blobs.backends import (
    PIECE_BYTES,
    QUARANTINE,
    StagedFile,
    StoredObject,
    new_key,
    place_in_quarantine,
    staged_in,
)
from etabli.features.blobs.errors import LostBytesError, StoreDownError
from etabli.foundation.durable_files import FileChangedError

_MISSING = frozenset(("NoSuchKey", "404", "InvalidRange", "416"))
_TRANSFER = TransferConfig(
    multipart_threshold=64 << 20, multipart_chunksize=16 << 20, max_concurrency=2
)


class S3Store:
    """One bucket, or the part of it under a prefix. What is being received lies on this machine."""

    def __init__(self, bucket: str, prefix: str, endpoint_url: str | None, staging: Path) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._staging = staging
        self._staging.mkdir(parents=True, exist_ok=True)
        # Whom this hub is to S3, boto3 finds in the environment, a file, or the machine's role.
        self._client = boto3.client(
            "s3",
            endpoint_url=endpoint_url,
            config=Config(
                signature_version="s3v4",
                retries={"max_attempts": 5},
                # Of a range some servers give the checksum of all; `etabli fsck` hashes for itself.
                response_checksum_validation="when_required",
            ),
        )

    def stage(self, *, hashed: bool = True) -> AbstractContextManager[StagedFile]:
        return staged_in(self._staging, hashed=hashed)

    def publish(self, staged: StagedFile, kind: str, name: str) -> str:
        if staged.key is None:
            key = new_key(kind, name)
            staged.require_sealed()
            try:
                # With a checksum of each part, which S3 compares; boto3 waits for its answer.
                self._client.upload_file(
                    str(staged.path), self._bucket, self._prefix + key, Config=_TRANSFER
                )
            except (BotoCoreError, ClientError, boto3.exceptions.S3UploadFailedError) as error:
                raise StoreDownError from error
            # The file was read once more: what was sent is what was hashed only if it still is so.
            try:
                staged.require_sealed()
            except FileChangedError:
                self.delete(key)
                raise
            staged.key = key
        return staged.key

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        if start >= end:
            return
        body = self._open(key, f"bytes={start}-{end - 1}")
        left = end - start
        try:
            for piece in body.iter_chunks(PIECE_BYTES):
                left -= len(piece)
                yield piece
        except BotoCoreError as error:
            raise StoreDownError from error
        finally:
            body.close()
        if left:
            raise LostBytesError(key)

    def delete(self, key: str) -> None:
        self._asked(self._client.delete_object, Key=self._prefix + key)

    def set_aside(self, key: str) -> str:
        place = place_in_quarantine(key)
        source = {"Bucket": self._bucket, "Key": self._prefix + key}
        try:
            self._client.copy(source, self._bucket, self._prefix + place, Config=_TRANSFER)
        except (BotoCoreError, ClientError) as error:
            if _code(error) in _MISSING:
                return ""
            raise StoreDownError from error
        self.delete(key)
        return place

    def is_there(self) -> bool:
        self._asked(self._client.head_bucket)
        return True  # an empty bucket is one that answers

    def list(self) -> Iterator[StoredObject]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        for page in pages:
            for found in page.get("Contents", ()):
                key = found["Key"].removeprefix(self._prefix)
                if not key.startswith(f"{QUARANTINE}/"):
                    yield StoredObject(key, found["Size"], found["LastModified"])

    def clear_staging(self, older_than: datetime) -> int:
        left = [p for p in self._staging.iterdir() if p.stat().st_mtime < older_than.timestamp()]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def local_path(self, key: str) -> Path | None:
        return None

    def url(
        self, key: str, lifetime: timedelta, span: range | None = None, filename: str | None = None
    ) -> str | None:
        asked = {"Bucket": self._bucket, "Key": self._prefix + key}
        if span is not None:
            asked["Range"] = f"bytes={span.start}-{span.stop - 1}"
        if filename is not None:
            name = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
            asked["ResponseContentDisposition"] = name
        url: str = self._client.generate_presigned_url(
            "get_object", Params=asked, ExpiresIn=int(lifetime.total_seconds())
        )
        return url

    def _open(self, key: str, span: str) -> Any:
        try:
            answer = self._asked(self._client.get_object, Key=self._prefix + key, Range=span)
        except StoreDownError as error:
            if _code(error.__cause__) in _MISSING:
                raise LostBytesError(key) from error
            raise
        return answer["Body"]

    def _asked(self, verb: Any, **fields: Any) -> Any:
        try:
            return verb(Bucket=self._bucket, **fields)
        except (BotoCoreError, ClientError) as error:
            raise StoreDownError from error


def _code(error: BaseException | None) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""
