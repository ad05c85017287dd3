"""The style, the fonts, the icons and the little script: files that a browser keeps for good.

Their address holds a fingerprint of them all, so a new version is a new address.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1] / "static"
FILES: Mapping[str, Path] = {
    path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*")) if path.is_file()
}


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name, path in FILES.items():
        digest.update(name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


VERSION = _fingerprint()


def static_url(name: str) -> str:
    """The address of one file.

    Raises:
        ValueError: a template asks for a file that is not there.
    """
    if name not in FILES:
        raise ValueError(f"no static file {name}")
    return f"/static/{VERSION}/{name}"
