"""The Xet protocol, as `hf_xet` speaks it: chunks up, files registered, plans to read them back.

Owns: the addresses under `/cas/{epoch}`, their JSON and bytes; the tokens that open them.
May use: the hub, and the nouns and errors of blobs, repos and accounts.
Source: docs/xet in huggingface/hub-docs; the client, huggingface/xet-core, where they differ.
"""

from fastapi import APIRouter

from etabli.api.xet import misc, reading, sending
from etabli.api.xet.errors import present_error

router = APIRouter()
for _room in (sending, reading, misc):
    router.include_router(_room.router)

__all__ = ["present_error", "router"]
