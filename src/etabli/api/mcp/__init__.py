"""The Model Context Protocol: an assistant elsewhere looks for models here, and asks them.

Owns: that protocol's one address, its JSON and its errors. Nothing is kept between two requests.
May use: the hub and the features' nouns and errors.
Source: the specification of 2026-07-28; `tests/clients/test_mcp.py` runs the `mcp` client.
"""

from etabli.api.mcp.door import present_error, router

__all__ = ["present_error", "router"]
