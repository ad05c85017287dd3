"""A fair queue before processes that are slow, die, or say what makes no sense."""

import os

import pytest

from etabli.features.serving import (
    AnsweringFailedError,
    ModelBusyError,
    Supervisor,
    TooSlowToAnswerError,
    process,
    supervisor,
)
from etabli.foundation.errors import BusyError, InvalidInputError
from tests.answering import Gate, wait_until


@pytest.fixture
def gate(tmp_path):
    return Gate(tmp_path)


@pytest.fixture
def two(gate):
    two = gate.supervisor(2)
    yield two
    two.close()


def ask(answering, model, text):
    """What will be the process that answered, and what it was asked."""

    def read(said):
        return int(said["labels"][0]["label"]), said["labels"][0]["answer"]

    return answering.ask(f"/models/{model}", {"op": "ask", "text": text}, read)


def test_a_slow_model_holds_up_itself_alone(two, gate):
    slow = [ask(two, "slow", f"gate {number}") for number in range(8)]
    wait_until(lambda: "ask slow gate 0" in gate.log)

    others = [ask(two, model, "hello") for model in ("a", "b", "a", "c")]
    assert [answer.result()[1] for answer in others] == ["hello"] * 4

    assert not any(answer.done() for answer in slow)
    assert [line for line in gate.log if line.startswith("ask slow")] == ["ask slow gate 0"]
    assert two.waiting("/models/slow") == 7
    gate.open()
    assert [answer.result()[1] for answer in slow] == [f"gate {number}" for number in range(8)]


def test_a_model_is_asked_where_it_is_loaded(two, gate):
    first = [ask(two, "a", "hello").result()[0] for _ in range(5)]
    assert len(set(first)) == 1
    assert gate.log.count("load a") == 1


def test_one_process_is_enough_until_two_models_are_asked_at_once(two, gate):
    ask(two, "a", "hello").result()
    ask(two, "b", "hello").result()
    assert len(two.pids) == 1
    held = ask(two, "a", "gate")
    wait_until(lambda: "ask a gate" in gate.log)
    ask(two, "c", "hello").result()
    assert len(two.pids) == 2
    gate.open()
    held.result()


def test_a_model_loaded_where_another_is_slow_is_loaded_once_more_elsewhere(two, gate):
    busy_pid, _ = ask(two, "a", "hello").result()
    assert ask(two, "slow", "hello").result()[0] == busy_pid
    held = ask(two, "slow", "gate")
    wait_until(lambda: "ask slow gate" in gate.log)

    assert ask(two, "a", "hello").result()[0] != busy_pid
    assert not held.done()


def test_models_take_turns_whoever_asked_more(gate):
    one = gate.supervisor(1)
    held = ask(one, "first", "gate")
    wait_until(lambda: "ask first gate" in gate.log)
    answers = [ask(one, "many", str(number)) for number in range(3)]
    answers += [ask(one, "few", "0"), held]
    gate.open()
    for answer in answers:
        answer.result()
    one.close()
    asked = [line for line in gate.log if line.startswith("ask")]
    assert asked == ["ask first gate", "ask many 0", "ask few 0", "ask many 1", "ask many 2"]


@pytest.mark.parametrize(
    "text",
    ["die", "garbage", "another's", "senseless", "nested", "two lines", "endless", "refuse badly"],
)
def test_a_process_that_fails_is_replaced_and_others_go_on(two, monkeypatch, text):
    monkeypatch.setattr(process, "MAX_REPLY_BYTES", 1_000_000)
    before, _ = ask(two, "a", "hello").result()
    failing = ask(two, "a", text)
    after = ask(two, "a", "hello")
    with pytest.raises(AnsweringFailedError, match="ask once more"):
        failing.result()
    assert after.result()[0] != before
    assert before not in two.pids


def test_what_the_process_says_is_wrong_reaches_whoever_asked_and_it_stays(two):
    before, _ = ask(two, "a", "hello").result()
    with pytest.raises(InvalidInputError, match=r"No: so\."):
        ask(two, "a", "refuse").result()
    assert ask(two, "a", "hello").result()[0] == before


def test_a_process_that_was_killed_while_nobody_asked_is_replaced(two):
    pid, _ = ask(two, "a", "hello").result()
    os.kill(pid, 9)
    wait_until(lambda: pid not in two.pids)
    assert ask(two, "a", "hello").result()[0] != pid


def test_a_program_that_cannot_be_started_is_told():
    nothing = Supervisor(1, program=["/nonexistent/program"])
    with pytest.raises(AnsweringFailedError):
        ask(nothing, "a", "hello").result()
    nothing.close()


def test_a_model_that_takes_too_long_is_stopped_and_all_who_wait_for_it_are_told(
    two, gate, monkeypatch
):
    pid, _ = ask(two, "slow", "hello").result()
    with monkeypatch.context() as impatient:
        impatient.setattr(two, "_answers_within_s", 0.2)
        slow = [ask(two, "slow", "gate") for _ in range(4)]
        for answer in slow:
            with pytest.raises(TooSlowToAnswerError, match=r"0\.2\ss"):
                answer.result()
    assert gate.log.count("ask slow gate") == 1
    assert pid not in two.pids
    assert ask(two, "slow", "hello").result()[1] == "hello"


def test_too_many_who_wait_for_one_model_are_refused_and_others_are_not(two, gate):
    held = ask(two, "slow", "gate")
    wait_until(lambda: "ask slow gate" in gate.log)
    for _ in range(supervisor.MAX_WAITING):
        ask(two, "slow", "gate")
    with pytest.raises(ModelBusyError, match="Ask again in a moment"):
        ask(two, "slow", "gate")
    assert ask(two, "a", "hello").result()[1] == "hello"
    assert not held.done()


def test_too_many_who_wait_for_all_models_are_refused(gate):
    one = gate.supervisor(1)
    ask(one, "slow", "gate")
    wait_until(lambda: "ask slow gate" in gate.log)
    for number in range(supervisor.MAX_WAITING_IN_ALL):
        ask(one, f"model-{number}", "hello")
    with pytest.raises(BusyError):
        ask(one, "one-more", "hello")
    one.close()


def test_questions_that_would_fill_the_memory_are_refused(gate):
    one = gate.supervisor(1)
    ask(one, "slow", "gate")
    wait_until(lambda: "ask slow gate" in gate.log)
    half = "x" * (supervisor.MAX_WAITING_BYTES // 2)
    ask(one, "a", half)
    with pytest.raises(BusyError):
        ask(one, "b", half)
    one.close()


def test_who_has_gone_is_not_asked_for(two, gate):
    held, gone, last = (ask(two, "slow", text) for text in ("gate", "gone", "last"))
    wait_until(lambda: "ask slow gate" in gate.log)
    assert gone.cancel()
    gate.open()
    assert last.result()[1] == "last"
    assert held.done()
    assert "ask slow gone" not in gate.log


def test_processes_rest_when_nobody_asks(gate):
    restless = gate.supervisor(1, rests_after_s=0)
    pid, _ = ask(restless, "a", "hello").result()
    wait_until(lambda: not restless.pids)
    assert ask(restless, "a", "hello").result()[0] != pid
    restless.close()


def test_none_is_started_before_somebody_asks(two):
    assert two.pids == []


def test_the_end_tells_whoever_waits_and_leaves_no_process(two, gate):
    answers = [ask(two, "slow", "gate") for _ in range(3)]
    wait_until(lambda: "ask slow gate" in gate.log)
    two.close()
    for answer in answers:
        with pytest.raises(AnsweringFailedError):
            answer.result()
    assert two.pids == []
    with pytest.raises(AnsweringFailedError):
        ask(two, "a", "hello")
