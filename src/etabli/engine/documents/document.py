"""The nouns of reading: a document, its sections, and a file that gave none."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import Message, msg


@dataclass(frozen=True)
class Section:
    """Text that stands together: under one heading, or on one page."""

    text: str
    headings: tuple[str, ...] = ()
    """The outermost first."""
    page: int | None = None
    """From 1; None where the format has no pages."""


@dataclass(frozen=True)
class Document:
    name: str
    """As its owner knows it: the path within the folder or the archive that was brought."""
    sections: Sequence[Section]

    @property
    def characters(self) -> int:
        return sum(len(section.text) for section in self.sections)


class Why(StrEnum):
    """For which reason a file was not read."""

    UNKNOWN = "unknown_kind"
    SCANNED = "scanned"
    PROTECTED = "protected"
    DAMAGED = "damaged"
    EMPTY = "empty"
    TOO_LARGE = "too_large"


@dataclass(frozen=True)
class Unread:
    """A file that was seen and not read."""

    name: str
    why: Why


class UnreadError(InvalidInputError):
    """Raised by a reader; the other files go on."""

    def __init__(self, name: str, why: Why) -> None:
        super().__init__(sentence(name, why))
        self.name, self.why = name, why


def sentence(name: str, why: Why) -> Message:
    """What is wrong with a file, and what to do."""
    match why:
        case Why.UNKNOWN:
            return msg(
                "{file} is of a kind that is not read: bring it as .pdf, .docx, .html, .md or "
                ".txt.",
                file=name,
            )
        case Why.SCANNED:
            return msg(
                "{file} holds pictures of pages and no text: have its text recognised (OCR) and "
                "saved with it, and bring it again.",
                file=name,
            )
        case Why.PROTECTED:
            return msg(
                "{file} is protected by a password: save it without one, and bring it again.",
                file=name,
            )
        case Why.DAMAGED:
            return msg(
                "{file} cannot be read, it is damaged or was not sent whole: open it, save it "
                "again, and bring it again.",
                file=name,
            )
        case Why.EMPTY:
            return msg("{file} holds no text: bring one that does.", file=name)
        case Why.TOO_LARGE:
            return msg(
                "{file} unpacks to more than is read of one document: bring it in parts.",
                file=name,
            )
