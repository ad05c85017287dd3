"""An index of words: which passages hold a word, and how much it says of each (BM25).

What BM25 gives a word in a passage depends on no question, so it is computed once, and a question
is a sum. Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009; that sums are
prepared, as in BM25S (Lù, 2024).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from etabli.foundation.letters import without_accents

K1, B = 1.2, 0.75
"""How soon a word that comes again counts no more, and how much a long passage is held back."""
MAX_WORD_CHARACTERS = 40
MAX_QUESTION_WORDS = 64
STEMMERS = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "it": "italian",
            "nl": "dutch", "pt": "portuguese"}  # fmt: skip
_ENGLISH = frozenset(
    """about all also am an and any are as at be been but by can could did do does each for from
    had has have he her here him his how i if in into is it its just may me more most my no nor not
    of off once only or other our out over own say says she should so some such tell than that the
    their them then there these they this those to too under up very was we were what when where
    which while who whom whose why will with would you your""".split()  # noqa: SIM905 - easier to read
)
_FRENCH = frozenset(
    """au aux avec ce ces cet cette ci comment combien d dans de des doit dois donc du elle elles en
    est et etre eux faire fait faut il ils j je l la le les leur leurs lui m ma mais meme mes moi
    mon n ne nos notre nous ou par pas peut peux plus pour pourquoi qu quand que quel quelle
    quelles quels qui quoi s sa sans se ses si son sont sous sur ta te tes toi ton tres tu un une
    vos votre vous c""".split()  # noqa: SIM905
)
SILENT_WORDS = _ENGLISH | _FRENCH | {"a", "us", "on", "t", "y"}
LEAST_SILENT_SHARE = 0.1
"""Of the words of a text in a language that is known."""
_WORD = re.compile(r"[^\W_]+")
_CUT = re.compile(r"(?<=\w)[-\u00ad\u2010]\n(?=\w)")
"""A word that the end of a line divides."""

FloatArray = NDArray[np.float32]


class Analyzer:
    """From a text to its terms: in lower case, without accents and, where the language is known,
    without their endings. Words that only hold a sentence together are left out."""

    def __init__(self, language: str) -> None:
        self.language = language
        name = STEMMERS.get(language)
        self._stemmer = snowballstemmer.stemmer(name) if name else None
        self._stem = lru_cache(maxsize=200_000)(self._stem_once)

    def terms(self, text: str) -> list[str]:
        words = (word[:MAX_WORD_CHARACTERS] for word in words_of(text))
        return [term for word in words if (term := self._stem(word))]

    def _stem_once(self, word: str) -> str:
        """Empty for a word that says nothing."""
        if without_accents(word) in SILENT_WORDS:
            return ""
        # With its accents: the rules of a language know its letters.
        return (
            without_accents(self._stemmer.stemWord(word))
            if self._stemmer
            else without_accents(word)
        )


def words_of(text: str) -> list[str]:
    """In lower case, as they are written."""
    return _WORD.findall(_CUT.sub("", text.lower()))


def language_of(text: str) -> str:
    """`en` or `fr` by the smallest words of each; empty for any other."""
    words = [without_accents(word) for word in words_of(text)]
    counts = {"en": sum(word in _ENGLISH for word in words),
              "fr": sum(word in _FRENCH for word in words)}  # fmt: skip
    best = max(counts, key=lambda one: counts[one])
    return best if counts[best] > LEAST_SILENT_SHARE * len(words) else ""


@dataclass(frozen=True)
class Matched:
    """How well passages fit a question."""

    scores: FloatArray
    """Of each passage; 0 where it has none of the words."""
    whole: float
    """What a passage would score that has every word once: unknown words weigh as the rarest."""


@dataclass(frozen=True)
class WordIndex:
    rows: Mapping[str, int]
    """Of each term, its place in `starts`."""
    starts: NDArray[np.int64]
    """Shape (terms + 1,): where a term's postings begin, and the last one's end."""
    passages: NDArray[np.int32]
    """Shape (postings,): which passage."""
    impacts: NDArray[np.float16]
    """Shape (postings,): what BM25 gives the term there."""
    idf: FloatArray
    """Shape (terms,)."""
    count: int
    """Of passages."""
    mean_length: float
    """Of passages, in terms."""

    def match(self, terms: Sequence[str], most: int = MAX_QUESTION_WORDS) -> Matched:
        """By the first `most` terms: what a question may cost is bounded."""
        scores = np.zeros(self.count, np.float32)
        whole = 0.0
        for term in dict.fromkeys(terms[:most]):
            row = self.rows.get(term)
            whole += self.weight(term)
            if row is not None:
                held = slice(self.starts[row], self.starts[row + 1])
                # A passage is named once under a term: a plain sum is right, and quick.
                scores[self.passages[held]] += self.impacts[held]
        return Matched(scores, whole)

    def score_of(self, terms: Sequence[str], passage: Sequence[str]) -> float:
        """What `match` would give a passage of these terms."""
        held = Counter(passage)
        return sum(
            impact(self.weight(term), held[term], len(passage), self.mean_length)
            for term in dict.fromkeys(terms[:MAX_QUESTION_WORDS])
            if term in held
        )

    def weight(self, term: str) -> float:
        row = self.rows.get(term)
        return float(self.idf[row]) if row is not None else idf_of(0, self.count)

    @property
    def size_bytes(self) -> int:
        """An estimate of the memory held: arrays, and about 90 bytes a term."""
        arrays = (self.starts, self.passages, self.impacts, self.idf)
        return sum(array.nbytes for array in arrays) + 90 * len(self.rows)


def idf_of(holding: int, count: int) -> float:
    """How rare a word is that `holding` of `count` passages have."""
    return float(np.log1p((count - holding + 0.5) / (holding + 0.5)))


def impact(idf: float, times: float, length: float, mean_length: float) -> float:
    """What a term says of a passage that has it `times` times."""
    return idf * times * (K1 + 1) / (times + K1 * (1 - B + B * length / mean_length))


def build(passages: Sequence[Sequence[str]]) -> WordIndex:
    """Of the terms of each passage."""
    lengths = np.array([len(terms) for terms in passages], np.float32)
    mean_length = float(lengths.mean()) or 1.0
    rows: dict[str, int] = {}
    held: list[tuple[list[int], list[int]]] = []
    for at, terms in enumerate(passages):
        for term, times in Counter(terms).items():
            row = rows.setdefault(term, len(rows))
            if row == len(held):
                held.append(([], []))
            held[row][0].append(at)
            held[row][1].append(times)
    sizes = [len(places) for places, _ in held]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    where = np.concatenate([np.array(places, np.int32) for places, _ in held])
    times_all = np.concatenate([np.array(times, np.float32) for _, times in held])
    idf = np.array([idf_of(size, len(passages)) for size in sizes], np.float32)
    spread = K1 * (1 - B + B * lengths[where] / mean_length)
    impacts = np.repeat(idf, sizes) * times_all * (K1 + 1) / (times_all + spread)
    return WordIndex(
        rows, starts, where, impacts.astype(np.float16), idf, len(passages), mean_length
    )
