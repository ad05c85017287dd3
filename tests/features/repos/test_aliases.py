"""A name without an owner means what an operator says."""

import pytest

from etabli.features.repos import WELL_KNOWN, RepoType
from etabli.features.repos.errors import AliasNotFoundError, InvalidAliasError

MODEL, DATASET = RepoType.MODEL, RepoType.DATASET


def test_it_means_one_thing_for_each_kind_whatever_the_case(hub):
    hub.aliases.add(MODEL, "GPT2", "alice/gpt2")
    hub.aliases.add(DATASET, "gpt2", "bob/texts")
    assert hub.aliases.find(MODEL, "gpt2") == "alice/gpt2"
    assert hub.aliases.find(DATASET, "Gpt2") == "bob/texts"
    hub.aliases.add(MODEL, "gpt2", "bob/gpt2")
    assert hub.aliases.find(MODEL, "gpt2") == "bob/gpt2"
    hub.aliases.remove(MODEL, "gpt2")
    assert hub.aliases.find(MODEL, "gpt2") is None
    with pytest.raises(AliasNotFoundError):
        hub.aliases.remove(MODEL, "gpt2")


@pytest.mark.parametrize(
    ("name", "full_name"),
    [("a/b", "c/d"), ("gpt2", "gpt2"), ("gpt2", "a/b/c"), ("", "a/b"), ("gpt2", "//evil.example")],
)
def test_what_can_be_no_name_is_refused(hub, name, full_name):
    with pytest.raises(InvalidAliasError):
        hub.aliases.add(MODEL, name, full_name)


def test_those_known_are_added_once_and_leave_what_an_operator_said(hub):
    hub.aliases.add(MODEL, "gpt2", "alice/gpt2")
    count = hub.aliases.add_many(WELL_KNOWN)
    assert count == sum(map(len, WELL_KNOWN.values())) - 1
    assert hub.aliases.add_many(WELL_KNOWN) == 0
    assert hub.aliases.find(MODEL, "gpt2") == "alice/gpt2"
    assert hub.aliases.find(DATASET, "squad") == "rajpurkar/squad"
