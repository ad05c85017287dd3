"""`etabli` in a shell of another machine: another home, another folder, a hub at an address."""

import json
import os

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits
from tests import made
from tests.trust.hub_process import run


@pytest.fixture
def shell(tmp_path):
    """Somebody at a terminal with nothing but the address of the hub."""

    def etabli(*words, fails=False, **env):
        home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "", "LC_ALL": "C.UTF-8", **env}
        code, output, errors = run(*words, folder=tmp_path, environ={**os.environ, **home})
        assert (code != 0) is fails, output + errors
        return output + "\n" + errors

    return etabli


def test_from_a_login_to_a_published_model_and_a_sorted_file(shell, running_hub, tmp_path):
    token, here = running_hub.tokens["bob"], running_hub.endpoint
    assert "no hub in etabli-data" in shell("runs", "ls", fails=True)
    assert "unknown, revoked or out of date" in shell(
        "login", here, "--token", "x" * 40, fails=True
    )
    assert not (tmp_path / ".config").exists()
    said = shell("login", f"{here}/", "--token", token)
    assert f"You are logged in to {here} as bob." in said
    assert token not in said
    assert "bob\ttest\t" in shell("whoami")

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "train.csv").write_text(made.table_of_careless_labels())
    (tmp_path / "mine" / "answers.csv").write_text(made.replies())
    source = {"license": "mit", "attribution": "By us.", "is_public": True}
    (tmp_path / "mine" / "source.json").write_text(json.dumps(source))
    said = shell("create", "mine", "--name", "shell")
    assert f"On {here}" in said
    assert "63 texts, 3 labels" in said
    assert "Make each of them one label (merge_look_alikes)." in said
    assert "Everybody will see rows like these:" in said
    assert "times out of 100" in said
    assert "modelled" in said
    assert f"Published: {here}/bob/shell" in said
    assert "already exists" in shell("create", "mine", "--name", "shell", fails=True)

    said = shell("ask", "bob/shell", "my card is lost")
    assert "Freeze the card in the app." in said
    assert "modelled]" in said
    (tmp_path / "new.csv").write_text("id,message\n1,my card is lost\n")
    assert "1 rows are sorted" in shell(
        "ask", "bob/shell", "--file", "new.csv", "--out", "sorted.csv"
    )
    assert ",card_lost,0." in (tmp_path / "sorted.csv").read_text("utf-8-sig")

    shell("create", "mine", "--name", "second", "--without-data")
    with running_hub.site.open_hub() as hub:
        bob = hub.accounts.actor("bob")
        exam = hub.repos.create(bob, RepoType.DATASET, "bob", "exam")
    rows = "text,label\n" + "my card is lost here,card_lost\nzzz,transfer_late\n" * 15
    commits.commit(running_hub.site, bob, exam, "main", [AddFile("test.csv", rows.encode())], "A")
    said = shell("compare", "bob/shell", "bob/second", "--dataset", "bob/exam")
    assert "bob/second: right " in said
    assert "would come by chance" in said

    listed = [line.split("\t") for line in shell("runs", "ls").splitlines() if "\t" in line]
    key, state, name, model = listed[-1]
    assert (state, name, model) == ("published", "shell", "bob/shell")
    assert "times out of 100" in shell("runs", "show", key)
    assert "times out of 100" in shell("runs", "follow", key)
    assert "its table is kept" in shell("runs", "stop", key)

    assert "forgotten here" in shell("logout")
    assert "not logged in" in shell("whoami", fails=True)


def test_which_hub_is_meant(shell, running_hub, tmp_path):
    token, here = running_hub.tokens["alice"], running_hub.endpoint
    named = {"ETABLI_HUB": here, "ETABLI_TOKEN": token}
    assert f"On {here}" in shell("runs", "ls", **named)
    other = "http://localhost:" + here.rpartition(":")[2]
    said = shell("runs", "ls", "--hub", other, fails=True, **named)  # its token is for ETABLI_HUB
    assert "Sign in first" in said
    assert "not both" in shell("runs", "ls", "--hub", here, "--data-dir", "x", fails=True)
    assert "no hub in x" in shell("runs", "ls", "--data-dir", "x", fails=True, **named)
    assert "no address of a hub" in shell("login", "https://a/b", "--token", token, fails=True)
    assert "On " not in shell("ask", "a/b", "hello", "--data-dir", "x", fails=True, **named)
