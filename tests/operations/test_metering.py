"""Tokens that may only ask: which models, how much in a day, and what was asked with each."""

import asyncio
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from huggingface_hub.utils import parse_ratelimit_headers

from etabli.features.accounts import (
    Asked,
    BadBudgetError,
    BadLifetimeError,
    BudgetUsedUpError,
    LimitsNeedAskError,
    TokenRole,
)
from etabli.features.repos import RepoNotFoundError
from etabli.features.serving import Cost
from etabli.operations import usage
from etabli.operations.access_tokens import TokenWish, issue_token, told_tokens
from etabli.operations.metering import metered
from etabli.site import Site
from tests import made

LOST = "my card is lost"


@pytest.fixture
def helpdesk(site, alice):
    return made.published(site, alice, private=True)


def key(site: Site, **wish) -> str:
    with site.open_hub() as hub:
        return issue_token(hub, "alice", TokenWish("an app", TokenRole.ASK, **wish)).secret


def ask(client: TestClient, secret: str, text: str | list[str] = LOST, model="alice/helpdesk"):
    headers = {"Authorization": f"Bearer {secret}"}
    return client.post(f"/run/{model}", json={"inputs": text}, headers=headers)


def told(site: Site, alice):
    with site.read_hub() as hub:
        return told_tokens(hub, alice)[0]


def test_over_its_budget_a_token_is_told_until_when_at_every_door(client, site, helpdesk):
    secret = key(site, questions_a_day=2)
    assert [ask(client, secret).status_code for _ in range(2)] == [200, 200]
    client.headers["Authorization"] = f"Bearer {secret}"
    chat = {"model": "alice/helpdesk", "messages": [{"role": "user", "content": LOST}]}
    refused = [
        ask(client, secret),
        client.post("/api/etabli/ask/alice/helpdesk", json={"question": LOST}),
        client.post("/v1/chat/completions", json=chat),
        client.post("/v1/responses", json={"model": "alice/helpdesk", "input": LOST}),
        client.post("/alice/helpdesk/ask", data={"text": LOST}),
        client.post("/embed/alice/helpdesk", data={"text": LOST}),
        client.post("/api/etabli/sort/alice/helpdesk", files={"table": ("a.csv", "text\nhello\n")}),
    ]
    for answer in refused:
        assert answer.status_code == 429, answer.request.url
        assert "budget of the day" in answer.text, answer.request.url
        assert 0 < int(answer.headers["retry-after"]) <= 86_400
        read = parse_ratelimit_headers(answer.headers)
        assert (read.resource_type, read.remaining, read.limit) == ("questions", 0, 2)
        assert read.window_seconds == 86_400
    assert refused[2].json()["error"]["type"] == "rate_limit_error"
    assert refused[2].headers["x-should-retry"] == "false"
    call = {"name": "ask", "arguments": {"model": "alice/helpdesk", "question": LOST}}
    said = client.post(
        "/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    ).json()["result"]
    assert said["isError"]
    assert "budget of the day" in said["content"][0]["text"]


def test_each_text_is_a_question_and_a_list_that_does_not_fit_is_refused_whole(
    client, site, helpdesk, alice
):
    secret = key(site, questions_a_day=5)
    assert ask(client, secret, [LOST] * 3).headers["ratelimit"].startswith('"questions";r=2;')
    assert ask(client, secret, [LOST] * 3).status_code == 429
    assert ask(client, secret, [LOST] * 2).status_code == 200
    usage.keep_usage(site)
    [today] = told(site, alice).days
    assert (today.questions, today.method) == (5, "modelled")
    assert 0 < today.low_wh < today.wh < today.high_wh


def test_what_gets_no_answer_is_not_counted(client, site, helpdesk):
    secret = key(site, questions_a_day=1)
    assert ask(client, secret, "x" * 2001).status_code == 400
    assert ask(client, secret, model="alice/nothing").status_code == 404
    assert ask(client, secret).status_code == 200


def test_a_budget_of_energy_lets_in_until_it_is_used_up(client, site, helpdesk):
    secret = key(site, wh_a_day=1e-9)
    assert ask(client, secret).status_code == 200
    answer = ask(client, secret)
    assert answer.status_code == 429
    assert parse_ratelimit_headers(answer.headers).resource_type == "microwatthours"


def test_what_another_process_has_written_down_counts(client, site, settings, helpdesk):
    secret = key(site, questions_a_day=3)
    assert ask(client, secret, [LOST] * 2).status_code == 200
    usage.keep_usage(site)
    other = Site(settings)
    with other.read_hub() as hub:
        actor = hub.accounts.recognise(secret)

    async def ask_twice_at_once() -> None:
        async with metered(other, actor, 1) as count:
            with pytest.raises(BudgetUsedUpError):
                async with metered(other, actor, 1):
                    pass
            count([cost])

    serving = other.backends.serving
    energy = serving.energy(0.001)
    cost = Cost(1.0, 0.001, energy, serving.emissions(energy))
    asyncio.run(ask_twice_at_once())
    usage.keep_usage(other)
    other.close()
    assert ask(client, secret).status_code == 429


def test_a_new_day_has_a_new_budget(client, site, helpdesk, alice):
    secret = key(site, questions_a_day=1)
    with site.open_hub() as hub:
        meter = hub.accounts.recognise(secret).meter
        yesterday = meter.day - timedelta(days=1)
        hub.metering.add({(meter.sha256, yesterday, "modelled"): Asked(1, 1.0, 0.4, 2.0)})
    assert ask(client, secret).status_code == 200
    usage.keep_usage(site)
    assert [one.questions for one in told(site, alice).days] == [1, 1]
    assert told(site, alice).questions_today == 1


def test_of_a_token_that_is_gone_nothing_is_kept(client, site, helpdesk, alice):
    secret = key(site)
    assert ask(client, secret).status_code == 200
    with site.open_hub() as hub:
        hub.accounts.revoke_token(alice, hub.accounts.tokens(alice)[0].key)
    usage.keep_usage(site)
    assert not site.usage.take()


def test_a_token_for_one_model_asks_no_other(client, site, alice, helpdesk):
    made.published(site, alice, "open")
    made.published(site, alice, "hidden", private=True)
    secret = key(site, only=["alice/helpdesk"])
    assert ask(client, secret).status_code == 200
    assert ask(client, secret, model="alice/hidden").status_code == 404
    refused = ask(client, secret, model="alice/open")  # which anybody may ask
    assert refused.status_code == 403
    assert "made for" in refused.json()["error"]
    client.headers["Authorization"] = f"Bearer {secret}"
    listed = client.get("/v1/models").json()["data"]
    assert [model["id"] for model in listed] == ["alice/helpdesk"]


def test_a_token_that_asks_opens_no_private_bytes(client, site, helpdesk):
    client.headers["Authorization"] = f"Bearer {key(site)}"
    for path in (
        "/alice/helpdesk/resolve/main/config.json",
        "/api/models/alice/helpdesk",
        "/api/models/alice/helpdesk/xet-read-token/main",
        "/alice/helpdesk/info/refs?service=git-upload-pack",
        "/api/etabli/models/alice/helpdesk/assistant",
    ):
        assert client.get(path).status_code in (401, 403, 404), path
    batch = {"operation": "download", "objects": [{"oid": "0" * 64, "size": 1}]}
    answer = client.post("/alice/helpdesk/info/lfs/objects/batch", json=batch)
    assert answer.status_code in (401, 403, 404)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"questions_a_day": 0}, BadBudgetError),
        ({"wh_a_day": float("nan")}, BadBudgetError),
        ({"wh_a_day": -1.0}, BadBudgetError),
        ({"days": 0}, BadLifetimeError),
        ({"only": ["bob/nothing"]}, RepoNotFoundError),
    ],
)
def test_bounds_that_are_none_are_refused(site, alice, wish, error):
    with pytest.raises(error), site.open_hub() as hub:
        issue_token(hub, "alice", TokenWish("an app", TokenRole.ASK, **wish))


def test_a_token_that_does_more_than_ask_has_no_budget(site, alice):
    with pytest.raises(LimitsNeedAskError), site.open_hub() as hub:
        issue_token(hub, "alice", TokenWish("x", TokenRole.WRITE, questions_a_day=1))


def test_a_key_asks_what_is_left_of_it(client, site, helpdesk):
    secret = key(site, questions_a_day=10, wh_a_day=2.0, days=30)
    ask(client, secret)
    budget = client.get("/api/etabli/whoami", headers={"Authorization": f"Bearer {secret}"}).json()[
        "budget"
    ]
    assert budget["questions_left"] == 9
    assert 1.9 < budget["wh_left"] < 2.0
    assert budget["resets_in_s"] <= 86_400
