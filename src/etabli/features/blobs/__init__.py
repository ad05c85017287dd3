"""Blobs: bytes by their SHA-256, each kept once, whole or in chunks.

Owns: stored bytes, and the rows that say where they are and who holds them; the Xet format of
chunks; space.
May use: the foundation. It knows no repository: a *holder* has a kind and a key, and what it holds
may be read through it and counts in somebody's quota.
Words: a *blob* is the bytes of one file; a *chunk* is some 64 KiB of them, cut where the content
says; a *xorb* is a stored run of chunks; a *plan* says how to put a blob together from xorbs; its
*file hash* is Xet's name for it; an *epoch* ends when xorbs were taken away.
"""

from etabli.features.blobs.backends import PIECE_BYTES, BlobStore, StagedFile
from etabli.features.blobs.backends.folder import STAGING, FolderStore
from etabli.features.blobs.backends.open import open_store
from etabli.features.blobs.errors import (
    BadShardError,
    BadXorbError,
    BlobNotFoundError,
    LostBytesError,
    MirrorsFullError,
    PartsJoiningError,
    QuotaReachedError,
    TooLargeError,
    WrongSha256Error,
    WrongSizeError,
)
from etabli.features.blobs.file_extents import Extent
from etabli.features.blobs.gc import GRACE, Swept, stored_before
from etabli.features.blobs.holdings import (
    SHA256S_OF_A_HOLDER,
    Holder,
    HolderKind,
    Holding,
    Holdings,
    held_bytes_of,
)
from etabli.features.blobs.integrity import Damage, Fault, Kind, StoredBytes, damage_of
from etabli.features.blobs.models import Blob
from etabli.features.blobs.multipart import Part, PartStore
from etabli.features.blobs.quota import MIRRORED, Quota
from etabli.features.blobs.service import Blobs, publish
from etabli.features.blobs.usage import Space
from etabli.features.blobs.xet.hashing import is_hash
from etabli.features.blobs.xet.hashing import to_hex as hash_name
from etabli.features.blobs.xet.rechunk import MIN_BYTES as MIN_CUT_BYTES
from etabli.features.blobs.xet.rechunk import WholeFile, can_cut, cut
from etabli.features.blobs.xet.reconstruction import (
    IndexedXorb,
    Reconstruction,
    XorbLoader,
    XorbRange,
)
from etabli.features.blobs.xet.service import Chunked, measure_staged, verify_xorb
from etabli.features.blobs.xet.shards import ClaimedFile
from etabli.features.blobs.xet.unpacked import UnpackedChunks
from etabli.features.blobs.xet.verification import (
    CheckedFile,
    Steps,
    VerifiedFile,
    as_verified,
    check_file,
    price_of_checking,
    read_shard,
    verify_sha256,
)
from etabli.features.blobs.xet.xorbs import MAX_RAW_BYTES as MAX_XORB_RAW_BYTES

__all__ = [
    "GRACE",
    "MAX_XORB_RAW_BYTES",
    "MIN_CUT_BYTES",
    "MIRRORED",
    "PIECE_BYTES",
    "SHA256S_OF_A_HOLDER",
    "STAGING",
    "BadShardError",
    "BadXorbError",
    "Blob",
    "BlobNotFoundError",
    "BlobStore",
    "Blobs",
    "CheckedFile",
    "Chunked",
    "ClaimedFile",
    "Damage",
    "Extent",
    "Fault",
    "FolderStore",
    "Holder",
    "HolderKind",
    "Holding",
    "Holdings",
    "IndexedXorb",
    "Kind",
    "LostBytesError",
    "MirrorsFullError",
    "Part",
    "PartStore",
    "PartsJoiningError",
    "Quota",
    "QuotaReachedError",
    "Reconstruction",
    "Space",
    "StagedFile",
    "Steps",
    "StoredBytes",
    "Swept",
    "TooLargeError",
    "UnpackedChunks",
    "VerifiedFile",
    "WholeFile",
    "WrongSha256Error",
    "WrongSizeError",
    "XorbLoader",
    "XorbRange",
    "as_verified",
    "can_cut",
    "check_file",
    "cut",
    "damage_of",
    "hash_name",
    "held_bytes_of",
    "is_hash",
    "measure_staged",
    "open_store",
    "price_of_checking",
    "publish",
    "read_shard",
    "stored_before",
    "verify_sha256",
    "verify_xorb",
]
