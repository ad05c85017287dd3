import json

import pytest

from etabli.foundation.errors import EtabliError, LimitError, NotFoundError
from etabli.foundation.i18n.messages import Message, msg, msg_plural, plain
from etabli.foundation.i18n.translations import Translations, translator


def test_a_sentence_is_said_in_english():
    assert str(msg("Row {row} has no label.", row=3)) == "Row 3 has no label."


def test_a_sentence_is_translated_with_its_gaps_filled_after():
    french = _words({"Row {row} has no label.": "La ligne {row} n’a pas d’étiquette."})
    assert msg("Row {row} has no label.", row=3).translate(french) == (
        "La ligne 3 n’a pas d’étiquette."
    )


def test_a_sentence_in_a_sentence_is_translated_too():
    outer = msg("First: {inner}", inner=msg("yes"))
    assert outer.translate(_words({"yes": "oui"})) == "First: oui"


@pytest.mark.parametrize(
    ("count", "english", "french"), [(0, "0 rows", "0 rang"), (1, "1 row", "1 rang"),
                                     (2_000, "2,000 rows", "2\u202f000 rangs")],
)  # fmt: skip
def test_a_sentence_has_the_form_that_its_number_takes(count, english, french):
    text = msg_plural("{n} row", "{n} rows", "n", n=count)
    assert str(text) == english
    assert text.translate(_words({}, {"{n} row": ("{n} rang", "{n} rangs")})) == french


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [(12_602, "12,602", "12\u202f602"), (91.4, "91.4", "91,4"), (round(90.96, 1), "91.0", "91,0"),
     (0.4, "0.4", "0,4"), ("8000", "8000", "8000"), (True, "True", "True")],
)  # fmt: skip
def test_a_number_is_written_as_the_language_writes_it(value, english, french):
    text = msg("{n}", n=value)
    assert (str(text), text.translate(translator("fr"))) == (english, french)


def test_a_sentence_comes_whole_out_of_json():
    inner = msg_plural("{n} row", "{n} rows", "n", n=91.0)
    text = msg("First: {inner}, {name}", inner=inner, name="a")
    assert Message.of_json(json.loads(json.dumps(text.as_json()))) == text


def _words(singles, plurals=None):
    return Translations("fr", singles, plurals or {}, lambda number: int(number >= 2))


def test_what_fills_a_gap_is_no_template():
    assert str(msg("{name} is taken.", name="{name.__class__}")) == "{name.__class__} is taken."


def test_an_error_is_its_sentence():
    error = NotFoundError(msg("There is no {thing}.", thing="cat"))
    assert str(error) == "There is no cat."
    assert isinstance(error, EtabliError)
    assert not isinstance(error, LimitError)


@pytest.mark.parametrize(
    ("text", "expected"), [("a", "a"), ("é", "é"), ("\0", "\ufffd"), ("x\udcffy", "x?y")]
)
def test_plain_text_can_be_kept_anywhere(text, expected):
    assert plain(text) == expected
    plain(text).encode()


def test_a_sentence_repeats_no_control_character_and_no_half_of_a_pair():
    hostile = [chr(c) for c in (*range(9), *range(11, 32), *range(127, 160), 0xD800, 0xDFFF)]
    for character in hostile:
        said = str(msg("“{name}” is taken.", name=f"a{character}b"))
        assert said == "“a\ufffdb” is taken.", repr(character)
    assert str(msg("{reason}", reason="two\n\tlines, é, 文")) == "two\n\tlines, é, 文"
