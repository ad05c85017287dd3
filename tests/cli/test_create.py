"""`etabli create` and `etabli ask`: the main job in a shell."""

import json
import re
import threading

import pytest
from sqlalchemy import select

from etabli.cli import local_hub
from etabli.features.repos import Repo
from etabli.server import instance_lock
from etabli.server.worker import LANES
from etabli.settings import Settings
from etabli.site import Site
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
    assert said.splitlines()[-1] == "Only you can see it: http://127.0.0.1:8000/alice/helpdesk"
    assert "times out of 100" in said
    assert "modelled" in said
    answer = alice.runs("ask", "alice/helpdesk", "my card is lost")
    assert answer.splitlines()[0] == "Freeze the card in the app."
    assert "Wh, between" in answer
    assert "modelled]" in answer
    new, out = folder / "new.csv", folder / "sorted.csv"
    new.write_text("id,message\n1,my card is lost\n2,\n")
    said = alice.runs("ask", "alice/helpdesk", "--file", str(new), "--out", str(out))
    assert said.splitlines()[0] == f"2 rows are sorted: {out}"
    assert "modelled" in said
    assert out.read_text("utf-8-sig").splitlines()[1].startswith("1,my card is lost,card_lost,0.")
    for words, sentence in (
        (["--file", str(new), "--out", str(out)], "already"),
        (["--file", str(new)], "--out"),
        (["--file", str(folder / "none.csv"), "--out", "x.csv"], "no file"),
        (["hello", "--file", str(new)], "not both"),
        ([], "no question"),
    ):
        code, _, err = alice.tries("ask", "alice/helpdesk", *words)
        assert (code, sentence in err) == (1, True), err
    assert sorted(path.name for path in folder.glob("*partial*")) == []


def test_a_csv_alone_in_a_namespace_of_one_s_own(alice, folder):
    alice.runs("orgs", "add", "bank", "--admin", "alice")
    words = ["create", str(folder / "train.csv"), "--name", "x", "--namespace", "bank"]
    said = alice.runs(*words, "--private", "--without-data", "--text-column", "text")
    assert said.endswith("Only members of bank can see it: http://127.0.0.1:8000/bank/x")
    code, _, err = alice.tries("ask", "bank/nothing", "hello")
    assert (code, "no repository" in err) == (1, True)


def test_what_is_found_is_said_and_corrected(alice, folder):
    (folder / "train.csv").write_text(made.table_of_careless_labels())
    said = alice.runs("create", str(folder), "--name", "tidy")
    assert "63 texts, 3 labels" in said
    assert "(capitals, spaces, dashes): 3. Make each of them one label (merge_look_alikes)." in said
    assert alice.runs("ask", "alice/tidy", "my card is lost").startswith("Freeze the card")


@pytest.mark.parametrize("flag", [("--as-it-is",), ("--no-fix", "merge_look_alikes")])
def test_what_is_found_may_be_left_as_it_is(alice, folder, flag):
    (folder / "train.csv").write_text(made.table_of_careless_labels())
    said = alice.runs("create", str(folder), "--name", "as-written", *flag)
    assert "63 texts, 9 labels" in said
    assert "Left as it is (merge_look_alikes)." in said


def test_a_doubtful_encoding_is_said_and_can_be_named(alice, folder):
    doubtful = made.table().replace("my", "m\xe8").encode("cp1252")
    (folder / "train.csv").write_bytes(doubtful)
    said = alice.runs("create", str(folder), "--name", "guessed")
    assert "does not say how its letters are written. It is read as Windows-1252" in said
    said = alice.runs("create", str(folder), "--name", "told", "--encoding", "Windows-1250")
    assert "how its letters" not in said
    code, _, err = alice.tries("create", str(folder), "--name", "x", "--encoding", "rot13")
    assert (code, "There is no encoding called “rot13” here" in err) == (1, True)


def test_a_correction_that_there_is_not_is_refused(alice, folder):
    code, _, err = alice.tries("create", str(folder), "--name", "x", "--no-fix", "polish")
    assert (code, "There is no correction called polish" in err) == (1, True)


def repositories(operator):
    site = Site(Settings(data_dir=operator.data_dir, database_url=""))
    with site.read_hub() as hub:
        found = {repo.full_name: repo.private for repo in hub.work.db.scalars(select(Repo))}
    site.close()
    return found


def test_what_one_makes_is_for_oneself_until_one_says_otherwise(alice, folder):
    alice.runs("create", str(folder), "--name", "mine")
    assert repositories(alice) == {"alice/mine": True}
    said = alice.runs("create", str(folder), "--name", "ours", "--public", "--with-data")
    assert "Published: " in said
    assert said.count("  card_lost: ") + said.count("  pin_blocked: ") > 2  # rows, as others see
    assert repositories(alice) == {
        "alice/mine": True, "alice/ours": False, "alice/ours-data": False,
    }  # fmt: skip


def test_what_is_public_already_is_for_everybody(alice, folder):
    (folder / "source.json").write_text(json.dumps({"license": "mit", "is_public": True}))
    alice.runs("create", str(folder / "train.csv"), "--name", "a-csv-in-it")
    assert repositories(alice) == {"alice/a-csv-in-it": True}
    alice.runs("create", str(folder), "--name", "open")
    assert repositories(alice)["alice/open-data"] is False


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


@pytest.mark.parametrize(
    "words",
    [("ask", "a/b", "hello"), ("users", "ls"), ("tokens", "add", "alice"), ("doctor",), ("fsck",),
     ("gc",), ("backup", "x.tar"), ("create", "there", "--name", "x"), ("worker",)],
)  # fmt: skip
def test_where_there_is_no_hub_none_is_begun(operator, folder, words):
    here = [str(folder) if word == "there" else word for word in words]
    code, _, err = operator.tries(*here)
    assert (code, "There is no hub in" in err) == (2, True), err
    assert not operator.data_dir.exists()


def test_a_taken_name_is_told_before_anything_is_made(alice, folder):
    alice.runs("create", str(folder), "--name", "mine")
    code, out, err = alice.tries("create", str(folder), "--name", "mine")
    assert (code, "mine" in err) == (1, True)
    assert "It reads" not in out
    assert len(list((alice.data_dir / "runs").iterdir())) == 1


def test_energy_and_time_are_said_in_units_that_fit(alice, folder):
    said = alice.runs("create", str(folder), "--name", "small")
    answer = alice.runs("ask", "alice/small", "my card is lost")
    assert not re.search(r"\de-\d", said + answer)
    assert re.search(r"[µm]Wh, between", answer)


def test_without_an_account_it_says_how_to_make_one(operator, folder):
    site = Site(Settings(data_dir=operator.data_dir, database_url=""))
    site.migrate()
    site.close()
    code, _, err = operator.tries("create", str(folder), "--name", "x")
    assert (code, "etabli users add" in err) == (2, True)


def test_where_nobody_administers_one_says_in_whose_name(operator, folder):
    operator.runs("users", "add", "alice", "--no-password")
    code, _, err = operator.tries("create", str(folder), "--name", "x")
    assert (code, "--as NAME" in err) == (2, True)


def test_beside_a_server_no_second_worker_works(alice):
    """Two workers that both think they are alone would make the same model in the same folder."""
    site = Site(Settings(data_dir=alice.data_dir, database_url=""))
    before = set(threading.enumerate())
    with instance_lock.only_server(alice.data_dir), local_hub._somebody_working(site):
        assert set(threading.enumerate()) == before
    with local_hub._somebody_working(site):
        assert len(set(threading.enumerate()) - before) == len(LANES)
    site.close()
