"""A model elsewhere is asked a part of the examples, once that was agreed to."""

from dataclasses import replace

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.foundation.http_client import HttpClient
from etabli.foundation.networks import parse_networks
from etabli.operations import commits
from tests import made
from tests.openai_server import KEY, elsewhere

ROWS = "text,label\n" + "my card is lost here,card_lost\nzzz,transfer_late\n" * 60


@pytest.fixture
def there():
    with elsewhere() as server:
        yield server


@pytest.fixture
def asked(site, alice, there):
    made.published(site, alice)
    with site.open_hub() as hub:
        exam = hub.repos.create(alice, RepoType.DATASET, "alice", "exam")
    commits.commit(site, alice, exam, "main", [AddFile("test.csv", ROWS.encode())], "Add")
    outside = {"address": there.address, "model": "large", "price_in": 2.0, "price_out": 10}
    return {"models": ["alice/helpdesk"], "dataset": "alice/exam", "outside": outside}


@pytest.fixture
def allowed(site):
    networks = "127.0.0.0/8"
    site.backends = replace(site.backends, http=HttpClient(parse_networks(networks)))
    site.settings = site.settings.model_copy(update={"allowed_private_networks": networks})


def with_key(asked, key=KEY):
    return {**asked, "outside": {**asked["outside"], "key": key}}


@pytest.mark.usefixtures("allowed")
def test_what_it_takes_is_said_before_anything_is_sent(alices_client, asked, there):
    plan = alices_client.post("/api/etabli/compare/plan", json=asked).json()
    assert (plan["requests"], plan["examples"]) == (100, 120)
    assert plan["tokens_in"] > 1000
    assert plan["cost"] == pytest.approx(
        (2 * plan["tokens_in"] + 10 * plan["tokens_out"]) / 1_000_000
    )
    assert there.requests == []


@pytest.mark.usefixtures("allowed")
def test_it_is_asked_a_part_and_compared_on_that(alices_client, asked, there):
    answer = alices_client.post("/api/etabli/compare", json=with_key(asked))
    assert answer.status_code == 200, answer.text
    found = answer.json()["outside"]
    assert len(there.requests) == found["examples"] == 100
    assert there.requests[0]["model"] == "large"
    assert "card_lost | pin_blocked | transfer_late" in there.requests[0]["messages"][0]["content"]
    assert 0.3 < found["accuracy"]["value"] < 0.7
    assert found["unreadable_replies"] == 100 - round(100 * found["accuracy"]["value"])
    assert (found["tokens_in"], found["tokens_out"]) == (5000, 200)
    assert found["cost"] == pytest.approx(0.012)
    assert (found["time_method"], found["energy_wh"]) == ("measured", None)
    assert KEY not in answer.text


@pytest.mark.usefixtures("allowed")
def test_a_refusal_there_ends_it(alices_client, asked, there, caplog):
    answer = alices_client.post("/api/etabli/compare", json=with_key(asked, "sk-wrong"))
    assert answer.status_code == 503
    assert "status 401" in answer.json()["error"]
    assert len(there.requests) < 20
    assert "sk-wrong" not in answer.text + caplog.text


def test_a_private_address_is_not_reached(alices_client, asked, there):
    answer = alices_client.post("/api/etabli/compare", json=asked)
    assert answer.status_code == 403
    assert "private network" in answer.json()["error"]
    secret = alices_client.post("/api/etabli/compare", json=with_key(asked))
    assert secret.status_code == 400
    assert "https://" in secret.json()["error"]
    assert there.requests == []


@pytest.mark.parametrize(
    "change",
    [{"address": ""}, {"model": ""}, {"price_in": -1}, {"key": "clé"}, {"model": "x" * 999}],
)
def test_what_is_no_model_elsewhere_is_said(alices_client, asked, change):
    body = {**asked, "outside": {**asked["outside"], **change}}
    assert alices_client.post("/api/etabli/compare/plan", json=body).status_code == 400


@pytest.mark.usefixtures("allowed")
def test_the_page_asks_before_it_sends_and_shows_no_key(client, asked, there):
    client.post("/login", data={"name": "alice", "password": "correct horse"})
    typed = {"models": "alice/helpdesk", "dataset": "alice/exam", "address": there.address}
    typed |= {"model": "large", "price_in": "2", "price_out": "10,5"}
    page = client.post("/compare", data=typed).text
    assert "in requests: 100 (of messages: 120)" in page
    assert 'type="password"' in page
    assert there.requests == []
    page = client.post("/compare", data={**typed, "key": KEY, "planned": "yes"}).text
    assert len(there.requests) == 100
    assert "measured here with the network" in page
    assert KEY not in page
