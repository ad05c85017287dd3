"""What a job is made of: the documents of its folder, their passages, and the questions given."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etabli.engine.documents import Document, Unread, gather
from etabli.engine.documents.document import sentence
from etabli.engine.recipes.question_answering.errors import (
    BadQuestionsError,
    NoDocumentsError,
    NothingReadError,
    TooManyPassagesError,
)
from etabli.engine.recipes.question_answering.passages import passages_of
from etabli.engine.runtimes.retriever import StoredPassage
from etabli.engine.runtimes.word_index import language_of
from etabli.engine_contract.training import JobFile

MAX_PASSAGES = 200_000
MAX_GIVEN = 2_000
LANGUAGE_SAMPLE = 500
"""Passages from all over, to tell the language."""


@dataclass(frozen=True)
class GivenQuestion:
    text: str
    expected: str
    """A file, or words of the passage; empty where the documents say nothing."""

    def is_answered_by(self, passage: StoredPassage) -> bool:
        wanted = self.expected.casefold()
        is_file = passage.document.casefold() == wanted or passage.document.casefold().endswith(
            f"/{wanted}"
        )
        return is_file or " ".join(wanted.split()) in " ".join(passage.indexed.casefold().split())


@dataclass(frozen=True)
class Material:
    documents: Sequence[Document]
    unread: Sequence[Unread]
    passages: Sequence[StoredPassage]
    repeated: int
    """Passages that said again what another says, and are left out."""
    given: Sequence[GivenQuestion]
    language: str
    """Empty when unknown."""


def load(folder: Path, job: JobFile) -> Material:
    """
    Raises:
        InvalidInputError: nothing of it can be read, or the table of questions cannot.
    """
    gathered = gather(folder / job.train)
    _require_some(gathered.documents, gathered.unread)
    found = passages_of(gathered.documents)
    first: dict[str, StoredPassage] = {}
    for one in found:
        first.setdefault(" ".join(one.text.split()), one)
    kept = list(first.values())
    if len(kept) > MAX_PASSAGES:
        raise TooManyPassagesError(len(kept), MAX_PASSAGES)
    language = job.language or _language(kept)
    given = _given(folder / job.test) if job.test else []
    return Material(
        gathered.documents, gathered.unread, kept, len(found) - len(kept), given, language
    )


def _require_some(documents: Sequence[Document], unread: Sequence[Unread]) -> None:
    if documents:
        return
    if not unread:
        raise NoDocumentsError
    raise NothingReadError(len(unread), sentence(unread[0].name, unread[0].why))


def _language(passages: Sequence[StoredPassage]) -> str:
    step = max(1, len(passages) // LANGUAGE_SAMPLE)
    return language_of(" ".join(one.text for one in passages[::step]))


def _given(path: Path) -> list[GivenQuestion]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.readline()
            file.seek(0)
            mark = max(",;\t", key=sample.count)
            rows = list(csv.DictReader(file, delimiter=mark))[: MAX_GIVEN + 1]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadQuestionsError(path.name) from error
    if not rows or "question" not in rows[0] or "expected" not in rows[0] or len(rows) > MAX_GIVEN:
        raise BadQuestionsError(path.name)
    return [
        GivenQuestion(row["question"].strip()[:2_000], (row["expected"] or "").strip())
        for row in rows
        if (row["question"] or "").strip()
    ]
