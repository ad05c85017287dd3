import asyncio

import pytest

from etabli.features.accounts import ANONYMOUS
from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.features.serving import (
    MAX_QUESTIONS,
    Decision,
    NoQuestionError,
    NotServableError,
    QuestionTooLongError,
    TooManyQuestionsError,
    check_questions,
)
from etabli.operations import commits, inference
from tests import made


@pytest.fixture
def helpdesk(site, alice):
    made.published(site, alice)
    with site.read_hub() as hub:
        return hub.repos.get(alice, RepoType.MODEL, "alice/helpdesk")


def ask(site, repo, text):
    [answer] = asyncio.run(inference.ask(site, ANONYMOUS, repo, [text]))
    return answer


def test_an_answer_says_what_it_costs_and_how_that_is_known(site, helpdesk):
    answer = ask(site, helpdesk, "somebody stole my card in the shop")
    assert answer.decision is Decision.ANSWER
    assert str(answer.in_words()) == "Freeze the card in the app."
    assert answer.predicted[0].label == "card_lost"
    energy = answer.cost.energy
    assert 0 < energy.low_wh < energy.wh < energy.high_wh
    assert "assumed" in str(energy.how)
    assert answer.cost.emissions.g_co2e > 0


def test_without_a_reply_it_names_the_subject(site, helpdesk):
    answer = ask(site, helpdesk, "the transfer has not arrived since Monday")
    assert str(answer.in_words()) == "This is about: transfer late."


def test_several_questions_are_answered_as_each_would_be(site, helpdesk):
    texts = ["my pin is blocked", "my card is lost"]
    answers = asyncio.run(inference.ask(site, ANONYMOUS, helpdesk, texts))
    assert [answer.predicted[0].label for answer in answers] == [
        ask(site, helpdesk, text).predicted[0].label for text in texts
    ]


@pytest.mark.parametrize("texts", [[], [""], [" \n"], ["my pin is blocked", ""]])
def test_no_question_is_no_question(texts):
    with pytest.raises(NoQuestionError):
        check_questions(texts)


def test_a_thousand_questions_may_be_asked_at_once_and_no_more():
    check_questions(["hello"] * MAX_QUESTIONS)
    with pytest.raises(TooManyQuestionsError, match="1,000"):
        check_questions(["hello"] * (MAX_QUESTIONS + 1))


def test_a_question_over_the_limit_is_refused_and_one_at_it_is_not(site, helpdesk):
    assert ask(site, helpdesk, "card " * 400).candidates
    with pytest.raises(QuestionTooLongError, match="2,000"):
        ask(site, helpdesk, "card " * 401)


def test_a_repository_without_a_model_of_ours_cannot_answer(site, alice):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
    with pytest.raises(NotServableError):
        ask(site, repo, "hello")
    with site.read_hub() as hub:
        assert hub.serving.find(repo) is None


@pytest.mark.parametrize(
    "files",
    [
        {"config.json": b'{"model_type": "etabli-ngram"}'},
        {"config.json": b'{"model_type": "etabli-ngram"}', "etabli.json": b"[]"},
        {
            "config.json": b'{"model_type": "etabli-ngram", "id2label": {"0": "a"}}',
            "etabli.json": b"{}",
            "vocab.json": b"{}",
            "model.safetensors": b"\xff" * 64,
        },
    ],
)
def test_a_malformed_model_is_a_sentence_and_harms_nobody(site, alice, helpdesk, files):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "broken")
    changes = [AddFile(path, content) for path, content in files.items()]
    commits.commit(site, alice, repo, "main", changes, "break")
    with pytest.raises(Exception, match=r"\.$"):
        ask(site, repo, "hello")
    assert ask(site, helpdesk, "my card is lost").predicted[0].label == "card_lost"


def test_a_commit_that_leaves_the_model_alone_copies_nothing(site, alice, helpdesk):
    ask(site, helpdesk, "my card is lost")
    folders = set((site.settings.data_dir / "serving").iterdir())
    commits.commit(site, alice, helpdesk, "main", [AddFile("README.md", b"# New words\n")], "words")
    ask(site, helpdesk, "my card is lost")
    assert set((site.settings.data_dir / "serving").iterdir()) == folders


def test_the_ready_models_are_those_that_one_may_see(site, alice, bob, helpdesk):
    with site.open_hub() as hub:
        hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
        hub.repos.set_private(alice, helpdesk, True)
    with site.read_hub() as hub:
        assert [repo.full_name for repo in hub.serving.ready_models(alice)] == ["alice/helpdesk"]
        assert hub.serving.ready_models(bob) == []
