"""Which texts say nearly the same: “where is my order” and “Where is my order, please?!”.

A text is the set of its letters by three, within words; a rare one weighs more than one that half
of the table holds, so that a greeting in every second row hardly counts. Two texts are nearly the
same when the common weight is at least `SIMILARITY` of the weight of both together (the weighted
Jaccard index), and whoever is near one member of a group is in the group; two large groups are one
only when their first texts resemble each other too, so that no chain of small changes swallows a
table. A text that begins or ends another (“where is my order” and a long greeting) is near it from
`WITHIN_SIMILARITY` on.

Pairs to compare are found by min-hashing, and by looking up beginnings and ends, so the work grows
with the number of texts and not with its square. The same texts in the same order give the same
groups, on every machine.

Sources: Broder 1997 (min-hash); Leskovec et al., Mining of Massive Datasets, chapter 3 (bands);
Moulton and Jiang 2018, arXiv 1809.04052 (exponential draws for weighted sets).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

SIMILARITY = 0.6
"""Chosen by reading the groups of BANKING77's training file: from 0.55 on, chains of texts that
ask different things grow to hundreds; at 0.7, a polite word parts two short texts."""
WITHIN_SIMILARITY = 0.3
"""Lower, and “I need help” would bring together all that begins so."""
MIN_WORDS_WITHIN, MAX_WORDS_WITHIN = 3, 40
LARGE_GROUP = 20
"""Texts in two groups together, beyond which their first texts must resemble each other too."""
FIRSTS_SIMILARITY = 0.4
BANDS, HASHES_A_BAND = 20, 4
"""Of two texts that are alike by 0.6, 94 in 100 meet in a band; by 0.7, 99.6."""
MAX_COMPARED_IN_A_BUCKET = 4
MAX_CHARACTERS = 2_000
"""Read of each text: the model reads no more."""
SHINGLE_LETTERS = 3
HASH_SEED = 77

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Kana and Chinese characters: written without spaces, and two of them say as much as a word."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_RUN = re.compile(rf"[{_UNSPACED}]+|[^\W{_UNSPACED}]+")
_NUMBER = re.compile(r"\d+")

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class _Sets:
    """The shingles of all texts, one after the other."""

    flat: IntArray
    starts: IntArray
    """Where each text begins in `flat`; one more at the end."""
    weights: NDArray[np.float64]
    """Of each shingle."""

    def of(self, text: int) -> IntArray:
        return self.flat[self.starts[text] : self.starts[text + 1]]


def group_near_duplicates(texts: Sequence[str]) -> list[int]:
    """For each text, the place of the first text of its group: its own when it is alone."""
    if not texts:
        return []
    sets = _sets_of(texts)
    groups = _Groups(len(texts))
    for bucket in _buckets(sets):
        _compare(bucket, sets, groups)
    for text, inner in _within(texts):
        _are_one(text, inner, sets, groups, WITHIN_SIMILARITY)
    return [groups.find(text) for text in range(len(texts))]


def shingles(text: str) -> set[str]:
    """Letters by three within each word; case, accents, marks and the value of numbers are lost."""
    found: set[str] = set()
    for run in _RUN.findall(_plain(text)):
        is_unspaced = re.match(f"[{_UNSPACED}]", run) is not None
        letters, size = (run, 2) if is_unspaced else (f" {run} ", SHINGLE_LETTERS)
        last = max(1, len(letters) - size + 1)
        found.update(letters[start : start + size] for start in range(last))
    return found or {text.strip()[:MAX_CHARACTERS]}  # only marks: they are all that there is


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text[:MAX_CHARACTERS].casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _NUMBER.sub("0", plain)


def _sets_of(texts: Sequence[str]) -> _Sets:
    numbers: dict[str, int] = {}
    flat: list[int] = []
    starts = [0]
    for text in texts:
        # Sorted: the order of a set of strings changes from one process to the next.
        flat += sorted(numbers.setdefault(one, len(numbers)) for one in sorted(shingles(text)))
        starts.append(len(flat))
    all_shingles = np.array(flat, np.int64)
    holders = np.bincount(all_shingles, minlength=len(numbers))
    return _Sets(all_shingles, np.array(starts, np.int64), np.log1p(len(texts) / holders) ** 2)


def _buckets(sets: _Sets) -> Iterator[list[int]]:
    """Texts that agree in all the hashes of one band, those of each bucket in their order."""
    draws = np.random.default_rng(HASH_SEED)
    for _band in range(BANDS):
        hashes = [_least(sets, draws) for _ in range(HASHES_A_BAND)]
        order = np.lexsort(hashes)  # stable: equal ones stay in the order of the table
        agreed = np.stack(hashes)[:, order]
        begins = np.flatnonzero((agreed[:, 1:] != agreed[:, :-1]).any(axis=0)) + 1
        for bucket in np.split(order, begins):
            if len(bucket) > 1:
                yield bucket.tolist()


def _least(sets: _Sets, draws: np.random.Generator) -> NDArray[np.float64]:
    """For each text the least draw among its shingles; two texts share it as they share weight."""
    values = draws.standard_exponential(len(sets.weights)) / sets.weights
    return np.minimum.reduceat(values[sets.flat], sets.starts[:-1])


class _Groups:
    """Sets that are merged; each is called after its first member."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))
        self._sizes = [1] * size

    def find(self, member: int) -> int:
        parents = self._parents
        while parents[member] != member:
            parents[member] = parents[parents[member]]
            member = parents[member]
        return member

    def size(self, first: int) -> int:
        """How many there are in the group called `first`."""
        return self._sizes[first]

    def merge(self, one: int, other: int) -> None:
        """Of two groups, given by their first members, make one."""
        first, second = sorted((one, other))
        self._parents[second] = first
        self._sizes[first] += self._sizes[second]


def _within(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Each text with the first one that is its beginning or its end."""
    all_words = [_WORD.findall(_plain(text)) for text in texts]
    whole: dict[str, int] = {}
    for place, words in enumerate(all_words):
        if MIN_WORDS_WITHIN <= len(words) <= MAX_WORDS_WITHIN:
            whole.setdefault(" ".join(words), place)
    for place, words in enumerate(all_words):
        for count in range(MIN_WORDS_WITHIN, min(len(words), MAX_WORDS_WITHIN + 1)):
            for part in (words[:count], words[-count:]):
                inner = whole.get(" ".join(part))
                if inner is not None:
                    yield place, inner


def _compare(bucket: Sequence[int], sets: _Sets, groups: _Groups) -> None:
    """Each with the first members that were unlike: what a bucket holds is nearly always alike."""
    unlike: list[int] = []
    for text in bucket:
        is_alike = any(_are_one(text, other, sets, groups) for other in unlike)
        if not is_alike and len(unlike) < MAX_COMPARED_IN_A_BUCKET:
            unlike.append(text)


def _are_one(
    text: int, other: int, sets: _Sets, groups: _Groups, similarity: float = SIMILARITY
) -> bool:
    """Whether both are in one group, or are near enough to be: then they are from now on."""
    mine, theirs = groups.find(text), groups.find(other)
    if mine == theirs:
        return True
    if _similarity(sets, text, other) < similarity:
        return False
    is_large = groups.size(mine) + groups.size(theirs) > LARGE_GROUP
    if is_large and _similarity(sets, mine, theirs) < FIRSTS_SIMILARITY:
        return False
    groups.merge(mine, theirs)
    return True


def _similarity(sets: _Sets, one: int, other: int) -> float:
    first, second = sets.of(one), sets.of(other)
    common = np.intersect1d(first, second, assume_unique=True)
    weights = sets.weights
    shared = float(weights[common].sum())
    return shared / float(weights[first].sum() + weights[second].sum() - shared)


def members_of(groups: Sequence[int]) -> Mapping[int, list[int]]:
    """The places of the texts of each group of two or more, the largest groups first."""
    by_group = sorted(range(len(groups)), key=lambda text: (groups[text], text))
    listed = {
        group: list(members) for group, members in groupby(by_group, key=lambda text: groups[text])
    }
    several = [(group, members) for group, members in listed.items() if len(members) > 1]
    return dict(sorted(several, key=lambda pair: -len(pair[1])))
