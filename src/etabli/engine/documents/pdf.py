"""The text of a PDF, page by page, by pypdf: what is drawn as a picture is not read."""

import io
import logging
import struct
import zlib

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from etabli.engine.documents.document import Section, UnreadError, Why

DAMAGES = (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, OSError,
           RecursionError, ZeroDivisionError, zlib.error, struct.error,
           NotImplementedError)  # fmt: skip
"""What a reader of a format with so many writers stumbles over: the file is at fault, and the
others go on."""

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read(content: bytes, name: str) -> list[Section]:
    """
    Raises:
        UnreadError: it is damaged, protected, or holds pictures alone.
    """
    try:
        reader = PdfReader(io.BytesIO(content))
        # Many forbid copying, by a password that only their writer knows, and open with none.
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            raise UnreadError(name, Why.PROTECTED)
        pages = [page.extract_text() for page in reader.pages]
    except UnreadError:
        raise
    except DependencyError as error:  # an encryption that needs a library that we do without
        raise UnreadError(name, Why.PROTECTED) from error
    except DAMAGES as error:
        raise UnreadError(name, Why.DAMAGED) from error
    sections = [
        Section(_clean(text), page=number)
        for number, text in enumerate(pages, start=1)
        if text.strip()
    ]
    if pages and not sections:
        raise UnreadError(name, Why.SCANNED)
    return sections


def _clean(text: str) -> str:
    """Without the signs that no font could name."""
    return text.replace("\x00", "")
