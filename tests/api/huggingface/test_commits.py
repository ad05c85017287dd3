import json

import pytest

from etabli.features.git import AddFile
from etabli.operations import pull_requests
from etabli.settings import Settings
from tests.api.huggingface.bodies import file_line


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", embedded_worker=False, max_file_mb=1, max_commit_mb=2
    )


def tree(client, revision="main"):
    entries = client.get(f"/api/models/alice/bert/tree/{revision}?recursive=true").json()
    return {entry["path"] for entry in entries if entry["type"] == "file"}


class TestAskingHowToSend:
    address = "/api/models/alice/bert/preupload/main"

    def ask(self, client, *files, **more):
        return client.post(self.address, json={"files": list(files), **more})

    def test_what_is_small_goes_in_the_commit(self, alices_client, bert):
        letters, new = {"path": "letters.txt", "size": 10}, {"path": "new.txt", "size": 3}
        known, unknown = self.ask(alices_client, letters, new).json()["files"]
        assert known["uploadMode"] == unknown["uploadMode"] == "regular"
        assert len(known["oid"]) == 40
        assert unknown["oid"] is None
        assert unknown["shouldIgnore"] is False

    def test_a_file_too_large_is_named(self, alices_client, bert):
        response = self.ask(alices_client, {"path": "big.txt", "size": 1_000_001})
        assert response.status_code == 413
        assert "big.txt" in response.json()["error"]

    def test_the_rules_of_the_commit_or_else_of_the_repository(self, alices_client, bert, commit):
        log = {"path": "a.log", "size": 1}
        assert self.ask(alices_client, log, gitIgnore="*.log").json()["files"][0]["shouldIgnore"]
        commit(file_line(".gitignore", b"*.log\n"))
        assert self.ask(alices_client, log).json()["files"][0]["shouldIgnore"]

    def test_as_git_reads_the_attributes(self, alices_client, bert, commit):
        commit(file_line(".gitattributes", b"data/** filter=lfs\n*.[^o] filter=lfs\n"))
        paths = ("data/a/b/c", "x.a", "x.o", "other/data/a")
        answer = self.ask(alices_client, *({"path": path, "size": 1} for path in paths)).json()
        assert [file["uploadMode"] for file in answer["files"]] == ["lfs", "lfs"] + ["regular"] * 2

    @pytest.mark.parametrize(
        "body",
        [
            {"files": [{"path": "x", "size": 1}] * 1001},
            {"files": [{"path": "x" * 5000, "size": 1}]},
            {"files": [{"path": "x", "size": 1, "sample": "A" * 3000}]},
            {"files": [{"path": "x", "size": -1}]},
            {"files": [], "gitIgnore": "x" * 300_000},
        ],
    )
    def test_more_than_any_client_asks(self, alices_client, bert, body):
        assert alices_client.post(self.address, json=body).status_code == 400

    @pytest.mark.parametrize("path", ["a/" * 65 + "b", "../x", "x" * 300, "a//b"])
    def test_a_path_that_no_commit_takes(self, alices_client, bert, path):
        assert self.ask(alices_client, {"path": path, "size": 1}).status_code == 422

    def test_rules_that_take_too_long_are_refused(self, alices_client, bert):
        files = [{"path": f"{'a' * 200}/{'a' * 200}/{number}", "size": 1} for number in range(1000)]
        for ignore in ("**/*a*a/*a*b/c\n" * 4000, "#" * 70_000):
            response = self.ask(alices_client, *files, gitIgnore=ignore)
            assert response.status_code == 413
            assert ".gitignore" in response.json()["error"]

    def test_attributes_too_long_can_still_be_mended(self, alices_client, bert, commit):
        commit(file_line(".gitattributes", b"# long\n" * 10_000))
        assert self.ask(alices_client, {"path": "x", "size": 1}).status_code == 413
        assert commit(file_line("x", b"1")).status_code == 413
        assert commit(file_line(".gitattributes", b"")).status_code == 200
        assert commit(file_line("x", b"1")).status_code == 200

    def test_to_an_unknown_branch(self, alices_client, bert):
        response = alices_client.post(
            "/api/models/alice/bert/preupload/nope", json={"files": [{"path": "x", "size": 1}]}
        )
        assert response.headers["x-error-code"] == "RevisionNotFound"


class TestCommitting:
    def test_adds_and_deletes(self, alices_client, bert, commit):
        response = commit(
            file_line("new/a.bin", b"\0\1"),
            {"key": "deletedFile", "value": {"path": "letters.txt"}},
            {"key": "deletedFolder", "value": {"path": "deep/"}},
        )
        shape = response.json()
        assert shape["success"] is True
        assert shape["commitUrl"] == f"http://testserver/alice/bert/commit/{shape['commitOid']}"
        paths = tree(alices_client)
        assert "new/a.bin" in paths
        assert "letters.txt" not in paths
        assert not any(path.startswith("deep/") for path in paths)

    def test_on_top_of_what_was_seen_or_not_at_all(self, alices_client, bert, commit):
        seen = alices_client.get("/api/models/alice/bert").json()["sha"]
        assert commit(file_line("a", b"1"), parentCommit=seen[:10]).status_code == 200
        response = commit(file_line("a", b"2"), parentCommit=seen)
        assert response.status_code == 412
        assert "updated since you opened this page" in response.json()["error"]

    def test_json_without_end_and_changes_without_end(self, alices_client, bert):
        address, kind = "/api/models/alice/bert/commit/main", "application/x-ndjson"
        deep = "[" * 100_000
        many = '{"key":"deletedFile","value":{"path":"x"}}\n' * 50_001
        for body, status in ((deep, 400), (many, 413), ('{"path":"\\q"' + "x" * 2_000_000, 413)):
            headers = {"Content-Type": kind}
            response = alices_client.post(address, content=body, headers=headers)
            assert response.status_code == status

    def test_deleting_nothing_is_told(self, commit, bert):
        response = commit({"key": "deletedFile", "value": {"path": "nope"}})
        assert response.headers["x-error-code"] == "EntryNotFound"
        assert "A file with this name doesn't exist" in response.json()["error"]

    @pytest.mark.parametrize("path", ["..\\x", "../x", "/x", "a/../b", ".git/config", "a//b", ""])
    def test_a_path_that_leads_elsewhere_is_refused(self, commit, bert, path):
        assert commit(file_line(path, b"")).status_code == 422

    @pytest.mark.parametrize("filler", [1_000_001, 1_800_000])
    def test_a_file_over_the_limit_is_named(self, commit, bert, filler):
        response = commit(file_line("big.bin", b"x" * filler))
        assert response.status_code == 413
        assert "big.bin" in response.json()["error"]

    def test_a_commit_over_the_limit_is_refused(self, commit, bert):
        lines = [file_line(f"{n}.bin", b"x" * 900_000) for n in range(3)]
        assert commit(*lines).status_code == 413

    def test_even_one_of_more_than_it_reads(self, commit, bert):
        lines = [file_line(f"{n}.bin", b"x" * 900_000) for n in range(17)]
        assert commit(*lines).status_code == 413

    @pytest.mark.parametrize(
        "line",
        [
            b"{",
            b'"x"',
            b'{"key": "file", "value": {"content": ""}}',
            b'{"key": "what", "value": {"path": "x"}}',
            b'{"key": "file", "value": {"path": "x", "content": "*", "encoding": "base64"}}',
        ],
    )
    def test_nonsense_is_told_with_its_line(self, alices_client, bert, line):
        header = json.dumps({"key": "header", "value": {"summary": "x"}}).encode()
        response = alices_client.post(
            "/api/models/alice/bert/commit/main", content=header + b"\n" + line
        )
        assert response.status_code == 400
        assert "Line 2" in response.json()["error"]

    def test_a_thousand_files_at_once(self, alices_client, bert, commit):
        assert commit(*[file_line(f"f/{n}", b"%d" % n) for n in range(1000)]).status_code == 200
        first = alices_client.get("/api/models/alice/bert/tree/main/f")
        assert len(first.json()) == 1000
        assert "next" not in first.links


class TestRefs:
    base = "/api/models/alice/bert"

    def test_branches_and_tags_come_and_go(self, alices_client, bert):
        assert alices_client.post(f"{self.base}/branch/dev", json={}).status_code == 200
        again = alices_client.post(f"{self.base}/branch/dev", json={})
        assert again.status_code == 409
        assert "Reference refs/heads/dev already exists" in again.json()["error"]
        alices_client.post(f"{self.base}/tag/dev", json={"tag": "v1", "message": "one"})
        refs = alices_client.get(f"{self.base}/refs?include_prs=1").json()
        assert [ref["name"] for ref in refs["branches"]] == ["dev", "main"]
        assert [ref["ref"] for ref in refs["tags"]] == ["refs/tags/v1"]
        assert refs["converts"] == refs["pullRequests"] == []
        assert alices_client.delete(f"{self.base}/branch/dev").status_code == 200
        assert alices_client.delete(f"{self.base}/tag/v1").status_code == 200
        assert "Invalid rev id" in alices_client.delete(f"{self.base}/branch/dev").json()["error"]

    def test_the_main_branch_stays(self, alices_client, bert):
        response = alices_client.delete(f"{self.base}/branch/main")
        assert "Cannot delete refs/heads/main" in response.json()["error"]

    def test_history_in_pages_newest_first(self, alices_client, bert):
        response = alices_client.get(f"{self.base}/commits/main?limit=1&expand[]=formatted")
        (newest,) = response.json()
        assert (newest["title"], newest["message"]) == ("Add files", "All of them")
        assert newest["authors"] == [{"user": "alice"}]
        assert newest["formatted"]["title"] == "Add files"
        (oldest,) = alices_client.get(response.links["next"]["url"]).json()
        assert oldest["title"] == "initial commit"


def test_a_proposal_is_squashed_and_can_still_be_merged(site, alices_client, alice, bert):
    with site.open_hub() as hub:
        num = hub.proposals.open_empty(alice, bert, "A change", "").num
    ref = f"refs/pr/{num}"
    for word in (b"one", b"two", b"three"):
        pull_requests.commit(site, alice, bert, ref, [AddFile("notes.md", word)], "A step")
    address = f"/api/models/alice/bert/super-squash/refs%2Fpr%2F{num}"
    assert alices_client.post(address, json={"message": "All of it"}).status_code == 200

    listed = alices_client.get(f"/api/models/alice/bert/commits/refs%2Fpr%2F{num}").json()
    before = alices_client.get("/api/models/alice/bert/commits/main").json()
    assert [one["title"] for one in listed] == ["All of it", *(one["title"] for one in before)]
    with site.open_hub() as hub:
        hub.community.set_open(alice, bert, num, True)
    pull_requests.merge(site, alice, bert, num)
    assert alices_client.get("/alice/bert/resolve/main/notes.md").content == b"three"
    assert alices_client.post(address, json={}).status_code in (403, 409), "it is merged"
    gone = address.replace(f"pr%2F{num}", "pr%2F99")
    assert alices_client.post(gone, json={}).status_code == 404
