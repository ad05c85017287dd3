"""From a file that people read to its text: PDF, Word, HTML, Markdown, plain text.

Owns: which program reads a file, what of it is text, and why one is not read.
May use: the foundation, pypdf and charset-normalizer. Nothing in a file is ever run.
"""

from etabli.engine.documents.document import Document, Section, Unread
from etabli.engine.documents.gathering import Gathered, gather

__all__ = ["Document", "Gathered", "Section", "Unread", "gather"]
