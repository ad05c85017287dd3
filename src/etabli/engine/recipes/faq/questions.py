"""The questions that a FAQ is tried on: phrasings of its own, or made by rule where it has none.

A made question is one of the table with some words left out, one swapped for another of the table
and, one time in four, a typing mistake. It is easier than what people ask, and is never called
theirs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from etabli.engine.recipes.faq.material import Material
from etabli.engine.runtimes.faq import Entry
from etabli.engine.runtimes.word_index import Analyzer, words_of
from etabli.engine.tables.near_duplicates import group_near_duplicates

MAX_QUESTIONS = 600
ROUNDS = 3
"""Questions made from one of the table, at most."""
FEWEST_WORDS = 2
LEFT_OUT_SHARE, SWAPPED_SHARE, MISTYPED_SHARE = 0.3, 0.2, 0.25
FEWEST_LETTERS = 5
"""Of a word in which somebody mistypes."""
MAX_GROUPED = 20_000
"""Phrasings among which near-duplicates are looked for."""


class Kind(StrEnum):
    PHRASING = "phrasing"
    MADE = "made by rule"


@dataclass(frozen=True)
class Asked:
    text: str
    kind: Kind
    entry: int
    hidden: Collection[int] = ()
    """Phrasings that are not there while it is asked: itself, and what nearly repeats it."""


def phrasings(entries: Sequence[Entry], seed: int) -> list[Asked]:
    """Of the answers that have another phrasing left while one is hidden; in no order."""
    texts = [text for one in entries for text in one.questions]
    owner = [at for at, one in enumerate(entries) for _ in one.questions]
    if len(texts) == len(entries):
        return []
    groups = _groups(texts)
    members: dict[int, set[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, set()).add(place)
    sizes = [len(one.questions) for one in entries]
    found = []
    for place, (text, at) in enumerate(zip(texts, owner, strict=True)):
        # What nearly repeats it and asks for another answer stays: that is what misleads.
        hidden = sorted(one for one in members[groups[place]] if owner[one] == at)
        if sizes[at] > len(hidden):
            found.append(Asked(text, Kind.PHRASING, at, hidden))
    Random(seed).shuffle(found)  # noqa: S311  reproducible on purpose
    return found[:MAX_QUESTIONS]


def _groups(texts: Sequence[str]) -> Sequence[int]:
    if len(texts) > MAX_GROUPED:
        return range(len(texts))
    return group_near_duplicates([text.lower() for text in texts])


def made_questions(material: Material, seed: int) -> list[Asked]:
    """In no order; the same for the same seed."""
    random = Random(seed)  # noqa: S311  reproducible on purpose
    analyzer = Analyzer(material.language)
    sources = [(text, at) for at, one in enumerate(material.entries) for text in one.questions]
    random.shuffle(sources)
    sources = sources[:MAX_QUESTIONS]
    every_word = [word for text, _ in sources for word in words_of(text) if analyzer.terms(word)]
    found: dict[str, Asked] = {}
    for _ in range(ROUNDS):
        for text, at in sources:
            made = _changed(words_of(text), every_word, analyzer, random)
            if made and len(found) < MAX_QUESTIONS:
                found.setdefault(made, Asked(made, Kind.MADE, at))
    questions = list(found.values())
    random.shuffle(questions)
    return questions


def _changed(
    words: Sequence[str], every_word: Sequence[str], analyzer: Analyzer, random: Random
) -> str:
    """Empty where too few words are left that say anything."""
    telling = [at for at, word in enumerate(words) if analyzer.terms(word)]
    if len(telling) < FEWEST_WORDS:
        return ""
    gone = random.sample(telling, min(len(telling) - FEWEST_WORDS,
                                      max(1, round(LEFT_OUT_SHARE * len(telling)))))  # fmt: skip
    kept = {at: word for at, word in enumerate(words) if at not in gone}
    left = [at for at in telling if at in kept]
    if random.random() < SWAPPED_SHARE:
        kept[random.choice(left)] = random.choice(every_word)
    if not gone or random.random() < MISTYPED_SHARE:
        at = random.choice(left)
        kept[at] = _mistyped(kept[at], random)
    return " ".join(kept.values())


def _mistyped(word: str, random: Random) -> str:
    """Without a letter, or with two that follow each other changed round."""
    if len(word) < FEWEST_LETTERS:
        return word
    at = random.randrange(1, len(word) - 1)
    if random.random() < 0.5:
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
