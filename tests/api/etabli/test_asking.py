import pytest

from tests import made


@pytest.fixture
def helpdesk(site, alice):
    return made.published(site, alice)


def test_run_answers_in_the_shape_of_text_classification(client, helpdesk):
    response = client.post("/run/alice/helpdesk", json={"inputs": "my card is lost"})
    [labels] = response.json()
    assert labels[0]["label"] == "card_lost"
    assert labels[0]["score"] > labels[1]["score"]
    assert [one["predicted"] for one in labels] == [True, False, False]
    assert float(response.headers["x-etabli-energy-wh"]) > 0
    assert response.headers["x-etabli-energy-method"] == "modelled"
    assert float(response.headers["x-etabli-latency-ms"]) > 0


def test_every_door_says_that_a_machine_answers_and_who_wrote_the_reply(client, helpdesk):
    def told(question):
        run = client.post("/run/alice/helpdesk", json={"inputs": question})
        ask = client.post("/api/etabli/ask/alice/helpdesk", json={"question": question}).json()
        message = {"role": "user", "content": question}
        body = {"model": "alice/helpdesk", "messages": [message]}
        chat = client.post("/v1/chat/completions", json=body)
        for headers in (run.headers, chat.headers):
            assert headers["x-etabli-answered-by"] == "machine"
        assert ask["answered_by"] == chat.json()["etabli"]["answered_by"] == "machine"
        return (
            run.headers["x-etabli-generated"],
            chat.headers["x-etabli-generated"],
            ask["generated"],
            chat.json()["etabli"]["generated"],
        )

    assert told("my card is lost") == ("false", "false", False, False)
    assert told("the transfer has not arrived since Monday") == ("true", "true", True, True)


@pytest.mark.parametrize(
    ("question", "decision"),
    [
        ("my card is lost", "answer"),
        ("zzz qqq 44", "outside"),
        ("my pin arrived with the card", "clarify"),
    ],
)
def test_every_door_says_what_is_decided_and_the_same_score(client, helpdesk, question, decision):
    """A score alone looks sure of what it was never made for."""
    run = client.post("/run/alice/helpdesk", json={"inputs": question})
    several = client.post("/run/alice/helpdesk", json={"inputs": ["my card is lost", question]})
    ask = client.post("/api/etabli/ask/alice/helpdesk", json={"question": question})
    body = {"model": "alice/helpdesk", "messages": [{"role": "user", "content": question}]}
    chat = client.post("/v1/chat/completions", json=body)
    stream = client.post("/v1/chat/completions", json={**body, "stream": True})

    [labels], asked, said = run.json(), ask.json(), chat.json()["etabli"]
    assert asked["decision"] == decision
    doors = (run, several, ask, chat, stream)
    assert {one.headers["x-etabli-decision"] for one in doors} == {asked["decision"]}
    assert {one["decision"] for one in labels} == {asked["decision"]} == {said["decision"]}
    assert several.json()[1] == labels
    assert several.json()[0][0]["decision"] == "answer"
    assert f'"decision": "{asked["decision"]}"' in stream.text
    for mine, asked_one, said_one in zip(labels, asked["labels"], said["labels"], strict=False):
        assert mine["score"] == asked_one["score"] == said_one["score"]


def test_a_list_of_answers_says_so_too(client, helpdesk):
    headers = client.post("/run/alice/helpdesk", json={"inputs": ["my card is lost"] * 2}).headers
    assert headers["x-etabli-answered-by"] == "machine"
    assert headers["x-etabli-generated"] == "false"


def test_run_takes_several_inputs_and_a_number_of_labels(client, helpdesk):
    body = {"inputs": ["my card is lost", "my pin is blocked"], "parameters": {"top_k": 1}}
    lists = client.post("/run/alice/helpdesk", json=body).json()
    assert [[one["label"] for one in labels] for labels in lists] == [
        ["card_lost"],
        ["pin_blocked"],
    ]


@pytest.fixture
def french(site, alice):
    run = made.make(site, alice, made.start(site, alice, "aide", made.french_table()))
    return made.publish(site, alice, run)


def test_a_model_answers_in_its_own_language_whoever_asks(client, french):
    asked = {"question": "zzz qqq 44"}
    english = {"accept-language": "en"}
    answer = client.post("/api/etabli/ask/alice/aide", json=asked, headers=english).json()
    assert answer["decision"] in ("outside", "human")
    assert "personne" in answer["reply"]
    body = {"model": "alice/aide", "messages": [{"role": "user", "content": "zzz qqq 44"}]}
    chat = client.post("/v1/chat/completions", json=body).json()
    assert "personne" in chat["choices"][0]["message"]["content"]


def test_the_hub_speaks_to_a_program_in_the_language_that_it_asks_for(client):
    def refused(language):
        headers = {"accept-language": language}
        return client.post(
            "/api/etabli/ask/alice/nothing", json={"question": "x"}, headers=headers
        ).json()["error"]

    assert refused("fr-FR,fr;q=0.9") != refused("en") == refused("xx")


def test_ask_says_everything(client, helpdesk):
    body = {"question": "my card is lost"}
    answer = client.post("/api/etabli/ask/alice/helpdesk", json=body).json()
    assert answer["reply"] == "Freeze the card in the app."
    assert answer["cost"]["energy_low_wh"] < answer["cost"]["energy_high_wh"]
    assert "assumed" in answer["cost"]["energy_how"]


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("/run/alice/nothing", {"inputs": "x"}, 404),
        ("/run/alice/helpdesk", {"inputs": ""}, 400),
        ("/run/alice/helpdesk", {"inputs": []}, 400),
        ("/run/alice/helpdesk", {"inputs": "x" * 2001}, 400),
        ("/run/alice/helpdesk", {"inputs": ["x"] * 1001}, 400),
        ("/run/alice/helpdesk", {}, 400),
        ("/run/alice/helpdesk", {"inputs": "x", "parameters": {"top_k": 0}}, 400),
        ("/api/etabli/ask/alice/helpdesk", {"question": " "}, 400),
    ],
)
def test_a_bad_request_gets_one_sentence(client, helpdesk, address, body, status):
    response = client.post(address, json=body)
    assert response.status_code == status
    assert response.json()["error"].endswith(".")
