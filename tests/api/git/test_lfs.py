"""The addresses of LFS; `tests/clients/test_lfs.py` drives git-lfs and huggingface_hub."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from etabli.api.git import lfs
from etabli.features.blobs import Holding
from etabli.features.repos import RepoType
from etabli.operations.maintenance import give_back
from tests.conftest import issue_token

CONTENT = b"some large file"
BATCH = "/alice/bert.git/info/lfs/objects/batch"
JSON = "application/vnd.git-lfs+json"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


OID, SIZE = sha256(CONTENT), len(CONTENT)


@pytest.fixture
def bert(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "bert")


@pytest.fixture
def secret(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "secret", private=True)


def ask(client, operation="upload", *, at=BATCH, oid=OID, size=SIZE, **more):
    body = {"operation": operation, "objects": [{"oid": oid, "size": size}], **more}
    response = client.post(at, json=body, headers={"Accept": JSON})
    assert response.status_code == 200, response.text
    return response.json()["objects"][0]


def put(client, asked, content=CONTENT):
    """As the clients do: without any credential."""
    return client.put(
        asked["actions"]["upload"]["href"], content=content, headers={"authorization": ""}
    )


def held(site, repo, oid=OID) -> bool:
    with site.read_hub() as hub:
        return hub.repos.has_blob(repo, oid)


class TestSending:
    def test_there_and_back(self, site, alices_client, bert):
        asked = ask(alices_client)
        assert put(alices_client, asked).status_code == 200
        assert held(site, bert)
        verify = asked["actions"]["verify"]["href"]
        said = {"oid": OID, "size": len(CONTENT)}
        assert alices_client.post(verify, json=said).status_code == 200
        assert alices_client.post(verify, json=said | {"size": 1}).status_code == 404
        assert "actions" not in ask(alices_client)
        href = ask(alices_client, "download")["actions"]["download"]["href"]
        assert alices_client.get(href, headers={"authorization": ""}).content == CONTENT

    def test_whoever_is_told_that_it_is_held_may_rely_on_it(self, site, alices_client, bert):
        put(alices_client, ask(alices_client))
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        with site.open_hub() as hub:
            hub.work.db.get(Holding, ("repo", bert.key, OID)).held_at = long_ago
        ask(alices_client, "download")
        with site.read_hub() as hub:
            assert hub.work.db.get(Holding, ("repo", bert.key, OID)).held_at == long_ago
        assert "actions" not in ask(alices_client)
        with site.read_hub() as hub:
            assert hub.work.db.get(Holding, ("repo", bert.key, OID)).held_at > long_ago

    @pytest.mark.parametrize(
        ("content", "status"),
        [(b"other bytes 123", 422), (CONTENT[:-1], 422), (CONTENT + b"1", 422), (b"", 422)],
    )
    def test_other_bytes_are_refused_and_leave_nothing(
        self, site, alices_client, bert, content, status
    ):
        assert put(alices_client, ask(alices_client), content).status_code == status
        assert not held(site, bert)
        assert put(alices_client, ask(alices_client)).status_code == 200

    def test_an_address_is_good_for_what_it_says(self, site, alices_client, bert):
        href = ask(alices_client)["actions"]["upload"]["href"]
        other = ask(alices_client, oid=sha256(b"other"), size=5)["actions"]["upload"]["href"]
        path, _, signed = href.partition("?")
        for wrong in (path, href[:-1], f"{path.replace(OID, sha256(b'other'))}?{signed}"):
            assert alices_client.put(wrong, content=CONTENT).status_code == 403
        assert alices_client.get(href).status_code == 403
        assert alices_client.put(other, content=CONTENT).status_code == 422

    def test_what_another_repository_holds_is_sent_all_the_same(
        self, site, alices_client, bert, secret
    ):
        at = BATCH.replace("bert", "secret")
        put(alices_client, ask(alices_client, at=at))
        assert held(site, secret)
        assert "actions" in ask(alices_client)
        assert ask(alices_client, "download")["error"]["code"] == 404
        assert not held(site, bert)

    def test_each_object_has_its_own_answer(self, alices_client, bert):
        too_large = 501 * 10**9
        assert ask(alices_client, size=too_large)["error"]["code"] == 413
        assert ask(alices_client, oid="none")["error"]["code"] == 422
        assert ask(alices_client, "download")["error"]["code"] == 404

    def test_in_parts_in_any_order_and_again(self, site, alices_client, bert, monkeypatch):
        monkeypatch.setattr(lfs, "IN_PARTS_FROM_BYTES", 10)
        monkeypatch.setattr(lfs, "PART_BYTES", 6)
        action = ask(alices_client, transfers=["basic", "multipart"])["actions"]["upload"]
        assert action["header"].pop("chunk_size") == "6"
        parts = [CONTENT[start : start + 6] for start in range(0, len(CONTENT), 6)]
        assert len(action["header"]) == len(parts)
        sent = list(zip(action["header"].values(), parts, strict=True))
        assert alices_client.post(action["href"], json={}).status_code == 422  # none has arrived
        for href, part in reversed([*sent, sent[0]]):
            assert alices_client.put(href, content=part).headers["etag"]
        assert alices_client.put(sent[0][0], content=b"short").status_code == 422
        assert alices_client.post(action["href"], json={}).status_code == 422  # that one is missing
        assert alices_client.put(sent[0][0], content=sent[0][1]).status_code == 200
        for _ in range(2):  # the first answer may have been lost
            assert alices_client.post(action["href"], json={}).status_code == 200
        assert held(site, bert)
        assert not list((site.settings.data_dir / "blobs/staging").iterdir())

    def test_parts_that_are_never_joined_are_given_back(
        self, site, alices_client, bert, monkeypatch
    ):
        monkeypatch.setattr(lfs, "IN_PARTS_FROM_BYTES", 10)
        monkeypatch.setattr(lfs, "PART_BYTES", 6)
        action = ask(alices_client, transfers=["multipart"])["actions"]["upload"]
        alices_client.put(action["header"]["00001"], content=CONTENT[:6]).raise_for_status()
        give_back(site)
        assert list((site.settings.data_dir / "blobs/staging").iterdir())
        give_back(site, grace=timedelta(0))
        assert not list((site.settings.data_dir / "blobs/staging").iterdir())
        assert alices_client.post(action["href"], json={}).status_code == 422

    def test_parts_that_make_something_else_are_refused(
        self, site, alices_client, bert, monkeypatch
    ):
        monkeypatch.setattr(lfs, "IN_PARTS_FROM_BYTES", 10)
        action = ask(alices_client, transfers=["multipart"])["actions"]["upload"]
        alices_client.put(action["header"]["00001"], content=b"x" * len(CONTENT))
        assert alices_client.post(action["href"], json={}).status_code == 422
        assert not held(site, bert)

    def test_by_xet_for_clients_that_let_the_hub_choose(self, alices_client, bert):
        body = {
            "operation": "upload",
            "transfers": ["basic", "multipart", "xet"],
            "objects": [{"oid": OID, "size": SIZE}],
        }
        answer = alices_client.post(BATCH, json=body).json()
        assert answer["transfer"] == "xet"
        action = answer["objects"][0]["actions"]["upload"]
        assert action["header"]["X-Xet-Cas-Url"].startswith("http://testserver/cas/")
        token = alices_client.get(action["href"])
        assert token.json()["casUrl"] == action["header"]["X-Xet-Cas-Url"]


class TestWhoMay:
    def test_a_reader_downloads_only(self, site, client, bert, bob):
        put(client, ask(_as(site, client, "alice")))
        body = {"operation": "upload", "objects": [{"oid": OID, "size": 1}]}
        client.headers.pop("Authorization")
        refused = client.post(BATCH, json=body)
        assert refused.status_code == 401
        assert refused.headers["lfs-authenticate"].startswith("Basic ")
        assert refused.headers["content-type"] == JSON
        assert "actions" in ask(client, "download")
        for name in ("refs/heads/main", "main", "refs/tags/v1", "refs/heads/refs/pr/1"):
            to_a_branch = {**body, "ref": {"name": name}}
            assert _as(site, client, "bob").post(BATCH, json=to_a_branch).status_code == 403
        assert ask(client, "download")["actions"]

    def test_a_reader_sends_for_a_proposal_in_his_own_count(self, site, client, bert, bob):
        put(client, ask(_as(site, client, "bob")))
        with site.read_hub() as hub:
            link = hub.work.db.get(Holding, ("repo", bert.key, OID))
        assert link.charged_to == "bob"
        unknown = {"operation": "upload", "objects": [], "ref": {"name": "refs/pr/1"}}
        assert client.post(BATCH, json=unknown).status_code == 404

    def test_what_is_private_is_not_there(self, site, client, secret, bob):
        at = BATCH.replace("bert", "secret")
        body = {"operation": "download", "objects": []}
        assert client.post(at, json=body).status_code == 401
        assert _as(site, client, "bob").post(at, json=body).status_code == 404

    def test_locks_are_not_served(self, alices_client, bert):
        assert alices_client.post("/alice/bert.git/info/lfs/locks/verify").status_code == 404
        assert alices_client.get("/alice/bert.git/info/lfs/locks").status_code == 404


class TestParts:
    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ("bytes=0-3", CONTENT[:4]),
            ("bytes=5-", CONTENT[5:]),
            ("bytes=-4", CONTENT[-4:]),
            ("bytes=0-999", CONTENT),
            ("bytes=-999", CONTENT),
        ],
    )
    def test_of_a_file(self, alices_client, bert, asked, expected):
        put(alices_client, ask(alices_client))
        href = ask(alices_client, "download")["actions"]["download"]["href"]
        response = alices_client.get(href, headers={"Range": asked})
        assert (response.status_code, response.content) == (206, expected)
        past = alices_client.get(href, headers={"Range": "bytes=15-"})
        assert (past.status_code, past.headers["content-range"]) == (416, "bytes */15")


def _as(site, client, name):
    client.headers["Authorization"] = f"Bearer {issue_token(site, name)}"
    return client
