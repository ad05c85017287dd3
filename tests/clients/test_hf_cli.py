"""The `hf` command, as somebody new to the hub would use it."""

import json
import sys
from pathlib import Path

import pytest

HF = str(Path(sys.executable).with_name("hf"))


@pytest.fixture
def hf(run):
    def hf(*arguments: str, **more: object) -> str:
        return run(HF, *arguments, **more)

    return hf


def test_from_signing_in_to_a_download(running_hub, hf, repo_id, tmp_path):
    token = running_hub.tokens["alice"]
    home = {"HF_HOME": str(tmp_path / "home"), "HF_TOKEN": ""}
    hf("auth", "login", "--token", token, **home)
    assert "alice" in hf("auth", "whoami", **home)

    hf("repos", "create", repo_id, **home)
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "a.txt").write_text("deep")
    (tmp_path / "one.txt").write_text("one")
    hf("upload", repo_id, "folder", "there", **home)
    output = hf("upload", repo_id, "one.txt", **home)
    assert f"{running_hub.endpoint}/{repo_id}" in output

    hf("download", repo_id, "--local-dir", "got", **home)
    assert (tmp_path / "got/there/deep/a.txt").read_text() == "deep"
    assert (tmp_path / "got/one.txt").read_text() == "one"
    hf("download", repo_id, "one.txt", "--local-dir", "alone", **home)
    assert (tmp_path / "alone/one.txt").read_text() == "one"

    assert repo_id in hf("models", "ls", "--author", "alice", **home)
    assert repo_id in hf("models", "info", repo_id, **home)
    assert "one.txt" in hf("models", "ls", repo_id, **home)


def test_repositories_and_their_refs(hf, repo_id):
    hf("repos", "create", repo_id, "--type", "dataset", "--private")
    hf("repos", "branch", "create", repo_id, "dev", "--type", "dataset")
    hf("repos", "tag", "create", repo_id, "v1", "--type", "dataset")
    assert "v1" in hf("repos", "tag", "list", repo_id, "--type", "dataset")
    hf("repos", "settings", repo_id, "--type", "dataset", "--public")
    assert repo_id in hf(
        "datasets", "ls", "--search", repo_id.partition("/")[2], "--format", "json"
    )
    hf("repos", "delete-files", repo_id, ".gitattributes", "--type", "dataset")
    assert repo_id in hf("repos", "ls")
    hf("repos", "delete", repo_id, "--type", "dataset", "--yes")


def test_signing_in_by_code_fails_quickly_with_the_way_to_do_it(hf, tmp_path):
    output = hf("auth", "login", fails=True, HF_TOKEN="", HF_HOME=str(tmp_path / "home"))
    assert "--token" in output


def test_a_stranger_is_told_that_there_is_nothing(running_hub, hf, repo_id):
    hf("repos", "create", repo_id, "--private")
    output = hf("download", repo_id, token=running_hub.tokens["bob"], fails=True)
    assert "not found" in output.lower()


def test_a_card_is_shown_as_it_is(hf, repo_id, tmp_path):
    hf("repos", "create", repo_id)
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n\n# Hello\n")
    hf("upload", repo_id, "README.md")
    shown = hf("models", "info", repo_id, "--expand", "cardData,sha", "--format", "json")
    assert json.loads(shown)["card_data"]["license"] == "mit"


def test_a_pull_request_from_its_file_to_its_merge(running_hub, hf, repo_id, tmp_path):
    bob = running_hub.tokens["bob"]
    hf("repos", "create", repo_id)
    (tmp_path / "new.txt").write_text("new\n")
    hf("upload", repo_id, "new.txt", "--create-pr", token=bob)
    hf("download", repo_id, "new.txt", "--revision", "refs/pr/1", "--local-dir", "seen")
    assert (tmp_path / "seen/new.txt").read_text() == "new\n"
    assert "+new" in hf("discussions", "diff", repo_id, "1")
    hf("discussions", "comment", repo_id, "1", "--body", "Thank you.")
    hf("discussions", "rename", repo_id, "1", "A new file")
    assert "A new file" in hf("discussions", "info", repo_id, "1")
    hf("discussions", "merge", repo_id, "1", "--yes")
    hf("download", repo_id, "new.txt", "--local-dir", "got")
    assert (tmp_path / "got/new.txt").read_text() == "new\n"

    hf("discussions", "create", repo_id, "--title", "A question", token=bob)
    assert "A question" in hf("discussions", "list", repo_id)
    hf("discussions", "close", repo_id, "2", "--yes")
    hf("discussions", "reopen", repo_id, "2", "--yes")
