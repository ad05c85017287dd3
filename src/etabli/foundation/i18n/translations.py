"""The hub's sentences in other languages: English in the code, catalogues beside it.

A catalogue is a gettext file, `locales/<language>/LC_MESSAGES/etabli.po`, read as it is at first
use: nothing compiled is kept. English needs none, since it is what the code says.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from etabli.foundation.i18n.messages import Translator

LOCALES = Path(__file__).parents[2] / "locales"
LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français"}
"""The languages the pages speak, each by its own name; the first is the code's own."""

_LOCALES = {"en": "en_GB"}

NO_BREAK = "\u00a0"
NARROW_NO_BREAK = "\u202f"

_UNITS = "kWh|Wh|mWh|W|ms|s|min|h|Go|Mo|ko|o|GB|MB|kB|B|mg|kg|g|€|%"
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}\b)")
_BEFORE_UNIT = re.compile(
    rf"(?<=[\d}}]) (?=(?:{_UNITS})(?![\w]))|(?<=\)s) (?=(?:{_UNITS})(?![\w]))"
)
_FRENCH_MARKS = re.compile(r"(?<=\S) (?=[:;?!»])|(?<=«) ")


def typeset(text: str, language: str) -> str:
    """Spaces that must not break: in numbers, before units and, in French, beside high marks."""
    text = _THOUSANDS.sub(NARROW_NO_BREAK, text)
    text = _BEFORE_UNIT.sub(NO_BREAK, text)
    return _FRENCH_MARKS.sub(NO_BREAK, text) if language == "fr" else text


@dataclass(frozen=True)
class Translations:
    """A `Translator`: gettext's two questions, and numbers, for one language."""

    language: str
    singles: Mapping[str, str]
    plurals: Mapping[str, tuple[str, ...]]
    form_of: Callable[[float], int]

    def gettext(self, english: str) -> str:
        return self.singles.get(english, english)

    def ngettext(self, one: str, many: str, number: float) -> str:
        forms = self.plurals.get(one)
        if forms is None:
            return one if number == 1 else many
        return forms[self.form_of(number)]

    def number(self, value: float) -> str:
        return format_decimal(value, _pattern(value), locale=locale_of(self.language))


def translations_in(language: str) -> Translations:
    """The sentences in `language`; in English for a language that has no catalogue."""
    return _read(language if language in LANGUAGES else "en")


def translator(language: str) -> Translator:
    """How to say a `Message` in `language`: `text.translate(translator("fr"))`."""
    return translations_in(language)


@cache
def locale_of(language: str) -> Locale:
    """How numbers and dates are written in a language; in English as in Europe."""
    return Locale.parse(_LOCALES.get(language, language))


def _pattern(value: float) -> str:
    decimals = str(value).partition(".")[2]
    return "#,##0." + "0" * len(decimals) if decimals.isdigit() else "#,##0.######"


def best_language(accept_language: str, chosen: str | None = None) -> str:
    """The language to answer in.

    Args:
        accept_language: the header of that name, as the browser sends it.
        chosen: what the person has chosen before, which wins if we speak it.
    """
    if chosen in LANGUAGES:
        return str(chosen)
    return negotiate_locale(_in_order(accept_language), list(LANGUAGES), sep="-") or "en"


def _in_order(accept_language: str) -> list[str]:
    """The languages of the header, the most wanted first. Source: RFC 9110, 12.5.4."""
    wanted = []
    for place, item in enumerate(accept_language.split(",")[:20]):
        name, _, quality = item.strip().partition(";q=")
        weight = _quality(quality)
        if name and weight > 0:
            wanted.append((-weight, place, name))
    return [name for _, _, name in sorted(wanted)]


def _quality(text: str) -> float:
    if not text:
        return 1.0
    try:
        return float(text)
    except ValueError:
        return 0.0


@cache
def _read(language: str) -> Translations:
    path = LOCALES / language / "LC_MESSAGES" / "etabli.po"
    if not path.exists():
        return Translations(language, {}, {}, lambda number: int(number != 1))
    with path.open("rb") as file:
        return _words_of(read_po(file, locale=language), language)


def _words_of(catalogue: Catalog, language: str) -> Translations:
    singles: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            if message.string:
                singles[message.id] = typeset(str(message.string), language)
        elif isinstance(message.string, tuple | list) and all(message.string):
            plurals[message.id[0]] = tuple(typeset(form, language) for form in message.string)
    return Translations(language, singles, plurals, _plural_rule(language))


def _plural_rule(language: str) -> Callable[[float], int]:
    if language == "fr":
        return lambda number: int(number >= 2)
    return lambda number: int(number != 1)
