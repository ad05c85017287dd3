"""Large files: pointers in git, bytes elsewhere, and every way to ask for them."""

import base64
import hashlib

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits
from tests.api.huggingface.bodies import file_line

CONTENT = b"abcdefghij"
AT = "/alice/bert/resolve/main/x.bin"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


OID = sha256(CONTENT)


@pytest.fixture
def large(site, alice, bert):
    """x.bin, a large file of alice/bert."""
    commits.commit(site, alice, bert, "main", [AddFile("x.bin", CONTENT)], "Add x.bin")
    return bert


def lfs_line(path, oid=OID, **more):
    return {"key": "lfsFile", "value": {"path": path, "algo": "sha256", "oid": oid, **more}}


def modes(client, *files, **more):
    body = {"files": list(files), **more}
    answer = client.post("/api/models/alice/bert/preupload/main", json=body).json()
    return [file["uploadMode"] for file in answer["files"]]


class TestAskingHowToSend:
    @pytest.mark.parametrize(
        ("file", "mode"),
        [
            ({"path": "a.txt", "size": 5}, "regular"),
            ({"path": "a.safetensors", "size": 5}, "lfs"),
            ({"path": "deep/er/A.bin", "size": 5}, "lfs"),
            ({"path": "saved_model/x/y.json", "size": 5}, "lfs"),
            ({"path": "a.bin", "size": 0}, "regular"),
            ({"path": "a.txt", "size": 10_000_000}, "regular"),
            ({"path": "a.txt", "size": 10_000_001}, "lfs"),
            ({"path": "a.img", "size": 400_000, "sample": "AAAA"}, "lfs"),
            ({"path": "a.img", "size": 200_000, "sample": "AAAA"}, "regular"),
            ({"path": "a.img", "size": 400_000, "sample": "not base64"}, "regular"),
        ],
    )
    def test_by_name_size_and_sample(self, alices_client, bert, file, mode):
        assert modes(alices_client, file) == [mode]

    def test_the_branch_says_which_names_are_large(self, alices_client, bert, commit):
        rules = b"*.own filter=lfs diff=lfs merge=lfs -text\n*.bin -filter\n"
        commit(file_line(".gitattributes", rules))
        files = [{"path": "a.own", "size": 1}, {"path": "a.bin", "size": 1}]
        assert modes(alices_client, *files) == ["lfs", "regular"]

    def test_what_is_there_is_named_by_what_the_client_can_compute(self, alices_client, large):
        files = [{"path": "x.bin", "size": 10}, {"path": "letters.txt", "size": 10}]
        body = {"files": files}
        answer = alices_client.post("/api/models/alice/bert/preupload/main", json=body).json()
        assert answer["files"][0]["oid"] == OID
        assert len(answer["files"][1]["oid"]) == 40


class TestCommitting:
    def test_what_the_repository_holds(self, site, alices_client, large, commit):
        assert commit(lfs_line("y.bin", size=10), lfs_line("copy.bin")).status_code == 200
        for name in ("y.bin", "copy.bin"):
            assert alices_client.get(AT.replace("x.bin", name)).content == CONTENT

    def test_what_it_does_not_hold_is_refused(self, site, alice, alices_client, bert, commit):
        with site.open_hub() as hub:
            other = hub.repos.create(alice, RepoType.MODEL, "alice", "other")
        commits.commit(site, alice, other, "main", [AddFile("x.bin", CONTENT)], "Add")
        for line in (lfs_line("x.bin"), lfs_line("x.bin", size=10), lfs_line("x", oid="0" * 64)):
            refused = commit(line)
            assert refused.status_code == 422
            assert "does not hold" in refused.json()["error"]

    @pytest.mark.parametrize("value", [{"oid": "x" * 64}, {"oid": 1}, {"oid": OID, "size": "1"}])
    def test_nonsense_is_refused(self, large, commit, value):
        assert commit(lfs_line("x.bin", **value)).status_code == 400

    def test_another_size_is_refused(self, large, commit):
        assert commit(lfs_line("x.bin", size=11)).status_code == 422

    def test_a_stolen_pointer_is_refused_however_it_is_sent(
        self, site, alice, alices_client, bert, commit
    ):
        with site.open_hub() as hub:
            secret = hub.repos.create(alice, RepoType.MODEL, "alice", "secret", private=True)
        commits.commit(site, alice, secret, "main", [AddFile("x.bin", CONTENT)], "Add")
        pointer = alices_client.get("/alice/secret/raw/main/x.bin").content
        assert pointer.startswith(b"version https://git-lfs")
        for name in ("x.bin", "x.txt"):
            assert commit(file_line(name, pointer)).status_code == 422

    def test_what_was_to_be_large_becomes_so(self, alices_client, bert, commit):
        commit(file_line("y.bin", CONTENT), file_line("z.bin", b""))
        entries = {
            e["path"]: e for e in alices_client.get("/api/models/alice/bert/tree/main").json()
        }
        assert entries["y.bin"]["lfs"]["oid"] == OID
        assert entries["y.bin"]["size"] == 10
        assert "lfs" not in entries["z.bin"]


class TestReading:
    def test_lists_say_what_stands_behind(self, alices_client, large):
        expected = {"oid": OID, "size": 10, "pointerSize": 127}
        (entry,) = alices_client.post(
            "/api/models/alice/bert/paths-info/main", json={"paths": ["x.bin"]}
        ).json()
        assert entry["lfs"] == expected
        assert entry["size"] == 10
        info = alices_client.get("/api/models/alice/bert?blobs=true").json()
        sibling = next(s for s in info["siblings"] if s["rfilename"] == "x.bin")
        assert sibling["lfs"] == {"sha256": OID, "size": 10, "pointerSize": 127}

    def test_the_headers_name_the_bytes_and_not_the_pointer(self, alices_client, large):
        for response in (alices_client.head(AT), alices_client.get(AT)):
            assert response.headers["etag"] == f'"{OID}"'
            assert response.headers["x-linked-etag"] == f'"{OID}"'
            assert response.headers["x-linked-size"] == "10"
            assert response.headers["content-length"] == "10"
            assert len(response.headers["x-repo-commit"]) == 40
        known = alices_client.get(AT, headers={"If-None-Match": f'"{OID}"'})
        assert known.status_code == 304

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ("bytes=0-0", b"a"),
            ("bytes=2-4", b"cde"),
            ("bytes=7-", b"hij"),
            ("bytes=-2", b"ij"),
            ("bytes=-99", CONTENT),
            ("bytes=8-99", b"ij"),
        ],
    )
    def test_a_part(self, alices_client, large, asked, expected):
        response = alices_client.get(AT, headers={"Range": asked})
        assert (response.status_code, response.content) == (206, expected)
        start = CONTENT.index(expected)
        said = f"bytes {start}-{start + len(expected) - 1}/10"
        assert response.headers["content-range"] == said
        assert response.headers["content-length"] == str(len(expected))

    @pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-20", "bytes=-0"])
    def test_past_the_end(self, alices_client, large, asked):
        response = alices_client.get(AT, headers={"Range": asked})
        assert (response.status_code, response.content) == (416, b"")
        assert response.headers["content-range"] == "bytes */10"

    @pytest.mark.parametrize(
        "asked", ["bytes=4-2", "bytes=-", "lines=1-2", "bytes=0-1,3-4", f"bytes={'9' * 30}-"]
    )
    def test_what_is_no_range_is_ignored(self, alices_client, large, asked):
        response = alices_client.get(AT, headers={"Range": asked})
        assert (response.status_code, response.content) == (200, CONTENT)

    def test_of_another_version_all_is_sent(self, alices_client, large):
        headers = {"Range": "bytes=2-4", "If-Range": '"other"'}
        assert alices_client.get(AT, headers=headers).content == CONTENT

    def test_text_is_shown_though_it_is_large(self, site, alice, alices_client, bert, commit):
        commit(file_line(".gitattributes", b"*.md filter=lfs diff=lfs merge=lfs -text\n"))
        commit(file_line("README.md", b"---\nlicense: mit\n---\n# A large card\n"))
        assert "A large card" in alices_client.get("/alice/bert").text


class TestNotHeldAnyMore:
    def test_is_not_found_in_old_commits(self, site, alice, alices_client, large):
        sha = alices_client.get("/api/models/alice/bert").json()["sha"]
        (listed,) = alices_client.get("/api/models/alice/bert/lfs-files").json()
        assert (listed["filename"], listed["oid"], listed["size"]) == ("x.bin", OID, 10)
        assert listed["ref"] == "refs/heads/main"
        body = {"deletions": {"sha": [listed["fileOid"]], "rewriteHistory": True}}
        address = "/api/models/alice/bert/lfs-files/batch"
        for _ in range(2):
            answer = alices_client.post(address, json=body)
            assert answer.status_code == 200
            assert answer.json()["rewroteHistory"] is False
            assert "History is not rewritten" in answer.json()["message"]
        assert alices_client.get(AT).headers["x-error-code"] == "EntryNotFound"
        assert alices_client.get(AT.replace("main", sha)).status_code == 404
        assert alices_client.get("/api/models/alice/bert/lfs-files").json() == []


class TestMoved:
    @pytest.fixture
    def moved(self, alices_client, large):
        move = {"fromRepo": "alice/bert", "toRepo": "alice/ernie", "type": "model"}
        assert alices_client.post("/api/repos/move", json=move).status_code == 200

    @pytest.mark.parametrize(
        "address",
        [
            "/api/models/alice/bert",
            "/api/models/alice/bert/tree/main?recursive=true&expand=false",
            "/alice/bert/resolve/main/x.bin",
            "/alice/BERT/resolve/main/deep%2Fer/a%20%3F",
            "/alice/bert.git/info/refs?service=git-upload-pack",
            "/alice/bert",
        ],
    )
    def test_the_old_name_leads_to_the_new_one(self, client, alices_client, moved, address):
        response = alices_client.get(address, follow_redirects=False)
        assert response.status_code == 307
        expected = address.replace("bert", "ernie").replace("BERT", "ernie")
        assert response.headers["location"] == expected

    def test_what_is_sent_goes_along(self, alices_client, moved):
        body = {"operation": "download", "objects": [{"oid": OID, "size": 10}]}
        answer = alices_client.post("/alice/bert.git/info/lfs/objects/batch", json=body)
        assert "actions" in answer.json()["objects"][0]

    def test_a_new_repository_takes_the_name(self, alices_client, moved):
        alices_client.post("/api/repos/create", json={"name": "bert"})
        assert alices_client.get("/api/models/alice/bert").json()["id"] == "alice/bert"

    def test_back_and_forth(self, alices_client, moved):
        move = {"fromRepo": "alice/ernie", "toRepo": "alice/bert", "type": "model"}
        assert alices_client.post("/api/repos/move", json=move).status_code == 200
        for name in ("bert", "ernie"):
            assert alices_client.get(f"/api/models/alice/{name}").json()["id"] == "alice/bert"

    def test_who_may_not_see_it_sees_nothing(self, site, client, alices_client, moved, bob):
        alices_client.put("/api/models/alice/ernie/settings", json={"private": True})
        with site.open_hub() as hub:
            token = hub.accounts.issue_token("bob", "write", "t").secret
        client.headers["Authorization"] = f"Bearer {token}"
        assert client.get("/api/models/alice/bert", follow_redirects=False).status_code == 404


class TestDuplicating:
    def test_all_of_it(self, alices_client, large):
        body = {"repository": "alice/twin", "visibility": "private"}
        answer = alices_client.post("/api/models/alice/bert/duplicate", json=body)
        assert answer.json()["url"] == "http://testserver/alice/twin"
        twin = alices_client.get("/api/models/alice/twin").json()
        assert twin["private"]
        assert twin["sha"] == alices_client.get("/api/models/alice/bert").json()["sha"]
        assert alices_client.get(AT.replace("bert", "twin")).content == CONTENT
        again = alices_client.post("/api/models/alice/bert/duplicate", json=body)
        assert (again.status_code, again.json()["url"]) == (409, "http://testserver/alice/twin")

    def test_large_files_for_another_repository(self, site, alice, alices_client, large, bob):
        alices_client.post("/api/repos/create", json={"name": "other", "type": "dataset"})
        files = [{"xetHash": "0" * 64, "sha256": one, "filename": "x"} for one in (OID, "1" * 64)]
        body = {"target": {"type": "dataset", "name": "alice/other"}, "files": files}
        address = "/api/models/alice/bert/lfs-files/duplicate"
        failed = alices_client.post(address, json=body).json()["failed"]
        assert [one["sha256"] for one in failed] == ["1" * 64]
        with site.read_hub() as hub:
            other = hub.repos.get(alice, RepoType.DATASET, "alice/other")
            assert hub.repos.has_blob(other, OID)
        with site.open_hub() as hub:
            token = hub.accounts.issue_token("bob", "write", "t").secret
        headers = {"Authorization": f"Bearer {token}"}
        assert alices_client.post(address, json=body, headers=headers).status_code == 403


class TestCopiesOverTheQuota:
    """What is copied within the hub counts as what is sent."""

    @pytest.fixture
    def settings(self, settings):
        return settings.model_copy(update={"namespace_quota_gb": 15e-9})

    def test_a_repository_is_not_duplicated(self, site, alices_client, large):
        body = {"repository": "alice/twin"}
        answer = alices_client.post("/api/models/alice/bert/duplicate", json=body)
        assert answer.status_code == 413
        assert "alice may hold" in answer.json()["error"]
        assert alices_client.get("/api/models/alice/twin").status_code == 404
        assert len(list(site.backends.git.keys())) == 1, "nothing is left on disk"

    def test_files_are_not_shared(self, site, alices_client, large):
        alices_client.post("/api/repos/create", json={"name": "other"})
        files = [{"xetHash": "0" * 64, "sha256": OID, "filename": "x"}]
        body = {"target": {"type": "model", "name": "alice/other"}, "files": files}
        address = "/api/models/alice/bert/lfs-files/duplicate"
        assert alices_client.post(address, json=body).status_code == 413
        body["target"]["name"] = "alice/bert"
        assert alices_client.post(address, json=body).json() == {"failed": []}, "held already"


def test_a_history_is_squashed(alices_client, large):
    sha = alices_client.get("/api/models/alice/bert").json()["sha"]
    address = "/api/models/alice/bert/super-squash/main"
    assert alices_client.post(address, json={"message": "One"}).status_code == 200
    commits = alices_client.get("/api/models/alice/bert/commits/main").json()
    assert [commit["title"] for commit in commits] == ["One"]
    assert alices_client.get(AT).content == CONTENT
    assert alices_client.get(f"/api/models/alice/bert/revision/{sha}").status_code == 404


def test_the_sample_is_of_the_start(alices_client, bert):
    sample = base64.b64encode(b"text" * 128).decode()
    assert modes(alices_client, {"path": "a", "size": 9_000_000, "sample": sample}) == ["regular"]
