"""What an answer says of a file's content: never that it is a page of this site."""

import mimetypes
import re
from collections.abc import Mapping
from urllib.parse import quote

# What a browser would run. A file of a repository is somebody's, and never a page of this site.
_ACTIVE = re.compile(r"html|xml|svg|script|css|flash|java|pdf|wasm")
# Not the system's list, which differs from one machine to the next.
_types = mimetypes.MimeTypes()
_ALSO_TEXT = (
    ".cfg",
    ".gitattributes",
    ".gitignore",
    ".ini",
    ".jinja",
    ".jsonl",
    ".md",
    ".toml",
    ".tsv",
    ".yaml",
    ".yml",
)


def content_headers(name: str, said: str | None = None, *, shown: bool) -> Mapping[str, str]:
    """
    Args:
        said: the type that its sender gave, if any; it is believed as far as a guess would be.
        shown: whether a browser may show it, if it is harmless, rather than keep it.
    """
    content_type, is_safe = _content_type(name, said)
    return {
        "Content-Type": content_type,
        "Content-Disposition": _disposition(name, shown=is_safe and shown),
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }


def _content_type(name: str, said: str | None) -> tuple[str, bool]:
    """The type to announce, and whether a browser may show the file rather than keep it."""
    guess, packing = _types.guess_type(name, strict=False)
    if name.endswith(_ALSO_TEXT):
        guess = "text/plain"
    if said is not None:
        guess = said.partition(";")[0].strip().lower()
    if guess is None or packing or _ACTIVE.search(guess):
        return "application/octet-stream", False
    if guess.startswith("text/"):
        return "text/plain; charset=utf-8", True
    return guess, True


def _disposition(name: str, *, shown: bool) -> str:
    """Source: RFC 6266. The client reads `filename` to show progress."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\' else "_" for c in name)
    kind = "inline" if shown else "attachment"
    return f"{kind}; filename*=UTF-8''{quote(name, safe='')}; filename=\"{plain}\";"
