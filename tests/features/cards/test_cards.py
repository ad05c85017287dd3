import json
from datetime import date

import pytest
import yaml
from yaml.cyaml import CParser

from etabli.features.cards import CardError, cards, check, parse, tags_of, write


def card(yaml: str, body: str = "") -> str:
    return f"---\n{yaml}\n---\n{body}"


def test_a_card_is_its_metadata_and_its_text():
    found = parse(card("license: mit\ntags: [a, b]", "# Hello\n"))
    assert found.metadata == {"license": "mit", "tags": ["a", "b"]}
    assert found.body == "# Hello\n"


@pytest.mark.parametrize(
    "text",
    ["", "# Hello", "--- \nlicense: mit", "text\n---\nlicense: mit\n---\n", "----\na: b\n----"],
)
def test_text_without_front_matter_is_all_body(text):
    assert parse(text).metadata == {}
    assert parse(text).body == text


@pytest.mark.parametrize(
    "text",
    [
        "---\nlicense: mit\n---\nHello",
        "---\r\nlicense: mit\r\n---\r\nHello",
        "\ufeff---\nlicense: mit\n---\nHello",
        "---  \nlicense: mit\n--- \nHello",
    ],
)
def test_front_matter_as_other_machines_write_it_is_read(text):
    assert parse(text).metadata == {"license": "mit"}
    assert parse(text).body == "Hello"


def test_empty_front_matter_is_no_metadata():
    assert parse("---\n---\nHello") == parse("---\n\n---\nHello")
    assert parse("---\n---\nHello").metadata == {}


BOMBS = [
    "a: &a [x]\nb: *a",
    "a: &a [lol]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]",
    "a: &a\n  b: *a",
    "<<: &x {a: 1}\nb: *x",
    "[" * 20_000,
    "{a: " * 15_000,
    "- " * 20_000,
    "a: " + "x" * 70_000,
    "!!python/object/apply:os.system ['true']",
    "!!python/name:os.system",
    "!unknown x",
    "a: b: c",
    "'",
    "\t a: 1",
    "a: [",
    "- a\nb: c",
    "%YAML 9.9\n---",
    "a: \x01",
    "? [a]\n: b\n? {c: d}\n: e",
    "date: 2026-13-45",
    r'a: "\ud800"',
    "just words",
    "- a list",
    "12",
]


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: repr(bomb[:30]))
def test_a_hostile_card_is_refused_in_words(bomb):
    with pytest.raises(CardError) as refused:
        parse(card(bomb))
    assert str(refused.value).endswith((".", "…"))
    assert check(card(bomb)).errors


@pytest.mark.parametrize("deep", ["[" * 20_000, "{a: " * 15_000, "- " * 20_000, "? " * 30_000])
def test_of_a_card_that_is_nested_too_deeply_only_the_beginning_is_read(deep):
    read = []

    class Counting(cards._PlainLoader):
        def get_event(self):
            read.append(1)
            return super().get_event()

    with pytest.raises(yaml.YAMLError):
        yaml.load(deep, Loader=Counting)  # noqa: S506 - the loader of cards
    assert len(read) < 4 * cards.MAX_NESTING


def test_a_card_may_be_nested_as_deeply_as_a_model_index_is_and_more():
    levels = cards.MAX_NESTING - 2  # the mapping itself is one, what is in the innermost another
    assert parse(card("a: " + "[" * levels + "1" + "]" * levels)).metadata["a"]
    with pytest.raises(CardError, match="under 32 levels"):
        parse(card("a: " + "[" * (levels + 1) + "1" + "]" * (levels + 1)))


def test_yaml_is_read_by_libyaml_which_costs_a_tenth():
    assert issubclass(cards._PlainLoader, CParser)


@pytest.mark.parametrize(
    "value",
    [
        "9" * 60_000,
        "0x" + "f" * 60_000,
        "1" + ":59" * 19_000,
        "1" + ":59" * 19_000 + ".5",
        "1" * 101,
    ],
    ids=lambda value: value[:8],
)
def test_what_is_too_long_for_a_number_is_kept_as_text(value):
    assert parse(card(f"a: {value}")).metadata == {"a": value}
    assert not check(card(f"a: {value}")).errors


def test_numbers_of_a_usual_length_are_numbers():
    found = parse(card(f"a: 12\nb: 1.5\nc: 1:30\nd: {'1' * 100}\ne: true")).metadata
    assert found == {"a": 12, "b": 1.5, "c": 90, "d": int("1" * 100), "e": True}


def test_a_fault_is_told_with_its_line():
    with pytest.raises(CardError, match="line 3"):
        parse(card("license: mit\ntags: [a"))


def test_metadata_is_json_whatever_yaml_made_of_it():
    found = parse(
        card(
            'd: 2026-11-24\nt: 2026-11-24 12:00:00\nn: .nan\ni: .inf\n1: x\nb: !!binary aGk=\nz: ""'
        )
    ).metadata
    assert found["d"] == date(2026, 11, 24).isoformat()
    assert found["1"] == "x"
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_metadata_holds_only_text_that_can_be_kept():
    found = parse(card(r'a: "x\0y"' + "\n" + r'"k\0": b')).metadata
    kept = json.dumps(found, ensure_ascii=False)
    assert "\0" not in kept
    kept.encode()


def test_what_is_written_can_be_read():
    metadata = {"license": "mit", "tags": ["é", "a: b", "- c"], "language": "fr", "n": 1.5}
    again = parse(write(metadata, "# Bonjour\n"))
    assert again.metadata == metadata
    assert again.body.strip() == "# Bonjour"


def test_tags_follow_from_the_metadata_once_each_and_in_order():
    metadata = {
        "library_name": "sklearn",
        "pipeline_tag": "text-classification",
        "tags": ["etabli", "sklearn", "", 7],
        "language": ["en", "fr"],
        "license": "mit",
        "datasets": "alice/mails",
        "base_model": None,
    }
    assert tags_of(metadata) == [
        "sklearn",
        "text-classification",
        "etabli",
        "7",
        "en",
        "fr",
        "license:mit",
        "dataset:alice/mails",
    ]


def test_a_datasets_language_is_named_as_such():
    assert tags_of({"language": "fr"}, is_dataset=True) == ["language:fr"]
    assert tags_of({"language": "fr"}) == ["fr"]


@pytest.mark.parametrize("value", [None, {}, {"a": "b"}, [[]], [None, {}], True, 3.5])
def test_a_tag_of_another_shape_is_left_out(value):
    assert all(isinstance(tag, str) for tag in tags_of({"tags": value, "license": value}))


def test_a_tag_is_never_long():
    assert len(tags_of({"tags": ["x" * 5000]})[0]) == 200


def test_a_good_card_has_no_fault():
    problems = check(card("license: mit\ntags: [a]", "# Hello"))
    assert (list(problems.errors), list(problems.warnings)) == ([], [])


@pytest.mark.parametrize(
    ("yaml", "key"),
    [
        ("license: 3", "license"),
        ("tags: a", "tags"),
        ("language: {a: b}", "language"),
        ("pipeline_tag: [a]", "pipeline_tag"),
        ("model-index: x", "model-index"),
        ("model-index: [x]", "model-index"),
        ("model-index: [{name: x}]", "model-index"),
        ("model-index: [{results: []}]", "model-index"),
        ("model-index: [{name: x, results: y}]", "model-index"),
    ],
)
def test_a_wrong_shape_is_an_error_that_names_it(yaml, key):
    (error,) = check(card(yaml)).errors
    assert key in str(error)


def test_a_card_without_a_licence_is_warned_about():
    assert "licence" in str(check(card("tags: [a]")).warnings[0])
    assert "licence" in str(check("# no metadata").warnings[0])


class TestBeforeAPush:
    @pytest.mark.parametrize(
        ("licence", "said"),
        [
            ("apache2", "Did you mean “apache-2.0”"),
            ("MIT", "Did you mean “mit”"),
            ("my-own-terms-of-2026", "“license_name”"),
            ("[mit, nonsense-of-mine]", "nonsense-of-mine"),
        ],
    )
    def test_an_unknown_licence_is_an_error(self, licence, said):
        text = f"---\nlicense: {licence}\n---\n"
        (error,) = check(text, before_a_push=True).errors
        assert said in str(error)
        assert check(text).errors == []

    @pytest.mark.parametrize("licence", ["mit", "llama3.1", "[mit, apache-2.0]", "other"])
    def test_a_known_one_is_none(self, licence):
        assert check(f"---\nlicense: {licence}\n---\n", before_a_push=True).errors == []


@pytest.mark.parametrize("before", ["\n", "\r\n", " \n\n", "\ufeff\n"])
def test_a_card_may_begin_with_empty_lines(before):
    card = parse(f"{before}---\nlicense: mit\n---\nHello")
    assert (card.metadata, card.body) == ({"license": "mit"}, "Hello")


def test_what_stands_before_it_is_no_card():
    assert parse("Hello\n---\nlicense: mit\n---\n").metadata == {}
