import pytest

from etabli.foundation.errors import EtabliError, LimitError, NotFoundError
from etabli.foundation.i18n.messages import plain, say


def test_a_sentence_is_said_in_english():
    assert str(say("Row {row} has no label.", row=3)) == "Row 3 has no label."


def test_a_sentence_is_translated_with_its_gaps_filled_after():
    french = {"Row {row} has no label.": "La ligne {row} n’a pas d’étiquette."}.get
    assert say("Row {row} has no label.", row=3).in_words_of(french) == (
        "La ligne 3 n’a pas d’étiquette."
    )


def test_a_sentence_in_a_sentence_is_translated_too():
    outer = say("First: {inner}", inner=say("yes"))
    assert outer.in_words_of(lambda english: english.replace("yes", "oui")) == "First: oui"


def test_what_fills_a_gap_is_no_template():
    assert str(say("{name} is taken.", name="{name.__class__}")) == "{name.__class__} is taken."


def test_an_error_is_its_sentence():
    error = NotFoundError(say("There is no {thing}.", thing="cat"))
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
        said = str(say("“{name}” is taken.", name=f"a{character}b"))
        assert said == "“a\ufffdb” is taken.", repr(character)
    assert str(say("{reason}", reason="two\n\tlines, é, 文")) == "two\n\tlines, é, 文"
