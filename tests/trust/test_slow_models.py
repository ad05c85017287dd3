"""A model that is slow, or slow to load, holds up those who ask it and nobody else."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.features.serving import ModelFolder
from etabli.features.serving.supervisor import MAX_WAITING
from etabli.operations import commits, inference
from tests import made
from tests.answering import Gate, wait_until
from tests.writer_watch import held_connections


@pytest.fixture
def gate(tmp_path):
    return Gate(tmp_path)


@pytest.fixture
def answering(site, gate):
    """The site's own supervisor, of processes that can be told to misbehave."""
    supervisor = gate.supervisor(2)
    serving = replace(site.backends.serving, process=supervisor)
    site.backends = replace(site.backends, serving=serving)
    return supervisor


def publish(site, actor, name, **config):
    with site.open_hub() as hub:
        repo = hub.repos.create(actor, RepoType.MODEL, "alice", name)
    slow = "true" if config.get("slow") else "false"
    content = f'{{"model_type": "etabli-ngram", "slow": {slow}, "name": "{name}"}}'
    commits.commit(site, actor, repo, "main", [AddFile("config.json", content.encode())], "Publish")
    return repo


DOORS = {
    "run": lambda client, model, text: client.post(f"/run/{model}", json={"inputs": text}),
    "ask": lambda client, model, text: client.post(
        f"/api/etabli/ask/{model}", json={"question": text}
    ),
    "openai": lambda client, model, text: client.post(
        "/v1/chat/completions",
        json={"model": model, "messages": [{"role": "user", "content": text}]},
    ),
    "page": lambda client, model, text: client.post(f"/{model}/ask", data={"text": text}),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("slow", ["to answer", "to load"])
def test_while_eight_wait_for_a_slow_model_all_else_is_answered(
    site, alice, client, answering, gate, door, slow
):
    publish(site, alice, "slow", slow=slow == "to load")
    publish(site, alice, "quick")
    ask, text = DOORS[door], "gate" if slow == "to answer" else "hello"
    with ThreadPoolExecutor(8) as people:
        waiting = [people.submit(ask, client, "alice/slow", text) for _ in range(8)]
        wait_until(lambda: sum(map(len, answering._waiting.values())) == 7)

        assert client.get("/api/models").status_code == 200
        assert client.get("/alice/slow").status_code == 200
        for other in DOORS.values():
            assert other(client, "alice/quick", "hello").status_code == 200
        assert not any(answer.done() for answer in waiting)

        gate.open()
        assert [answer.result().status_code for answer in waiting] == [200] * 8


@pytest.mark.parametrize("door", DOORS)
def test_one_too_many_is_told_to_ask_again(site, alice, client, answering, gate, door):
    publish(site, alice, "slow")
    ask = DOORS[door]
    with ThreadPoolExecutor(MAX_WAITING + 1) as people:
        waiting = [people.submit(ask, client, "alice/slow", "gate")]
        wait_until(lambda: "ask" in " ".join(gate.log))
        waiting += [people.submit(ask, client, "alice/slow", "gate") for _ in range(MAX_WAITING)]
        wait_until(lambda: sum(map(len, answering._waiting.values())) == MAX_WAITING)
        refused = ask(client, "alice/slow", "gate")
        gate.open()
        assert {answer.result().status_code for answer in waiting} == {200}
    assert refused.status_code == 503
    assert "Many people are asking this model just now. Ask again in a moment." in refused.text


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("text", ["die", "garbage", "senseless"])
def test_a_process_that_fails_is_a_sentence_and_the_next_question_is_answered(
    site, alice, client, answering, door, text
):
    publish(site, alice, "frail")
    failed = DOORS[door](client, "alice/frail", text)
    assert failed.status_code == 503
    assert "ask once more" in failed.text
    assert DOORS[door](client, "alice/frail", "hello").status_code == 200


@pytest.mark.parametrize("door", DOORS)
def test_who_may_not_see_a_model_does_not_reach_a_process(
    site, alice, client, answering, gate, door
):
    repo = publish(site, alice, "hidden")
    with site.open_hub() as hub:
        hub.repos.set_private(alice, repo, True)
    assert DOORS[door](client, "alice/hidden", "hello").status_code == 404
    assert gate.log == []


@pytest.mark.slow
def test_a_model_that_is_tried_before_it_is_published_holds_up_nobody(
    site, alice, alices_client, answering, gate
):
    run = made.make(site, alice, made.start(site, alice))

    def try_out(text):
        return alices_client.post(f"/create/{run.key}/try", data={"text": text})

    with ThreadPoolExecutor(8) as people:
        waiting = [people.submit(try_out, "gate") for _ in range(8)]
        wait_until(lambda: sum(map(len, answering._waiting.values())) == 7)
        assert alices_client.get(f"/create/{run.key}/result").status_code == 200
        assert alices_client.get("/api/models").status_code == 200
        assert not any(answer.done() for answer in waiting)
        gate.open()
        assert {answer.result().status_code for answer in waiting} == {200}
    assert try_out("die").status_code == 503


def test_a_model_is_copied_once_for_all_who_ask_and_holds_up_no_other(
    site, alice, answering, tmp_path
):
    """Three wait for a copy that does not end; another model is copied and answers meanwhile."""
    may_end, begun = threading.Event(), []

    def pieces():
        begun.append("copy")
        may_end.wait()
        yield b"{}"

    root = site.settings.data_dir / "serving"
    large = ModelFolder(root / "large", {"config.json": pieces})
    quick = publish(site, alice, "quick")

    async def ask_all():
        waiting = [
            asyncio.ensure_future(inference.ask_folder(site, alice, large, ["hello"]))
            for _ in range(3)
        ]
        await asyncio.sleep(0)
        [answer] = await inference.ask(site, alice, quick, ["hello"])
        assert answer.predicted[0].reply == "hello"
        assert not (root / "large").exists()
        assert not any(one.done() for one in waiting)
        may_end.set()
        return await asyncio.gather(*waiting)

    assert len(asyncio.run(ask_all())) == 3
    assert begun == ["copy"]


def test_while_a_model_answers_no_unit_of_work_is_open(site, alice, client, answering, gate):
    """SQLite has one writer, and PostgreSQL few connections: a question takes neither."""
    publish(site, alice, "slow")
    with ThreadPoolExecutor(1) as people:
        waiting = people.submit(DOORS["run"], client, "alice/slow", "gate")
        wait_until(lambda: "ask" in " ".join(gate.log))
        assert held_connections(site.database) == 0
        gate.open()
        assert waiting.result().status_code == 200
