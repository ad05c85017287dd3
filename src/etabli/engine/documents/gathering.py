"""All documents of a folder, each read by the program for what its first bytes say it is."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from etabli.engine.documents import docx, html, markdown, pdf, text
from etabli.engine.documents.document import Document, Section, Unread, UnreadError, Why

MAX_FILES = 10_000
MAX_FILE_BYTES = 200_000_000
MAX_UNPACKED_BYTES = 1_000_000_000
"""Of all archives together."""
BLOCK_BYTES = 1 << 20
ENCRYPTED = 0x1
PDF, ZIP, OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
LOCKED_OFFICE = "EncryptedPackage".encode("utf-16-le")
"""Within an OLE file: a document of Office under a password."""
PDF_WITHIN = 1024
"""Some writers put something before it."""
TEXTS = {
    ".md": markdown.read, ".markdown": markdown.read,
    ".html": html.read, ".htm": html.read, ".xhtml": html.read,
    ".txt": text.read, ".text": text.read, ".rst": text.read,
}  # fmt: skip


@dataclass(frozen=True)
class Gathered:
    documents: Sequence[Document]
    unread: Sequence[Unread]


@dataclass
class _Budget:
    left_bytes: int = MAX_UNPACKED_BYTES
    left_files: int = MAX_FILES
    unread: list[Unread] = field(default_factory=list)


def gather(folder: Path) -> Gathered:
    """Every file in the folder, in archives in it too, in the order of their names. One that
    cannot be read is said, and the others go on."""
    budget = _Budget()
    documents: list[Document] = []
    for name, content in _contents(folder, budget):
        try:
            documents.append(read(name, content))
        except UnreadError as error:
            budget.unread.append(Unread(error.name, error.why))
    return Gathered(documents, budget.unread)


def read(name: str, content: bytes) -> Document:
    """
    Raises:
        UnreadError: it is of no kind that is read, holds no text, or cannot be read.
    """
    sections = [section for section in _sections(name, content) if section.text.strip()]
    if not sections:
        raise UnreadError(name, Why.EMPTY)
    return Document(name, sections)


def _sections(name: str, content: bytes) -> list[Section]:
    if PDF in content[:PDF_WITHIN]:
        return pdf.read(content, name)
    if content.startswith(ZIP) and _is_word(content):
        return docx.read(content, name)
    if content.startswith(OLE) and LOCKED_OFFICE in content:
        raise UnreadError(name, Why.PROTECTED)
    reader = TEXTS.get(PurePosixPath(name).suffix.lower())
    if reader is None or content.startswith(ZIP) or _is_binary(content):
        raise UnreadError(name, Why.UNKNOWN if content else Why.EMPTY)
    return reader(content)


def _is_word(content: bytes) -> bool:
    return b"word/document.xml" in content


def _is_binary(content: bytes) -> bool:
    return b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff"))


def _contents(folder: Path, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if _is_hidden(name):
            continue
        budget.left_files -= 1
        if path.stat().st_size > MAX_FILE_BYTES and not _is_archive(path):
            budget.unread.append(Unread(name, Why.TOO_LARGE))
        elif _is_archive(path):
            yield from _members(path, name, budget)
        else:
            yield name, path.read_bytes()


def _is_archive(path: Path) -> bool:
    """A zip that is no document of itself."""
    with path.open("rb") as file:
        if file.read(len(ZIP)) != ZIP:
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            inside = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return path.suffix.lower() == ".zip"
    return "[Content_Types].xml" not in inside and "mimetype" not in inside


def _members(path: Path, name: str, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in sorted(archive.infolist(), key=lambda one: one.filename):
                if not member.is_dir() and not _is_hidden(member.filename):
                    yield from _member(archive, member, budget)
    except (zipfile.BadZipFile, EOFError, zlib.error, OSError, ValueError,
            NotImplementedError):  # fmt: skip
        budget.unread.append(Unread(name, Why.DAMAGED))


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget
) -> Iterator[tuple[str, bytes]]:
    """Counted while it is unpacked: what an archive says of its sizes may be a lie."""
    name = member.filename
    if member.flag_bits & ENCRYPTED:
        budget.unread.append(Unread(name, Why.PROTECTED))
        return
    budget.left_files -= 1
    pieces: list[bytes] = []
    most = min(MAX_FILE_BYTES, budget.left_bytes) if budget.left_files >= 0 else 0
    with archive.open(member) as packed:
        while block := packed.read(BLOCK_BYTES):
            most -= len(block)
            budget.left_bytes -= len(block)
            if most < 0:
                budget.unread.append(Unread(name, Why.TOO_LARGE))
                return
            pieces.append(block)
    yield name, b"".join(pieces)


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX", "~$")) for part in PurePosixPath(name).parts)
