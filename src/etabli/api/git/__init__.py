"""Git and Git LFS over HTTP.

Owns: the smart protocol's addresses, the git processes that answer on them, the addresses of LFS,
errors as git and git-lfs show them.
May use: the hub and the features' nouns and errors.
Source: git's Documentation/gitprotocol-http and http-backend.c; git-lfs, docs/api.
"""

from fastapi import APIRouter

from etabli.api.git import fetching, lfs, lfs_bytes, pushing
from etabli.api.git.errors import present_error

router = APIRouter()
for _room in (fetching, pushing, lfs, lfs_bytes):
    router.include_router(_room.router)

__all__ = ["present_error", "router"]
