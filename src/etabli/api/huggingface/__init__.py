"""The Hugging Face Hub API, as `huggingface_hub`, `datasets` and `transformers` speak it.

Owns: that API's addresses, its JSON and its error headers.
May use: the hub and the features' nouns and errors.
Source: the clients themselves; `tests/clients` runs them against this door.
"""

from fastapi import APIRouter

from etabli.api.huggingface import (
    access,
    accounts,
    bucket_files,
    buckets,
    commits,
    compute,
    discovery,
    discussions,
    files,
    large_files,
    listing,
    people,
    refs,
    repos,
    safetensors,
    stubs,
    xet,
)
from etabli.api.huggingface.errors import present_error

router = APIRouter()
# Those of buckets first: `/buckets/alice/resolve/…` is a bucket's, never a model's.
router.include_router(bucket_files.router)
router.include_router(buckets.router)
router.include_router(buckets.last_resort)
for _room in (
    access,
    compute,
    discovery,
    people,
    accounts,
    listing,
    repos,
    commits,
    refs,
    files,
    large_files,
    discussions,
    xet,
    safetensors,
    stubs,
):
    router.include_router(_room.router)
router.include_router(repos.last_resort)

__all__ = ["present_error", "router"]
