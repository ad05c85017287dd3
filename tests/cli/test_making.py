"""`etabli create` and `etabli ask`: the main job in a shell."""

import json
import threading

import pytest

from etabli.cli import making, running
from etabli.hub import Site
from etabli.settings import Settings
from etabli.worker import LANES
from tests import made


@pytest.fixture
def alice(operator):
    operator.runs("users", "add", "alice", "--admin", "--no-password")
    return operator


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "train.csv").write_text(made.table())
    (folder / "answers.csv").write_text(made.replies())
    (folder / "source.json").write_text(json.dumps({"license": "mit", "attribution": "By us."}))
    return folder


def test_from_a_folder_to_an_address_and_an_answer(alice, folder):
    said = alice.runs("create", str(folder), "--name", "helpdesk")
    assert said.splitlines()[-1] == "Published: http://127.0.0.1:8000/alice/helpdesk"
    assert "times out of 100" in said
    assert "modelled" in said
    answer = alice.runs("ask", "alice/helpdesk", "my card is lost")
    assert answer.splitlines()[0] == "Freeze the card in the app."
    assert "Wh, between" in answer


def test_a_csv_alone_in_a_namespace_of_one_s_own(alice, folder):
    alice.runs("orgs", "add", "bank", "--admin", "alice")
    words = ["create", str(folder / "train.csv"), "--name", "x", "--namespace", "bank"]
    said = alice.runs(*words, "--private", "--without-data", "--text-column", "text")
    assert said.endswith("/bank/x")
    code, _, err = alice.tries("ask", "bank/nothing", "hello")
    assert (code, "no repository" in err) == (1, True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        ("text,label\nhello\n", "Line 2"),
        ("text,label\n" + "hello,a\n" * 30, "same label"),
        (None, "no file or folder"),
    ],
)
def test_a_bad_table_is_one_sentence_and_leaves_nothing(alice, folder, content, reason):
    path = folder / "bad.csv"
    if content is not None:
        path.write_text(content)
    code, _, err = alice.tries("create", str(path), "--name", "x")
    assert code == 1
    assert reason in err
    assert "Traceback" not in err
    runs = alice.data_dir / "runs"
    assert not runs.exists() or list(runs.iterdir()) == []


def test_without_an_account_it_says_how_to_make_one(operator, folder):
    code, _, err = operator.tries("create", str(folder), "--name", "x")
    assert (code, "etabli users add" in err) == (2, True)


def test_beside_a_server_no_second_worker_works(alice):
    """Two workers that both think they are alone would make the same model in the same folder."""
    site = Site(Settings(data_dir=alice.data_dir, database_url=""))
    before = set(threading.enumerate())
    with running.only_server(alice.data_dir), making._somebody_working(site):
        assert set(threading.enumerate()) == before
    with making._somebody_working(site):
        assert len(set(threading.enumerate()) - before) == len(LANES)
    site.close()
