import pytest

from etabli.features.git import AddFile, DeleteFile
from etabli.features.repos import RepoType
from etabli.operations import commits

ODD = "deep/er/a%20%3F%23%25%2C%3Ab.txt"


def sha_of(client):
    return client.get("/api/models/alice/bert").json()["sha"]


class TestResolving:
    def test_a_head_says_all_that_a_client_caches(self, client, bert):
        response = client.head("/alice/bert/resolve/main/letters.txt")
        assert response.headers["x-repo-commit"] == sha_of(client)
        # `printf abcdefghij | git hash-object --stdin`
        assert response.headers["etag"] == '"c76a96421b967235e3e3c307c8fe4ff16fbef402"'
        assert response.headers["content-length"] == "10"
        assert response.headers["accept-ranges"] == "bytes"
        assert response.content == b""

    def test_a_get_says_the_bytes(self, client, bert):
        response = client.get("/alice/bert/resolve/main/letters.txt")
        assert response.content == b"abcdefghij"
        assert response.headers["etag"].strip('"') == next(
            f["oid"]
            for f in client.get("/api/models/alice/bert/tree/main").json()
            if f["path"] == "letters.txt"
        )

    def test_a_path_is_decoded_once(self, client, bert):
        assert client.get(f"/alice/bert/resolve/main/{ODD}").content == b"odd"
        assert client.get(f"/alice/bert/raw/main/{ODD}").content == b"odd"

    def test_an_empty_file_is_one(self, client, bert):
        response = client.get("/alice/bert/resolve/main/empty.txt")
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["content-length"] == "0"

    @pytest.mark.parametrize(
        ("asked", "given", "bytes_"),
        [
            ("bytes=2-4", "bytes 2-4/10", b"cde"),
            ("bytes=7-", "bytes 7-9/10", b"hij"),
            ("bytes=-2", "bytes 8-9/10", b"ij"),
            ("bytes=-99", "bytes 0-9/10", b"abcdefghij"),
            ("bytes=8-99", "bytes 8-9/10", b"ij"),
        ],
    )
    def test_a_range_is_exact(self, client, bert, asked, given, bytes_):
        headers = {"Range": asked}
        response = client.get("/alice/bert/resolve/main/letters.txt", headers=headers)
        assert response.status_code == 206
        assert response.headers["content-range"] == given
        assert response.headers["content-length"] == str(len(bytes_))
        assert response.content == bytes_

    @pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-20", "bytes=-0"])
    def test_a_range_beyond_the_end_is_none(self, client, bert, asked):
        headers = {"Range": asked}
        response = client.get("/alice/bert/resolve/main/letters.txt", headers=headers)
        assert response.status_code == 416
        assert response.headers["content-range"] == "bytes */10"

    @pytest.mark.parametrize("asked", ["bytes=4-2", "bytes=-", "lines=1-2", "bytes=0-1,3-4"])
    def test_what_is_no_range_is_ignored(self, client, bert, asked):
        headers = {"Range": asked}
        response = client.get("/alice/bert/resolve/main/letters.txt", headers=headers)
        assert (response.status_code, response.content) == (200, b"abcdefghij")

    def test_a_range_of_another_version_is_the_whole_file(self, client, bert):
        headers = {"Range": "bytes=2-4", "If-Range": '"another"'}
        response = client.get("/alice/bert/resolve/main/letters.txt", headers=headers)
        assert response.status_code == 200

    def test_what_is_known_is_not_sent_again(self, client, bert):
        address = "/alice/bert/resolve/main/letters.txt"
        etag = client.head(address).headers["etag"]
        response = client.get(address, headers={"If-None-Match": f'"x", W/{etag}'})
        assert (response.status_code, response.content) == (304, b"")

    def test_a_missing_file_tells_the_commit(self, client, bert):
        for path in ("nothing.txt", "deep", "deep/er/"):
            response = client.head(f"/alice/bert/resolve/main/{path}")
            assert response.status_code == 404
            assert response.headers["x-error-code"] == "EntryNotFound"
            assert response.headers["x-repo-commit"] == sha_of(client)

    def test_a_missing_revision_is_told(self, client, bert):
        response = client.head("/alice/bert/resolve/v9/letters.txt")
        assert response.headers["x-error-code"] == "RevisionNotFound"

    @pytest.mark.parametrize("revision", ["refs%2Fheads%2Fmain", "refs/heads/main"])
    def test_a_full_ref_is_a_revision_even_behind_a_proxy_that_decodes(
        self, client, bert, revision
    ):
        response = client.get(f"/alice/bert/resolve/{revision}/letters.txt")
        assert response.content == b"abcdefghij"

    def test_a_branch_with_a_slash(self, alices_client, bert):
        alices_client.post("/api/models/alice/bert/branch/a%2Fb", json={})
        response = alices_client.get("/alice/bert/resolve/a%2Fb/letters.txt")
        assert response.content == b"abcdefghij"

    def test_only_a_commit_is_kept_by_caches(self, client, alices_client, bert):
        sha = sha_of(client)
        of = "/alice/bert/resolve/{}/letters.txt".format
        assert "immutable" in client.head(of(sha)).headers["cache-control"]
        assert client.head(of("main")).headers["cache-control"] == "no-cache"
        alices_client.put("/api/models/alice/bert/settings", json={"private": True})
        assert alices_client.head(of(sha)).headers["cache-control"] == "private, no-cache"

    def test_nothing_of_a_repository_runs_in_a_browser(self, client, bert):
        headers = client.get("/alice/bert/resolve/main/page.html").headers
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"].startswith("attachment")
        assert headers["content-security-policy"].startswith("sandbox")
        headers = client.get("/alice/bert/resolve/main/README.md").headers
        assert headers["content-type"] == "text/plain; charset=utf-8"
        assert headers["content-disposition"].startswith("inline")

    def test_a_get_counts_as_a_download_and_nothing_else_does(self, site, client, bert):
        address = "/alice/bert/resolve/main/config.json"
        client.head(address)
        client.get(address, headers={"Range": "bytes=5-"})
        client.get(address, headers={"X-HF-Download-Counter": "0"})
        assert not site.usage.take()
        client.get(address, headers={"X-HF-Download-Counter": "1"})
        client.get(address)
        assert site.usage.take().downloads == {bert.key: 2}

    def test_of_a_model_the_file_that_stands_for_all_counts(self, site, alice, client, bert):
        for path in ("README.md", "letters.txt", ".gitattributes"):
            client.get(f"/alice/bert/resolve/main/{path}")
        assert not site.usage.take()
        more = [AddFile("model_index.json", b"{}"), AddFile("deep/config.json", b"{}")]
        commits.commit(site, alice, bert, "main", more, "More")
        for path in ("model_index.json", "deep/config.json"):
            client.get(f"/alice/bert/resolve/main/{path}")
        assert not site.usage.take()
        commits.commit(site, alice, bert, "main", [DeleteFile("config.json")], "Less")
        for path in ("README.md", "model_index.json"):
            client.get(f"/alice/bert/resolve/main/{path}")
        assert site.usage.take().downloads == {bert.key: 1}

    def test_without_such_a_file_all_that_a_client_fetches_at_once_counts_as_one(
        self, site, alice, client, bert
    ):
        with site.open_hub() as hub:
            data = hub.repos.create(alice, RepoType.DATASET, "alice", "data")
        files = [AddFile(f"{name}.csv", b"a") for name in "abcdefgh"]
        commits.commit(site, alice, data, "main", [*files, AddFile("config.json", b"{}")], "Files")
        for agent in ("one", "two"):
            for name in "abcdefgh":
                address = f"/datasets/alice/data/resolve/main/{name}.csv"
                client.get(address, headers={"User-Agent": agent})
        assert site.usage.take().downloads == {data.key: 2}


class TestTrees:
    def test_folders_come_first(self, client, bert):
        entries = client.get("/api/models/alice/bert/tree/main").json()
        assert [entry["path"] for entry in entries][:2] == ["deep", ".gitattributes"]
        assert entries[0]["type"] == "directory"
        assert "lastCommit" not in entries[0]

    def test_of_a_folder_written_in_either_way(self, client, bert):
        for folder in ("deep%2Fer", "deep/er"):
            entries = client.get(f"/api/models/alice/bert/tree/main/{folder}").json()
            assert [entry["path"] for entry in entries] == ["deep/er/a ?#%,:b.txt"]

    def test_recursive_lists_the_folders_too(self, client, bert):
        entries = client.get("/api/models/alice/bert/tree/main?recursive=true").json()
        assert [e["path"] for e in entries if e["type"] == "directory"] == ["deep", "deep/er"]

    def test_expanded_tells_the_last_commit(self, client, bert):
        entries = client.get("/api/models/alice/bert/tree/main?expand=true").json()
        titles = {entry["path"]: entry["lastCommit"]["title"] for entry in entries}
        assert titles[".gitattributes"] == "initial commit"
        assert titles["deep"] == "Add files"
        assert entries[0]["lastCommit"]["date"].endswith("Z")

    def test_a_file_or_nothing_is_no_folder(self, client, bert):
        for path in ("config.json", "nothing"):
            response = client.get(f"/api/models/alice/bert/tree/main/{path}")
            assert response.headers["x-error-code"] == "EntryNotFound"

    def test_a_long_one_comes_in_pages_of_one_commit(self, alices_client, bert, commit):
        lines = [
            {"key": "file", "value": {"path": f"many/{n:02}", "content": "", "encoding": "base64"}}
            for n in range(60)
        ]
        commit(*lines)
        first = alices_client.get("/api/models/alice/bert/tree/main/many?expand=true")
        assert len(first.json()) == 50
        commit({"key": "deletedFolder", "value": {"path": "many"}})
        following = first.links["next"]["url"]
        assert following.startswith("http://testserver/api/models/alice/bert/tree/")
        second = alices_client.get(following)
        assert [entry["path"] for entry in second.json()][-1] == "many/59"
        assert "next" not in second.links


class TestPathsInfo:
    address = "/api/models/alice/bert/paths-info/main"

    def test_by_form_in_the_order_asked_without_the_unknown(self, client, bert):
        paths = ["letters.txt", "nothing", "deep", "deep/er/a ?#%,:b.txt"]
        found = client.post(self.address, data={"paths": paths, "expand": "false"}).json()
        assert [(e["path"], e["type"]) for e in found] == [
            ("letters.txt", "file"),
            ("deep", "directory"),
            ("deep/er/a ?#%,:b.txt", "file"),
        ]

    def test_by_json_and_expanded(self, client, bert):
        asked = {"paths": ["letters.txt"], "expand": True}
        (entry,) = client.post(self.address, json=asked).json()
        assert entry["lastCommit"]["title"] == "Add files"

    def test_nonsense_is_refused(self, client, bert):
        assert client.post(self.address, json={"paths": 1}).status_code == 400
