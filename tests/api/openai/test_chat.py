import json

import pytest

from tests import made


@pytest.fixture
def helpdesk(site, alice):
    return made.published(site, alice)


def chat(client, content, **more):
    messages = [{"role": "system", "content": "be kind"}, {"role": "user", "content": content}]
    return client.post(
        "/v1/chat/completions", json={"model": "alice/helpdesk", "messages": messages, **more}
    )


def test_it_answers_the_last_message_and_says_what_that_costs(client, helpdesk):
    answer = chat(client, "my card is lost").json()
    assert answer["choices"][0]["message"]["content"] == "Freeze the card in the app."
    assert answer["etabli"]["decision"] == "answer"
    assert answer["etabli"]["cost"]["energy_method"] == "modelled"


def test_a_stream_ends_as_the_clients_expect(client, helpdesk):
    lines = [line for line in chat(client, "my card is lost", stream=True).text.split("\n") if line]
    assert lines[-1] == "data: [DONE]"
    first = json.loads(lines[0].removeprefix("data: "))
    assert first["choices"][0]["delta"]["content"] == "Freeze the card in the app."


def test_content_in_parts_is_read(client, helpdesk):
    parts = [{"type": "text", "text": "my card"}, {"type": "text", "text": "is lost"}]
    assert chat(client, parts).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"model": "alice/nothing", "messages": [{"role": "user", "content": "x"}]}, 404, "not_f"),
        ({"model": "nothing", "messages": [{"role": "user", "content": "x"}]}, 404, "not_found"),
        ({"model": "alice/helpdesk", "messages": []}, 400, "invalid_request_error"),
        ({"model": "alice/helpdesk"}, 400, "invalid_request_error"),
        (
            {"model": "alice/helpdesk", "messages": [{"role": "user", "content": "x" * 2001}]},
            400,
            "invalid_request_error",
        ),
    ],
)
def test_an_error_has_the_shape_that_the_clients_read(client, helpdesk, body, status, kind):
    response = client.post("/v1/chat/completions", json=body)
    assert response.status_code == status
    assert response.json()["error"]["type"].startswith(kind)
    assert response.json()["error"]["message"].endswith(".")


def test_a_private_assistant_answers_its_owner_only(client, site, alice, alices_token):
    made.published(site, alice, private=True)
    assert chat(client, "my card is lost").status_code == 404
    assert client.get("/v1/models").json()["data"] == []
    client.headers["Authorization"] = f"Bearer {alices_token}"
    assert chat(client, "my card is lost").status_code == 200
    assert [model["id"] for model in client.get("/v1/models").json()["data"]] == ["alice/helpdesk"]


def test_a_wrong_token_is_told_so(client, helpdesk):
    client.headers["Authorization"] = "Bearer hf_0123456789abcdefghij"
    response = chat(client, "my card is lost")
    assert response.status_code == 401
    assert response.json()["error"]["type"] == "authentication_error"
