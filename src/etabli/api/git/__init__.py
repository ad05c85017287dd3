"""Git over HTTP. Read only for now: what changes a repository comes through the other doors.

Owns: the smart protocol's addresses, the git processes that answer on them, errors as git shows
them.
May use: the hub and the features' nouns and errors.
Source: git's Documentation/gitprotocol-http and http-backend.c.
"""

from etabli.api.git.errors import present_error
from etabli.api.git.fetching import router

__all__ = ["present_error", "router"]
