"""A published model answers without Établi, by the program in its card, as the hub does."""

import asyncio

import pytest

from etabli.features.accounts import ANONYMOUS
from etabli.features.repos import RepoType
from etabli.features.serving import Decision
from etabli.features.workshop import DataSource, InputFiles
from etabli.operations import inference, training
from tests import made, several_labels
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


@pytest.mark.slow
def test_a_faq_replies_alike(site, alice, tmp_path):
    run = made.answering(site, alice)
    with site.read_hub() as hub:
        shown = {row.text: row.label for row in hub.workshop.preview(run)}
    assert shown.items() <= made.FAQ.items()
    folder = fetched(site, alice, "alice/faq", tmp_path / "model")
    texts = [*made.FAQ, "how do i reset my pasword", "delivery", "Who governs Peru?", "?"]
    alone = answers_of_card(folder, texts)
    for one, answer in zip(alone, hub_s(site, "alice/faq", texts), strict=True):
        assert one["decision"] == answer.decision
        assert one["probability"] == pytest.approx(answer.certainty, abs=1e-5)
        assert set(one["did_you_mean"]) == {reading.label for reading in answer.readings}
        if answer.decision is Decision.ANSWER:  # of those that are alike, either may come first
            assert (one["label"], one["reply"]) == (answer.candidates[0].label, answer.written)
    assert {one["decision"] for one in alone} >= {"answer", "clarify", "outside"}


@pytest.mark.slow
def test_several_labels_are_said_alike(site, alice, tmp_path):
    (tmp_path / "reasons.csv").write_text(several_labels.in_cells(), "utf-8")
    tables = InputFiles(tmp_path / "reasons.csv")
    run = training.start_run(site, alice, "reasons", tables, DataSource(license="cc0-1.0"))
    made.publish(site, alice, made.make(site, alice, run))
    folder = fetched(site, alice, "alice/reasons", tmp_path / "model")
    texts = [*(text for text, _ in several_labels.ROWS[:8]), "Who governs Peru?", "it cannot wait"]
    alone = answers_of_card(folder, texts)
    for one, answer in zip(alone, hub_s(site, "alice/reasons", texts), strict=True):
        assert one["decision"] == answer.decision
        said = {label.label: label.probability for label in answer.predicted}
        assert one["labels"] == pytest.approx(said, abs=1e-5)
        assert one["certainty"] == pytest.approx(answer.certainty, abs=1e-5)
    assert {len(one["labels"]) for one in alone} >= {1, 2}
