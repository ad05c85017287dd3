"""What a table of questions and answers holds: each answer once, with the ways to ask for it."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from etabli.engine.documents.html import read as read_html
from etabli.engine.recipes.faq.columns import Columns, choose, is_named
from etabli.engine.recipes.faq.errors import (
    NoExaminationError,
    TooFewAnswersError,
    TooManyQuestionsError,
)
from etabli.engine.runtimes.faq import MAX_CHARACTERS, Entry, same_question
from etabli.engine.runtimes.word_index import language_of
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Row
from etabli.engine.tables.personal import mask_personal
from etabli.engine.tables.reading import Table, open_table

RECIPE = "faq"
FEWEST_ANSWERS = 2
MAX_QUESTIONS = 200_000
LONGEST_ANSWER = 20_000
"""In characters."""
LONGEST_HTML = 10 * LONGEST_ANSWER
MAX_GIVEN = 2_000
LANGUAGE_SAMPLE = 500
EXPECTED_NAMES = frozenset({"expected", "attendu", "attendue"})
SEVERAL = re.compile(r"\s*(?:[\r\n]+|\|)\s*|(?<=\?)\s*[;/]\s*")
"""Between the phrasings in one cell: lines, bars, or a semicolon after a question mark."""
TAG = re.compile(r"</?(?:p|br|b|i|u|a|ul|ol|li|div|span|strong|em|h[1-6]|table|tr|td|img|hr)"
                 r"(?:\s[^<>]{0,500})?/?>", re.IGNORECASE)  # fmt: skip
LINK = re.compile(r"<a\s[^<>]{0,300}?href\s*=\s*[\"']([^\"'<>]{1,300})[\"'][^<>]{0,200}>"
                  r"(.{0,1000}?)</a>", re.IGNORECASE | re.DOTALL)  # fmt: skip


@dataclass
class Noticed:
    """Rows that are not taken as they are, and why: see `check.py`."""

    without_answer: list[Row] = field(default_factory=list)
    without_question: list[Row] = field(default_factory=list)
    too_long: list[Row] = field(default_factory=list)
    repeated: list[Row] = field(default_factory=list)
    contradicted: list[tuple[Row, str]] = field(default_factory=list)
    """With the answer that was kept."""
    with_html: list[Row] = field(default_factory=list)
    masked: list[Row] = field(default_factory=list)
    """Whose question held personal data."""


@dataclass(frozen=True)
class GivenQuestion:
    text: str
    entry: int | None
    """Which answer is expected; None where there is none."""


@dataclass(frozen=True)
class Material:
    columns: Columns
    entries: Sequence[Entry]
    """Each with an answer."""
    noticed: Noticed
    rows: int
    """Of the table."""
    language: str
    """Empty when unknown."""
    given: Sequence[GivenQuestion]
    unexpected: Sequence[Row]
    """Questions given to examine with, whose answer the table does not have."""

    @property
    def phrasings(self) -> int:
        return sum(len(one.questions) for one in self.entries)


def load(job: Job, table: Table) -> Material:
    """
    Raises:
        InvalidInputError: there are no such columns, or too little in them.
    """
    columns = choose(job, table)
    noticed = Noticed()
    read = list(table.records())
    pairs = _pairs(read, columns, job, noticed)
    entries = _entries(pairs, noticed)
    count = sum(len(one.questions) for one in entries)
    if len(entries) < FEWEST_ANSWERS:
        raise TooFewAnswersError(table.name, len(entries))
    if count > MAX_QUESTIONS:
        raise TooManyQuestionsError(table.name, count, MAX_QUESTIONS)
    given, unexpected = _given(job, entries) if job.test else ([], [])
    language = job.language or _language(entries)
    return Material(columns, entries, noticed, len(read), language, given, unexpected)


def _pairs(
    read: Sequence[tuple[int, list[str]]], columns: Columns, job: Job, noticed: Noticed
) -> Iterator[Row]:
    """A row for each phrasing: its question, and its answer as the label."""
    for line, fields in read:
        answer = fields[columns.answer.position].strip()
        asked = [fields[at] for at in (columns.question.position, *columns.others)]
        questions = [one for cell in asked for one in _phrasings(cell)]
        row = Row(line, questions[0] if questions else "", answer)
        if not questions and not answer:
            continue
        if not answer or not questions:
            (noticed.without_question if answer else noticed.without_answer).append(row)
            continue
        if len(answer) <= LONGEST_HTML and TAG.search(answer):
            noticed.with_html.append(row)
            answer = plain(answer) if job.fixes.plain_answers else answer
        if len(answer) > LONGEST_ANSWER:
            noticed.too_long.append(row)
            continue
        for question in questions:
            masked = mask_personal(question) if job.fixes.mask_personal_data else question
            if masked != question or mask_personal(question) != question:
                noticed.masked.append(Row(line, question, answer))
            yield Row(line, masked, answer)


def _phrasings(cell: str) -> list[str]:
    """What nobody could ask, for its length, is cut."""
    parts = (" ".join(part.split())[:MAX_CHARACTERS] for part in SEVERAL.split(cell))
    return [part for part in parts if part]


def plain(answer: str) -> str:
    """The words of an answer that was written as HTML, with the addresses of its links."""
    linked = LINK.sub(lambda link: _linked(link[1], link[2]), answer)
    sections = read_html(linked.encode())
    parts = [part for one in sections for part in (*one.headings[-1:], one.text)]
    return "\n\n".join(parts) or " ".join(html.unescape(TAG.sub(" ", linked)).split())


def _linked(address: str, words: str) -> str:
    shown = html.unescape(TAG.sub("", words)).strip()
    where = html.unescape(address).removeprefix("mailto:").removeprefix("tel:")
    return html.escape(shown if shown == where else f"{shown} ({where})")


def _entries(pairs: Iterator[Row], noticed: Noticed) -> list[Entry]:
    """Each question belongs to one answer: of two, to that which stands first."""
    questions: dict[str, dict[str, str]] = {}
    answers: dict[str, str] = {}
    owner: dict[str, str] = {}
    for row in pairs:
        said, asked = " ".join(row.label.split()), same_question(row.text) or row.text
        first = owner.setdefault(asked, said)
        if first != said:
            noticed.contradicted.append((row, answers[first]))
            continue
        answers.setdefault(said, row.label)
        of_answer = questions.setdefault(said, {})
        if asked in of_answer:
            noticed.repeated.append(row)
        of_answer.setdefault(asked, row.text)
    return [Entry(list(asked.values()), answers[said]) for said, asked in questions.items()]


def _language(entries: Sequence[Entry]) -> str:
    step = max(1, len(entries) // LANGUAGE_SAMPLE)
    return language_of(" ".join(one.label for one in entries[::step]))


def _given(job: Job, entries: Sequence[Entry]) -> tuple[list[GivenQuestion], list[Row]]:
    """The questions of people that were brought to examine with, by the answer of each."""
    path = Path(str(job.test))
    table = open_table(path, job.encoding, job.fixes, job.sheet, must_have_sheet=False)
    asks, says = _columns_of_test(job, table)
    known = {same_question(text): at for at, one in enumerate(entries) for text in one.questions}
    known |= {same_question(one.answer or ""): at for at, one in enumerate(entries)}
    given, unexpected = [], []
    for line, fields in table.records():
        text, expected = " ".join(fields[asks].split()), fields[says].strip()
        if not text:
            continue
        expected = plain(expected) if TAG.search(expected) else expected
        at = known.get(same_question(expected)) if expected else None
        if expected and at is None:
            unexpected.append(Row(line, text, expected))
        else:
            given.append(GivenQuestion(mask_personal(text)[:MAX_CHARACTERS], at))
    if not given:
        raise NoExaminationError(path.name)
    return given[:MAX_GIVEN], unexpected


def _columns_of_test(job: Job, table: Table) -> tuple[int, int]:
    """By “expected” or, as the table itself has them, by the columns of a FAQ."""
    expected = next((at for at, name in enumerate(table.columns)
                     if name.lower() in EXPECTED_NAMES), None)  # fmt: skip
    if expected is None:
        columns = choose(job, table)
        return columns.question.position, columns.answer.position
    others = [at for at in range(len(table.columns)) if at != expected]
    if not others:
        raise NoExaminationError(table.name)
    named = [at for at in others if is_named(table.columns[at], frozenset({"question"}))]
    return (named or others)[0], expected
