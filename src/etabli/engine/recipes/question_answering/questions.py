"""Questions made from the documents themselves, where nobody has asked any yet.

Two kinds, both easier than what people ask: a heading, while the heading is hidden; and a few words
of a sentence, of which some are swapped for others, since people do not know the document's words.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from etabli.engine.runtimes.quoting import sentences
from etabli.engine.runtimes.retriever import StoredPassage
from etabli.engine.runtimes.word_index import Analyzer, words_of

MAX_QUESTIONS = 600
FEWEST_WORDS, MOST_WORDS = 3, 6
FEWEST_KEPT = 2
SWAPPED_SHARE = 0.3
"""Of the words after those kept: people do not ask in the document's words. See
docs/decisions/0039-an-examination-without-labels.md."""
FEWEST_IN_SENTENCE = 4
FEWEST_IN_HEADING = 2
MAX_UNDER_HEADING = 20
"""A heading over more than so many passages asks for none of them."""


class Kind(StrEnum):
    HEADING = "heading"
    WORDS = "words"


@dataclass(frozen=True)
class MadeQuestion:
    text: str
    kind: Kind
    right: frozenset[int]
    """The passages that answer it."""
    instead: Mapping[int, str] = field(default_factory=dict)
    """What stands in the place of some passages while it is asked."""


def make_questions(
    passages: Sequence[StoredPassage], analyzer: Analyzer, seed: int
) -> list[MadeQuestion]:
    """In no order; the same for the same seed."""
    random = Random(seed)  # noqa: S311  reproducible on purpose
    of_headings = _of_headings(passages, analyzer)
    random.shuffle(of_headings)
    kept = of_headings[: MAX_QUESTIONS // 2]
    questions = kept + _of_words(passages, analyzer, random, MAX_QUESTIONS - len(kept))
    random.shuffle(questions)
    return questions


def _of_headings(passages: Sequence[StoredPassage], analyzer: Analyzer) -> list[MadeQuestion]:
    under: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for at, passage in enumerate(passages):
        for depth in range(1, len(passage.headings) + 1):
            under[passage.document, passage.headings[:depth]].append(at)
    return [
        _of_heading(headings, places, passages)
        for (_document, headings), places in under.items()
        if len(places) <= MAX_UNDER_HEADING
        and len(set(analyzer.terms(headings[-1]))) >= FEWEST_IN_HEADING
    ]


def _of_heading(
    headings: tuple[str, ...], places: Sequence[int], passages: Sequence[StoredPassage]
) -> MadeQuestion:
    depth = len(headings)

    def without_it(passage: StoredPassage) -> str:
        others = (*passage.headings[: depth - 1], *passage.headings[depth:])
        return "\n".join((*others, passage.text))

    instead = {at: without_it(passages[at]) for at in places}
    return MadeQuestion(headings[-1], Kind.HEADING, frozenset(places), instead)


def _of_words(
    passages: Sequence[StoredPassage], analyzer: Analyzer, random: Random, most: int
) -> list[MadeQuestion]:
    """One for each passage at first, from then on further ones, while there are sentences."""
    sources = [(at, _telling_sentences(passage.text, analyzer)) for at, passage in
               enumerate(passages)]  # fmt: skip
    sources = [(at, found) for at, found in sources if found]
    if not sources:
        return []
    random.shuffle(sources)
    if len(sources) > most:
        sources = sources[:most]
    every_word = [word for _, found in sources for words in found for word in words]
    rounds = min(max(len(found) for _, found in sources), max(1, most // len(sources)))
    return [
        MadeQuestion(_some_words(found[turn], every_word, random), Kind.WORDS, frozenset({at}))
        for turn in range(rounds)
        for at, found in sources
        if turn < len(found)
    ][:most]


def _telling_sentences(text: str, analyzer: Analyzer) -> list[list[str]]:
    """The words of each sentence that carry meaning, of those that have enough of them."""
    found = []
    for begin, end in sentences(text):
        words = [word for word in words_of(text[begin:end]) if analyzer.terms(word)]
        if len(set(words)) >= FEWEST_IN_SENTENCE:
            found.append(list(dict.fromkeys(words)))
    return found


def _some_words(words: Sequence[str], every_word: Sequence[str], random: Random) -> str:
    count = random.randint(FEWEST_WORDS, min(MOST_WORDS, len(words)))
    chosen = random.sample(list(words), count)
    kept, others = chosen[:FEWEST_KEPT], chosen[FEWEST_KEPT:]
    return " ".join(
        kept
        + [random.choice(every_word) if random.random() < SWAPPED_SHARE else one for one in others]
    )


def places_apart(passages: Sequence[StoredPassage]) -> list[int]:
    """For each passage, to which part it belongs that is left out as a whole: its document or, of
    one document alone, its outermost telling heading or its page; else itself."""
    keys = (
        [passage.document for passage in passages],
        [passage.headings[:2] for passage in passages],
        [passage.page for passage in passages],
        list(range(len(passages))),
    )
    chosen = next((one for one in keys if len(set(one)) > 1), keys[-1])
    numbers: dict[object, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in chosen]
