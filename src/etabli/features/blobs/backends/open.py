"""Which store of bytes a hub has."""

from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from etabli.features.blobs.backends import BlobStore
from etabli.features.blobs.backends.folder import STAGING, FolderStore
from etabli.features.blobs.errors import BadStoreAddressError, S3MissingError


def open_store(folder: Path, s3_address: str = "", s3_endpoint_url: str = "") -> BlobStore:
    """
    Args:
        folder: where the bytes lie; with S3, only those that are being received.
        s3_address: `s3://bucket/prefix`; empty: none.
        s3_endpoint_url: where a server that is not Amazon's is.

    Raises:
        BadStoreAddressError: it is no such address.
        S3MissingError: the program that speaks with S3 is not installed.
    """
    if not s3_address:
        return FolderStore(folder)
    parts = urlsplit(s3_address)
    if parts.scheme != "s3" or not parts.netloc:
        raise BadStoreAddressError(s3_address)
    try:
        s3 = import_module("etabli.features.blobs.backends.s3")  # an extra: not on every machine
    except ModuleNotFoundError as error:
        raise S3MissingError from error
    store: BlobStore = s3.S3Store(
        parts.netloc, parts.path, s3_endpoint_url or None, folder / STAGING
    )
    return store
