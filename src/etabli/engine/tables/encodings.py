"""How a table's letters are written, when it is not UTF-8: found by evidence, never assumed.

Every byte means something in `cp1252`, so nothing but the text itself can say that a table was
written in another encoding. Two judges look at the lines that hold more than ASCII: first
charset-normalizer (MIT), which throws out what reads as noise; then, since it cannot tell cp1250
from cp1252 in short texts, the letters that each language really uses. When one reading stands
clearly above all others it is certain; if not, the likeliest is taken, and the person is asked.

Measured on ten sentences each of Russian, Ukrainian, Polish, Czech, Chinese, Japanese, Korean,
French, German, Spanish, Turkish and Greek in their usual encodings: see the tests.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from etabli.engine.tables.errors import UnknownEncodingError

ENCODINGS: Mapping[str, str] = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "iso8859_2": "ISO-8859-2",
    "iso8859_5": "ISO-8859-5",
    "iso8859_15": "ISO-8859-15",
    "koi8_r": "KOI8-R",
    "koi8_u": "KOI8-U",
    "cp866": "IBM 866",
    "cp850": "IBM 850",
    "mac_roman": "Mac Roman",
    "mac_cyrillic": "Mac Cyrillic",
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "cp949": "EUC-KR",
}
"""What can be read, by Python's name, with the name that people know. Nothing else is accepted."""

NEVER_GUESSED = ("utf-8-sig", "utf-16", "mac_cyrillic")
CANDIDATES = tuple(name for name in ENCODINGS if name not in NEVER_GUESSED)
ALIASES = {"utf8": "utf-8-sig", "gbk": "gb18030", "gb2312": "gb18030", "sjis": "cp932",
           "shiftjis": "cp932", "latin1": "cp1252", "iso88591": "cp1252", "latin2": "iso8859_2",
           "euckr": "cp949", "macintosh": "mac_roman", "dos": "cp850"}  # fmt: skip
SAMPLE_BYTES = 32_000
"""Of lines that hold more than ASCII: enough for two judges, and read in a tenth of a second."""
BLOCK_BYTES = 1024 * 1024
CERTAIN_SHARE = 0.95
"""Of the letters beyond ASCII, those that the best language has; less is no certainty."""
CERTAIN_LEAD = 0.05
"""By which the second best reading must be worse."""

LATIN = frozenset({"cp1252", "cp1250", "cp1254", "iso8859_2", "iso8859_15", "cp850", "mac_roman"})
RUBBISH_SHARE = 0.5
"""Under which the best reading is rubbish, and nothing is better than a model of it."""
MIN_CERTAIN_CHARACTERS = 3
"""Beyond ASCII: one letter alone may be anything."""
MARKS = frozenset("’‘“”„«»–—…€£°§¿¡·ºª²³½µ×±№\u00a0\u202f")
"""Marks that any language may hold, where a mark can stand."""
WITHIN_WORDS = frozenset("’·")
LAST_LATIN = 0x24F


@dataclass(frozen=True)
class Detection:
    encoding: str
    is_certain: bool
    others: tuple[str, ...] = ()
    """Other encodings that it may be, the likeliest first."""


NO_DOUBT = Detection("utf-8-sig", is_certain=True)
"""Of a file whose format says how its letters are written."""


def known_encoding(name: str) -> str:
    """The encoding that a person means by `name`: `Windows-1251`, `cp1251` and `CP1251` are one.

    Raises:
        UnknownEncodingError: it is none of those that can be read.
    """
    wanted = _plain(name)
    for encoding, title in ENCODINGS.items():
        if wanted in (_plain(encoding), _plain(title)):
            return encoding
    if wanted in ALIASES:
        return ALIASES[wanted]
    raise UnknownEncodingError(name, ", ".join(ENCODINGS.values()))


def title_of(encoding: str) -> str:
    """The name that people know."""
    return ENCODINGS.get(encoding, encoding.upper())


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def detect(path: Path, is_readable: Callable[[str], bool]) -> Detection | None:
    """The encoding of a file that is not UTF-8; None when it can be nothing that we read.

    `is_readable`: whether the whole file can be decoded so; the sample is only a part of it.
    """
    sample = b"\n".join(telling_lines(path))
    scored = [(share, name) for share, name in _readings(sample) if is_readable(name)]
    if not scored:
        return None
    best_share, best = scored[0]
    read = sample.decode(best, "replace")
    # Two encodings under which the sample reads the same are no doubt.
    others = [(share, name) for share, name in scored if sample.decode(name, "replace") != read]
    lead = best_share - others[0][0] if others else 1.0
    is_enough = sum(not letter.isascii() for letter in read) >= MIN_CERTAIN_CHARACTERS
    if is_enough and best_share < RUBBISH_SHARE:
        return None
    is_certain = is_enough and best_share >= CERTAIN_SHARE and lead >= CERTAIN_LEAD
    return Detection(best, is_certain, tuple(name for _share, name in others))


def telling_lines(path: Path) -> Iterator[bytes]:
    """Lines with more than ASCII, from the beginning of the file, SAMPLE_BYTES at most."""
    left = SAMPLE_BYTES
    with path.open("rb") as file:
        while left > 0 and (line := file.readline(BLOCK_BYTES)):
            if not line.isascii():
                kept = line.strip(b"\r\n")[:left]
                left -= len(kept)
                yield kept


def _readings(sample: bytes) -> Sequence[tuple[float, str]]:
    """Each encoding with the share of letters that make sense under it, the best first."""
    named = {one for match in from_bytes(sample, cp_isolation=list(CANDIDATES))
             for one in (match.encoding, *match.could_be_from_charset)}  # fmt: skip
    scored = [
        (_share(sample.decode(name, "replace"), is_latin=name in LATIN), -place, name)
        for place, name in enumerate(CANDIDATES)
        if name in named or not named
    ]
    return [(share, name) for share, _place, name in sorted(scored, reverse=True)]


def _share(text: str, *, is_latin: bool) -> float:
    """Of what is beyond ASCII, the share that makes sense in the language that it fits best."""
    padded = f" {text} "
    beyond = [place for place in range(1, len(padded) - 1) if not padded[place].isascii()]
    marks = sum(_is_mark(padded, place) for place in beyond)
    letters = [
        padded[place].lower()
        for place in beyond
        if not _is_mark(padded, place) and not _is_noise(padded, place)
    ]
    best = max(language.fitting(letters) for language in LANGUAGES)
    if not is_latin and sum(ord(letter) > LAST_LATIN for letter in letters) < len(letters) / 2:
        best *= UNLIKELY  # Arabic's encoding holds French letters too: nobody writes French in it
    return (best + marks) / max(1, len(beyond))


def _is_mark(text: str, place: int) -> bool:
    if text[place] not in MARKS:
        return False
    is_within = text[place - 1].isalpha() and text[place + 1].isalpha()
    return text[place] in WITHIN_WORDS or not is_within


def _is_noise(text: str, place: int) -> bool:
    """A capital within a word, or a letter of another alphabet right after one of ours."""
    before, letter = text[place - 1], text[place]
    if letter.isupper() and before.islower():
        return True
    return before.isascii() and before.isalpha() and ord(letter) > LAST_LATIN


@dataclass(frozen=True)
class Language:
    """What its letters beyond ASCII are, and which of them no real text does without."""

    letters: str = ""
    frequent: str = ""
    frequent_share: float = 0.0
    """The least share of `frequent` in a text; random letters have less."""
    standard: tuple[str, int, int] | None = None
    """Or: the part of an encoding that holds the characters in daily use, by their first byte."""

    def fitting(self, letters: Sequence[str]) -> float:
        """How many of `letters` are its own; fewer when those that are frequent are missing."""
        own = sum(self._has(letter) for letter in letters)
        often = sum(letter in self.frequent for letter in letters)
        is_likely = often >= self.frequent_share * len(letters)
        return own if is_likely else own * UNLIKELY

    def _has(self, letter: str) -> bool:
        if letter in self.letters:
            return True
        if self.standard is None:
            return False
        encoding, first, last = self.standard
        code = letter.encode(encoding, "ignore")
        return len(code) == 2 and first <= code[0] <= last


UNLIKELY = 0.7
_WIDE = "，。、！？：；（）「」『』“”‘’《》〈〉・ー～￥…—"
_KANA = "".join(map(chr, range(0x3041, 0x30FF)))
LANGUAGES: Sequence[Language] = (
    Language("àâæçéèêëîïôœùûüÿ"),  # French
    Language("äöüß"),  # German
    Language("áéíñóúü"),  # Spanish
    Language("áâãàçéêíóôõú"),  # Portuguese
    Language("àèéìíîòóùú"),  # Italian
    Language("åäöæøé"),  # Nordic languages
    Language("ąćęłńóśźż"),  # Polish
    Language("áäčďéěíĺľňóôŕřšťúůýž"),  # Czech, Slovak
    Language("áéíóöőúüű"),  # Hungarian
    Language("čćđšž"),  # Slovene, Croatian
    Language("ăâîșțşţ"),  # Romanian
    Language("âçğıîöşü\u0307"),  # Turkish; the dot is what is left of its capital I
    Language("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "оеаинтсрвл", 0.45),  # Russian
    Language("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "оаниіетврс", 0.45),  # Ukrainian
    Language("абвгдђежзијклљмнњопрстћуфхцчџш", "аоиенрстју", 0.45),  # Serbian
    Language("αβγδεζηθικλμνξοπρστυφχψωάέήίόύώϊϋΐΰς", "αοιετσνηυςόί", 0.45),  # Greek
    Language("אבגדהוזחטיךכלםמןנסעףפץצקרשת", "יוהלאתמרבשן", 0.45),  # Hebrew
    Language("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهويىًٌٍَُِّْ،؟؛", "اليمنوترهبة", 0.45),  # Arabic
    Language(
        _WIDE,
        "的一是不了在有我他这个们来到时大地为子中你说上下会要没到怎么请问什",
        0.08,
        ("gb2312", 0xB0, 0xD7),  # the 3,755 of its first level
    ),
    Language(
        _WIDE,
        "的一是不了在有我他這個們來到時大地為子中你說上下會要沒到怎麼請問什",
        0.08,
        ("big5", 0xA4, 0xC6),
    ),
    Language(_WIDE + _KANA, _KANA, 0.2, ("shift_jis", 0x88, 0x97)),
    Language(
        _WIDE,
        "이다는을를가에고의하지은도로한기나어요아서안",
        0.15,
        ("euc_kr", 0xB0, 0xC8),  # all 2,350 of its syllables
    ),
)
