"""Who asks to be let in, who decides, and that a request and its grant never differ."""

import pytest

from etabli.features.accounts import NamespaceNotFoundError, NotAllowedError, Permission
from etabli.features.cards import GateForm, GateQuestion, QuestionKind
from etabli.features.repos import (
    CHECKED,
    AccessAskedError,
    AccessDecidedError,
    AnswerMissingError,
    AnswerTooLongError,
    Gate,
    NotGatedError,
    RepoType,
    RequestStatus,
    UnknownAnswerError,
)
from etabli.foundation.errors import NotFoundError

PLAIN = GateForm()
PENDING, ACCEPTED, REJECTED = RequestStatus


@pytest.fixture
def gated(hub, alice):
    repo = hub.repos.create(alice, RepoType.MODEL, "alice", "sealed")
    return hub.repos.access.set_gate(alice, repo, Gate.MANUAL)


def may_read(hub, actor, repo) -> bool:
    return hub.repos.access.may(actor, Permission.READ_REPO, repo)


def test_a_manual_gate_waits_for_its_owner(hub, alice, bob, gated):
    asked = hub.access_requests.ask(bob, gated, PLAIN, {})
    assert (asked.status, may_read(hub, bob, gated)) == (PENDING, False)
    assert hub.access_requests.waiting(gated) == 1
    with pytest.raises(AccessAskedError):
        hub.access_requests.ask(bob, gated, PLAIN, {})


def test_an_automatic_gate_lets_in_at_once_also_who_waited(hub, alice, bob, gated):
    hub.access_requests.ask(bob, gated, PLAIN, {})
    opened = hub.repos.access.set_gate(alice, gated, Gate.AUTO)
    assert hub.access_requests.ask(bob, opened, PLAIN, {}).status is ACCEPTED
    assert may_read(hub, bob, opened)


def test_a_request_goes_through_every_state_and_keeps_its_key(hub, alice, bob, gated):
    key = hub.access_requests.ask(bob, gated, PLAIN, {}).key
    for status, reads in ((ACCEPTED, True), (PENDING, False), (REJECTED, False), (ACCEPTED, True)):
        decided = hub.access_requests.decide(alice, gated, status, name="BOB", reason="because")
        assert (decided.key, decided.status, decided.reason) == (key, status, "because")
        assert may_read(hub, bob, gated) is reads
        with pytest.raises(AccessDecidedError):
            hub.access_requests.decide(alice, gated, status, key=key)
    assert [one.key for one in hub.access_requests.listed(alice, gated, ACCEPTED, 0, 9)] == [key]
    assert hub.access_requests.counts(gated) == {ACCEPTED: 1}


def test_who_was_refused_does_not_ask_again(hub, alice, bob, gated):
    hub.access_requests.ask(bob, gated, PLAIN, {})
    hub.access_requests.decide(alice, gated, REJECTED, name="bob")
    opened = hub.repos.access.set_gate(alice, gated, Gate.AUTO)
    with pytest.raises(AccessAskedError):
        hub.access_requests.ask(bob, opened, PLAIN, {})
    assert not may_read(hub, bob, opened)


def test_somebody_is_let_in_unasked_and_once(hub, alice, bob, gated):
    hub.accounts.create_org("guild", "bob")
    bob = hub.accounts.actor("bob")
    assert hub.access_requests.grant(alice, gated, "Guild").namespace == "guild"
    assert may_read(hub, bob, gated)
    with pytest.raises(AccessDecidedError):
        hub.access_requests.grant(alice, gated, "guild")
    with pytest.raises(NamespaceNotFoundError):
        hub.access_requests.grant(alice, gated, "nobody-here")


def test_only_who_administers_it_lists_and_decides(hub, alice, bob, gated):
    asked = hub.access_requests.ask(bob, gated, PLAIN, {})
    for deed in (
        lambda: hub.access_requests.listed(bob, gated, PENDING, 0, 9),
        lambda: hub.access_requests.decide(bob, gated, ACCEPTED, key=asked.key),
        lambda: hub.access_requests.grant(bob, gated, "bob"),
        lambda: hub.repos.access.set_gate(bob, gated, None),
    ):
        with pytest.raises(NotAllowedError):
            deed()


def test_a_request_of_another_repository_is_not_found_by_its_key(hub, alice, bob, gated):
    other = hub.repos.create(alice, RepoType.MODEL, "alice", "other")
    other = hub.repos.access.set_gate(alice, other, Gate.MANUAL)
    elsewhere = hub.access_requests.ask(bob, other, PLAIN, {})
    with pytest.raises(NotFoundError):
        hub.access_requests.decide(alice, gated, ACCEPTED, key=elsewhere.key)


def test_without_a_gate_there_is_nothing_to_ask(hub, alice, bob, gated):
    opened = hub.repos.access.set_gate(alice, gated, None)
    for deed in (
        lambda: hub.access_requests.ask(bob, opened, PLAIN, {}),
        lambda: hub.access_requests.listed(alice, opened, PENDING, 0, 9),
        lambda: hub.access_requests.grant(alice, opened, "bob"),
    ):
        with pytest.raises(NotGatedError):
            deed()
    assert may_read(hub, bob, opened)


FORM = GateForm(
    questions=(
        GateQuestion("Why"),
        GateQuestion("I agree", QuestionKind.CHECKBOX),
        GateQuestion("For", QuestionKind.SELECT, ("Research", "Other")),
    )
)
GOOD = {"Why": " to  learn ", "I agree": CHECKED, "For": "Other"}


def test_answers_are_kept_as_they_were_put(hub, bob, gated):
    asked = hub.access_requests.ask(bob, gated, FORM, {**GOOD, "Else": "not asked"})
    assert asked.answers == {"Why": "to learn", "I agree": CHECKED, "For": "Other"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"Why": " "}, AnswerMissingError),
        ({"I agree": "no"}, AnswerMissingError),
        ({"For": "Play"}, UnknownAnswerError),
        ({"Why": "x" * 1001}, AnswerTooLongError),
    ],
)
def test_every_question_is_answered(hub, bob, gated, change, error):
    with pytest.raises(error):
        hub.access_requests.ask(bob, gated, FORM, GOOD | change)
    assert hub.access_requests.of(bob, gated) is None


def test_requests_go_with_their_repository(hub, alice, bob, gated):
    hub.access_requests.ask(bob, gated, PLAIN, {})
    hub.repos.delete(alice, gated)
    again = hub.repos.create(alice, RepoType.MODEL, "alice", "sealed")
    again = hub.repos.access.set_gate(alice, again, Gate.MANUAL)
    assert hub.access_requests.of(bob, again) is None
