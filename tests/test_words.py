"""Every sentence that the hub says is said in French too."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message

from etabli.foundation.i18n.messages import msg
from etabli.foundation.i18n.translations import best_language, translations_in, translator, typeset

ROOT = Path(__file__).parent.parent
GAP = re.compile(r"(?<!\{)\{\w*\}(?!\})|%\(\w+\)[sd]")
NO_BREAK, NARROW = "\u00a0", "\u202f"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("words", ROOT / "scripts" / "words.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


words_script = _script()


@pytest.fixture(scope="module")
def said() -> Catalog:
    return words_script.extract()


@pytest.fixture(scope="module")
def french() -> Catalog:
    return words_script.read("fr")


def _sentences(catalogue: Catalog) -> dict[object, Message]:
    return {message.id: message for message in catalogue if message.id}


def _forms(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [""])


def test_the_catalogue_holds_what_the_code_says(said: Catalog, french: Catalog) -> None:
    assert set(_sentences(said)) == set(_sentences(french)), "run `make words`"


def test_every_sentence_is_translated(french: Catalog) -> None:
    missing = [
        message.id
        for message in french
        if message.id and (message.fuzzy or not all(_forms(message.string)))
    ]
    assert missing == []


def test_every_translation_has_the_same_gaps(french: Catalog) -> None:
    for message in french:
        if not message.id:
            continue
        wanted = {gap for form in _forms(message.id) for gap in GAP.findall(form)}
        for form in _forms(message.string):
            assert set(GAP.findall(form)) == wanted, message.id


COUNTED = re.compile(r"(?:\{(\w+)\}|%\((\w+)\)s) ([^\W\d_]{3,}s)\b")
NO_COUNT = {
    "file",
    "host",
    "address",
    "wanted",
    "url",
    "name",
    "user",
    "repo",
    "who",
    "branch",
    "full_name",
    "account",
    "path",
    "model",
}
ALWAYS_SEVERAL = {"most", "least", "few", "max", "ratio", "limit", "max_depth", "max_entries",
                  "width", "max_path_bytes", "headers", "length", "tokens", "rows"}  # fmt: skip
"""Bounds that the code or a person sets, all above one; what is beyond one; `%(rows)s` of a table
of two labels."""
NO_NOUN = {"times", "cases", "fois", "others", "alors", "lors", "après", "annoncés"}
"""Rates of a hundred, written with decimals; and words that are no nouns."""


def test_every_sentence_that_counts_has_a_plural(french: Catalog) -> None:
    """“1 labels” is said by nobody: see `msg_plural` and `ngettext`, or count after a colon."""
    lacking = [
        message.id
        for message in french
        if isinstance(message.id, str)
        for form in (message.id, *_forms(message.string))
        for gap, other, word in COUNTED.findall(form)
        if (gap or other) not in NO_COUNT | ALWAYS_SEVERAL and word not in NO_NOUN
    ]
    assert lacking == []


def test_no_translation_types_a_space_that_must_not_break(french: Catalog) -> None:
    """`typeset` puts them in, so that nobody has to."""
    for message in french:
        for form in _forms(message.string):
            assert not {NO_BREAK, NARROW} & set(form), message.id


def test_a_sentence_is_said_in_french() -> None:
    text = msg("This password is too short: use at least {least} characters.", least=8)
    assert text.translate(translator("fr")) == (
        f"Ce mot de passe est trop court{NO_BREAK}: il faut au moins 8 caractères."
    )


def test_a_language_without_a_catalogue_gets_english() -> None:
    assert translations_in("xx").gettext("Saved.") == "Saved."


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "%(n)s résultat"), (1, "%(n)s résultat"), (2, "%(n)s résultats")]
)
def test_french_counts_zero_in_the_singular(number: int, shown: str) -> None:
    assert translations_in("fr").ngettext("%(n)s result", "%(n)s results", number) == shown


@pytest.mark.parametrize(
    ("text", "set_text"),
    [
        ("13 083 questions", f"13{NARROW}083 questions"),
        ("Vraiment ?", f"Vraiment{NO_BREAK}?"),
        ("« Bonjour »", f"«{NO_BREAK}Bonjour{NO_BREAK}»"),
        ("91 % de {n} Mo", f"91{NO_BREAK}% de {{n}}{NO_BREAK}Mo"),
        ("3 hommes", "3 hommes"),
    ],
)
def test_spaces_that_must_not_break(text: str, set_text: str) -> None:
    assert typeset(text, "fr") == set_text


@pytest.mark.parametrize(
    ("header", "chosen", "language"),
    [
        ("", None, "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8", None, "fr"),
        ("de,en;q=0.7,fr;q=0.8", None, "fr"),
        ("fr", "en", "en"),
        ("fr", "xx", "fr"),
        ("*;q=nonsense", None, "en"),
    ],
)
def test_the_best_language(header: str, chosen: str | None, language: str) -> None:
    assert best_language(header, chosen) == language
