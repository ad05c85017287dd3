"""What repositories are found by: the terms of a text, of a name, of a tag.

A term is short, in lower case and without accents, and its first letter says of what it is:
`w` a word anywhere, `n` a word of the name, `g` three letters of the name, `t` a tag,
`o` an owner, `p` public and of a type, `x` private, of a type and of an owner, `m` the first digits
of how many parameters it has, `l` a repository that its card names, `y` whether it is gated.

Words lose their endings by the English and then by the French rules, whatever their language: a
card seldom says which it is in, and who searches never does. What either of the two takes for one
word then is one, on both sides.

Source: the Snowball stemmers, https://snowballstem.org.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

import snowballstemmer

from etabli.features.repos import RepoType
from etabli.foundation.letters import without_accents

MAX_TEXT_CHARS = 200_000
"""Of a card: what comes after is not read."""
MAX_WORDS = 1000
"""Different words of one repository: those that come after are not found."""
MAX_WORD_CHARS = 40
MAX_PARTS = 60
"""Groups of three letters that a part of a name is looked for by: the rest is compared."""

_STOP_WORDS = frozenset(
    """a about all also am an and any are as at be been but by can could did do does each for from
    had has have he her here him his how i if in into is it its just may me more most my no nor not
    of off on once only or other our out over own she should so some such than that the their them
    then there these they this those to too under up us use used uses using very was we were what
    when where which while who whom why will with would you your
    ai au aux avec ce ces cet cette ci d dans de des donc du elle elles en est et eux il ils j je l
    la le les leur leurs lui m ma mais me meme mes mon n ne nos notre nous on ont ou par pas plus
    pour qu que qui quand s sa sans se ses si son sont sous sur t ta te tes toi ton tu un une vos
    votre vous y c comme etre fait faire tres""".split()  # noqa: SIM905 - easier to read
)
_WORD = re.compile(r"[^\W_]+")
_NOT_WORDS = re.compile(r"https?://[^\s)>\]]{1,2000}|<[^<>]{0,500}>")
_NAME = re.compile(r"[a-z0-9._/-]+")

_english = snowballstemmer.stemmer("english")
_french = snowballstemmer.stemmer("french")


def words_of(text: str) -> list[str]:
    """The words that carry meaning, once each and in order, in lower case without accents."""
    found = dict.fromkeys(word[:MAX_WORD_CHARS] for word in _WORD.findall(_folded(text)))
    return [word for word in found if word not in _STOP_WORDS]


def text_terms(text: str) -> list[str]:
    """The terms of the words of a card, or of whatever else is prose; a thousand at most."""
    prose = _NOT_WORDS.sub(" ", text[:MAX_TEXT_CHARS])
    return list(dict.fromkeys(word_term(word) for word in words_of(prose)))[:MAX_WORDS]


def word_term(word: str) -> str:
    """For one of `words_of`."""
    return f"w{_stem(word)}"


def name_word_term(word: str) -> str:
    return f"n{_stem(word)}"


def name_terms(full_name: str) -> list[str]:
    """Its words, as words and as words of a name, and every three letters of it."""
    words = _WORD.findall(_folded(full_name))
    terms = [term for word in words for term in (name_word_term(word), word_term(word))]
    return list(dict.fromkeys([*terms, *_threes(full_name.lower())]))


def part_terms(part: str) -> list[str]:
    """What any name has that contains this; empty where that tells nothing."""
    part = part.lower()
    return _threes(part)[:MAX_PARTS] if _NAME.fullmatch(part) else []


def few_part_terms(part: str) -> list[str]:
    """Some of them, which together have each letter of the part: quicker to look for, where the
    names that are found are compared anyway."""
    terms = part_terms(part)
    return list(dict.fromkeys([*terms[::3], *terms[-1:]]))


def nearly_terms(word: str) -> list[list[str]]:
    """What a name with nearly this word has: all terms of one of these.

    One wrong letter leaves the first half of a word whole, or the second.
    """
    if not _NAME.fullmatch(word) or len(word) < 4:
        return []
    half = max(3, (len(word) + 1) // 2)
    return [terms for terms in (_threes(word[:half]), _threes(word[half:])) if terms]


def tag_term(tag: str) -> str:
    return f"t{_digest(tag)}"


def owner_term(owner: str) -> str:
    return f"o{_digest(owner.lower())}"


def public_term(type: RepoType) -> str:
    return f"p{type.value}"


def private_term(type: RepoType, namespace: str) -> str:
    return f"x{type.value}{_digest(namespace)}"


def tags_terms(tags: Iterable[str]) -> Sequence[str]:
    return [tag_term(tag) for tag in tags]


MAX_NUMBER = 10**18 - 1


def number_terms(number: int | None) -> list[str]:
    """How many digits it has, and each beginning of them: see `number_ranges`."""
    if number is None or not 0 <= number <= MAX_NUMBER:
        return []
    digits = str(number)
    return [_number_term(len(digits), digits[:end]) for end in range(len(digits) + 1)]


def number_ranges(least: int, most: int) -> list[str]:
    """Whoever has one of these terms has a number from `least` to `most`; some hundred at most."""
    least, most = max(0, least), min(most, MAX_NUMBER)
    found: list[str] = []
    for digits in range(1, len(str(MAX_NUMBER)) + 1):
        lowest = 0 if digits == 1 else 10 ** (digits - 1)
        found += _ranges(digits, "", lowest, 10**digits - 1, least, most)
    return found


def _ranges(digits: int, start: str, lowest: int, highest: int, least: int, most: int) -> list[str]:
    """The same, among the numbers of so many digits that begin so."""
    if highest < least or most < lowest:
        return []
    if least <= lowest and highest <= most:
        return [_number_term(digits, start)]
    step = 10 ** (digits - len(start) - 1)
    found: list[str] = []
    for digit in range(0 if start or digits == 1 else 1, 10):
        low = int(f"{start}{digit}") * step
        found += _ranges(digits, f"{start}{digit}", low, low + step - 1, least, most)
    return found


def _number_term(digits: int, start: str) -> str:
    return f"m{digits}x{start}"


def link_term(type: RepoType, full_name: str) -> str:
    """For a space: what its card says that it uses."""
    return f"l{type.value}{_digest(full_name.lower())}"


def gate_term(gated: bool) -> str:
    return "ygated" if gated else "yopen"


def _folded(text: str) -> str:
    return without_accents(text.lower()).casefold()


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    stem = _french.stemWord(_english.stemWord(word))
    return stem if stem.isascii() and stem else _digest(stem)


def _threes(name: str) -> list[str]:
    return list(dict.fromkeys(f"g{name[at : at + 3]}" for at in range(len(name) - 2)))


def _digest(text: str) -> str:
    """Twelve letters that stand for a text, whatever is in it: two of a million are never one."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=7).hexdigest()
