"""Lines of a commit, as huggingface_hub writes them."""

import base64
from typing import Any


def file_line(path: str, content: bytes) -> dict[str, Any]:
    encoded = base64.b64encode(content).decode()
    return {"key": "file", "value": {"path": path, "content": encoded, "encoding": "base64"}}
