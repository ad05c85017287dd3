"""Plain text, as it is written."""

import re

from charset_normalizer import from_bytes

from etabli.engine.documents.document import Section

BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DECLARED = re.compile(rb"<meta[^>]{1,200}?charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
SAMPLE_BYTES = 100_000
FEWEST_GUESSED_BYTES = 200
"""Under which a guess among all encodings is a lottery: the commonest one is taken."""


def read(content: bytes) -> list[Section]:
    return [Section(decode(content))]


def decode(content: bytes) -> str:
    """Its letters; line ends become one kind. Nothing refuses to be read: the last resort reads
    every byte as something."""
    return _decoded(content).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(content: bytes) -> str:
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode(_guess(content), "replace")


def _guess(content: bytes) -> str:
    declared = DECLARED.search(content[:2_000])
    if declared and _is_known(declared[1].decode()):
        return declared[1].decode()
    if len(content) < FEWEST_GUESSED_BYTES:
        return "cp1252"
    match = from_bytes(content[:SAMPLE_BYTES]).best()
    return match.encoding if match else "cp1252"


def _is_known(encoding: str) -> bool:
    try:
        return "a".encode(encoding) == b"a"
    except LookupError:
        return False
