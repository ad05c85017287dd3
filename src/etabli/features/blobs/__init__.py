"""Blobs: bytes by their SHA-256, each kept once, whole or in chunks.

Owns: stored bytes, and the rows that say where they are; the Xet format of chunks; space.
May use: the foundation. It knows no repository: who may read which bytes, `repos` knows.
Words: a *blob* is the bytes of one file; a *chunk* is some 64 KiB of them, cut where the content
says; a *xorb* is a stored run of chunks; a *plan* says how to put a blob together from xorbs; its
*file hash* is Xet's name for it; an *epoch* ends when xorbs were taken away.
"""

from etabli.features.blobs.backends import PIECE_BYTES, BlobStore, StagedFile
from etabli.features.blobs.backends.folder import FolderStore
from etabli.features.blobs.errors import (
    BlobNotFoundError,
    LostBytesError,
    WrongSha256Error,
    WrongSizeError,
)
from etabli.features.blobs.models import Blob
from etabli.features.blobs.service import Blobs, publish

__all__ = [
    "PIECE_BYTES",
    "Blob",
    "BlobNotFoundError",
    "BlobStore",
    "Blobs",
    "FolderStore",
    "LostBytesError",
    "StagedFile",
    "WrongSha256Error",
    "WrongSizeError",
    "publish",
]
