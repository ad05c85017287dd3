"""Models compared by program."""

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits
from tests import made
from tests.conftest import issue_token


@pytest.fixture
def two_models(site, alice):
    """The same model under two names, and a dataset with an examination of it."""
    made.published(site, alice)
    with site.read_hub() as hub:
        helpdesk = hub.repos.get(alice, RepoType.MODEL, "alice/helpdesk")
        snapshot = hub.repos.snapshot(helpdesk)
        files = {e.path: snapshot.read(e.path) for e in snapshot.entries() if not e.is_folder}
    rows = "text,label\n" + "my card is lost here,card_lost\nzzz,transfer_late\n" * 15
    with site.open_hub() as hub:
        twin = hub.repos.create(alice, RepoType.MODEL, "alice", "twin")
        exam = hub.repos.create(alice, RepoType.DATASET, "alice", "exam")
    commits.commit(site, alice, twin, "main", [AddFile(*one) for one in files.items()], "Copy")
    commits.commit(site, alice, exam, "main", [AddFile("test.csv", rows.encode())], "Add")
    return {"models": ["alice/helpdesk", "alice/twin"], "dataset": "alice/exam"}


def test_each_is_asked_the_same(alices_client, two_models):
    answer = alices_client.post("/api/etabli/compare", json=two_models)

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["examples"], found["examples_in_all"]) == (30, 30)
    first, twin = found["models"]
    assert first["accuracy"] == twin["accuracy"]
    assert 0.5 <= first["accuracy"]["value"] < 1
    assert first["against_the_first"] is None
    assert twin["against_the_first"]["chance"] == 1
    assert first["a_thousand_answers"]["energy_method"] == "modelled"
    assert 0 < first["p50_ms"] <= first["p99_ms"]
    frugality = first["frugality"]
    assert frugality["idle_share"] > 0.99
    assert frugality["beside"][0]["frugal_from_answers_a_day"] == 2001
    assert frugality["beside"][0]["making_made_good_after_answers"] >= 1
    assert "not frugal at so few" in frugality["said"][1]


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"models": ["alice/helpdesk"]}, 400, "2 to 4 different models"),
        ({"models": ["alice/helpdesk"] * 3}, 400, "2 to 4 different models"),
        ({"models": ["alice/helpdesk", "alice/no-such"]}, 404, "alice/no-such"),
        ({"dataset": "alice/helpdesk-data"}, 400, "at least 20 examples"),
    ],
)
def test_what_cannot_be_compared_is_said(alices_client, two_models, change, status, sentence):
    answer = alices_client.post("/api/etabli/compare", json=two_models | change)

    assert (answer.status_code, sentence in answer.text) == (status, True), answer.text


def test_what_one_may_not_see_is_not_compared(client, site, alice, bob, two_models):
    with site.open_hub() as hub:
        hub.repos.set_private(alice, hub.repos.get(alice, RepoType.MODEL, "alice/twin"), True)
    headers = {"Authorization": f"Bearer {issue_token(site, 'bob')}"}

    assert client.post("/api/etabli/compare", json=two_models).status_code == 401
    assert client.post("/api/etabli/compare", json=two_models, headers=headers).status_code == 404


def test_the_page_shows_both(client, site, two_models):
    assert "Sign in to compare" in client.get("/compare?models=alice/helpdesk").text
    client.post("/login", data={"name": "alice", "password": "correct horse"})
    page = client.post("/compare", data=two_models, headers={"accept-language": "en"})

    assert page.status_code == 200, page.text
    assert "No clear difference: messages that go better: 0, worse: 0." in page.text
    assert "arxiv.org/abs/2508.15734" in page.text
    refused = client.post("/compare", data={"models": "alice/helpdesk"})
    assert refused.status_code == 400
    assert 'value="alice/helpdesk"' in refused.text
