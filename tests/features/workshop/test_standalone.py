"""A published model answers without Établi, by the program in its card, as the hub does."""

import asyncio

import pytest

from etabli.features.accounts import ANONYMOUS
from etabli.features.repos import RepoType
from etabli.operations import inference
from tests import made
from tests.features.workshop.standalone_program import answers_of_card, fetched

TEXTS = [
    "my card is lost",
    "the transfer",
    "my pin, my pin is blocked on my phone!",
    "What is the weather in Peru?",
    "É",
]


def hub_s(site, name, texts):
    with site.read_hub() as hub:
        repo = hub.repos.get(ANONYMOUS, RepoType.MODEL, name)
    return asyncio.run(inference.ask(site, ANONYMOUS, repo, texts))


def test_a_classifier_answers_alike(site, alice, tmp_path):
    made.published(site, alice)
    folder = fetched(site, alice, "alice/helpdesk", tmp_path / "model")
    alone = answers_of_card(folder, TEXTS)
    for one, answer in zip(alone, hub_s(site, "alice/helpdesk", TEXTS), strict=True):
        assert (one["decision"], one["label"]) == (answer.decision, answer.predicted[0].label)
        assert one["probability"] == pytest.approx(answer.certainty, abs=1e-5)
        assert one["reply"] == (answer.predicted[0].reply if answer.written else None)
    assert {one["decision"] for one in alone} >= {"answer", "outside"}


@pytest.mark.slow
def test_a_model_of_documents_quotes_alike(site, alice, tmp_path):
    made.quoting(site, alice)
    folder = fetched(site, alice, "alice/guides", tmp_path / "model")
    texts = ["How do I wash the violin?", "How long does a repair take?", "Who governs Peru?"]
    alone = answers_of_card(folder, texts)
    for one, answer in zip(alone, hub_s(site, "alice/guides", texts), strict=True):
        assert one["decision"] == answer.decision
        assert one["probability"] == pytest.approx(answer.certainty, abs=1e-5)
    assert alone[0]["label"] == "violin.md"
    assert alone[0]["reply"] == "Wash the violin in warm water. A repair takes nine days."
    assert alone[2]["reply"] is None
