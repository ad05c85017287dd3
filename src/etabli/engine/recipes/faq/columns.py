"""Which columns of a table ask, and which one answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from etabli.engine.recipes.faq.errors import NoAnswerColumnError
from etabli.engine.tables.columns import Choice
from etabli.engine.tables.errors import ColumnMissingError
from etabli.engine.tables.job import Job
from etabli.engine.tables.reading import Table
from etabli.foundation.i18n.messages import Message, msg
from etabli.foundation.letters import without_accents


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


QUESTION_NAMES = _words("question questions faq q frage fragen pregunta preguntas domanda domande "
                        "vraag vragen pergunta perguntas")  # fmt: skip
PHRASING_NAMES = QUESTION_NAMES | _words(
    "phrasing phrasings variant variants variante variantes variation variations reformulation "
    "reformulations formulation formulations alternative alternatives synonym synonyms"
)
ANSWER_NAMES = _words("answer answers reponse reponses reply replies response responses antwort "
                      "antworten respuesta respuestas risposta risposte antwoord antwoorden "
                      "resposta respostas solution a")  # fmt: skip
"""Without accents: by the first word of a column's name, in lower case."""
MAX_WORDS_OF_A_NAME = 4
FEWEST_WORDS, FEWEST_CHARACTERS = 4, 20
"""On average: who answers writes a sentence, and a label is a name."""
LONG_CHARACTERS = 60
"""From here on a column that nothing names may be one of answers."""
ASKING_SHARE = 0.5
_NAME = re.compile(r"[^\W\d_]+")
BY_NAME, BY_SHAPE = 0.95, 0.8
"""How sure of a table whose columns are called so, and of one that only looks so."""


@dataclass(frozen=True)
class Columns:
    question: Choice
    answer: Choice
    others: Sequence[int]
    """Further columns with phrasings of the question."""
    confidence: float


@dataclass(frozen=True)
class _Profile:
    position: int
    name: str
    characters: float
    words: float
    asking: float
    """Share of its values that end with a question mark."""
    distinct: int

    @property
    def answers(self) -> bool:
        is_written = self.words >= FEWEST_WORDS and self.characters >= FEWEST_CHARACTERS
        return is_written and self.distinct > 1 and self.asking < ASKING_SHARE


def recognise(job: Job, table: Table) -> Columns | None:
    """None where it is not surely a table of questions and answers."""
    profiles = _profiles(table)
    answering = [one for one in profiles if one.answers]
    answer = _chosen(answering, _answers(job)) or _named(answering, ANSWER_NAMES)
    question = _chosen(profiles, job.text_column) or _named(profiles, QUESTION_NAMES)
    is_named = answer is not None and question is not None
    if answer is None and _answers(job) is None:
        long = [one for one in answering if one.characters >= LONG_CHARACTERS and one != question]
        answer = max(long, key=lambda one: one.characters, default=None)
    if question is None:
        asking = [one for one in profiles if one.asking >= ASKING_SHARE and one != answer]
        question = max(asking, key=lambda one: one.asking, default=None)
    if answer is None or question is None or answer == question:
        return None
    return _columns(table, question, answer, BY_NAME if is_named else BY_SHAPE, job)


def _answers(job: Job) -> str | None:
    """The column that the person chose for them: the first, of several."""
    return next(iter(job.label_columns), None)


def choose(job: Job, table: Table) -> Columns:
    """As `recognise`; of any other table, the likeliest, for who says that it is one.

    Raises:
        ColumnMissingError, NoAnswerColumnError: there are no such columns.
    """
    for name in (job.text_column, _answers(job)):
        if name and name not in table.columns:
            raise ColumnMissingError(table.name, name, ", ".join(table.columns))
    found = recognise(job, table)
    if found is not None:
        return found
    profiles = _profiles(table)
    answer = (
        _chosen(profiles, _answers(job))
        or _named(profiles, ANSWER_NAMES)
        or max((one for one in profiles if one.name != job.text_column),
               key=lambda one: one.characters, default=None)
    )  # fmt: skip
    left = [one for one in profiles if one != answer]
    question = (
        _chosen(left, job.text_column)
        or _named(left, QUESTION_NAMES)
        or max(left, key=lambda one: (one.asking, one.characters), default=None)
    )
    if answer is None or question is None:
        raise NoAnswerColumnError(table.name, ", ".join(table.columns))
    return _columns(table, question, answer, ASKING_SHARE, job)


def _columns(
    table: Table, question: _Profile, answer: _Profile, confidence: float, job: Job
) -> Columns:
    taken = (question.position, answer.position)
    others = [
        at
        for at, name in enumerate(table.columns)
        if at not in taken and is_named(name, PHRASING_NAMES)
    ]
    by_name = msg("Its name says so.")
    asks = by_name if is_named(question.name, QUESTION_NAMES) else msg("Its values ask.")
    says = (
        by_name if is_named(answer.name, ANSWER_NAMES) else msg("It holds the longest sentences.")
    )
    return Columns(
        _choice(question, asks, confidence, job.text_column),
        _choice(answer, says, confidence, _answers(job)),
        others,
        confidence,
    )


def _choice(one: _Profile, reason: Message, confidence: float, chosen: str | None) -> Choice:
    if chosen == one.name:
        return Choice(one.name, one.position, msg("You chose this column."), 1.0)
    return Choice(one.name, one.position, reason, confidence)


def _profiles(table: Table) -> list[_Profile]:
    return [_profile(table, at) for at in range(len(table.columns))]


def _profile(table: Table, at: int) -> _Profile:
    values = [row[at].strip() for row in table.sample if row[at].strip()] or [""]
    return _Profile(
        position=at,
        name=table.columns[at],
        characters=mean(len(value) for value in values),
        words=mean(len(value.split()) for value in values),
        asking=sum(value.endswith(("?", "\uff1f")) for value in values) / len(values),
        distinct=len(set(values)),
    )


def _chosen(profiles: Sequence[_Profile], name: str | None) -> _Profile | None:
    return next((one for one in profiles if name and one.name == name), None)


def _named(profiles: Sequence[_Profile], names: frozenset[str]) -> _Profile | None:
    return next((one for one in profiles if is_named(one.name, names)), None)


def is_named(name: str, names: frozenset[str]) -> bool:
    words = _NAME.findall(without_accents(name.lower()))
    return bool(words) and len(words) <= MAX_WORDS_OF_A_NAME and words[0] in names
