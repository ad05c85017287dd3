"""What git's own program is not needed for; `tests/clients/test_git.py` drives it."""

import base64
import gzip

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits

WANT_REFS = b"0014command=ls-refs\n0000"
V2 = {"Git-Protocol": "version=2"}


@pytest.fixture
def bert(site, alice):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
    commits.commit(site, alice, repo, "main", [AddFile("a.txt", b"a")], "Add")
    return repo


@pytest.fixture
def secret(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.DATASET, "alice", "secret", private=True)


def basic(token: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"hf_user:{token}".encode()).decode()}


class TestDiscovering:
    @pytest.mark.parametrize("name", ["bert", "bert.git", "BERT"])
    def test_says_where_the_branches_are(self, site, client, bert, name):
        response = client.get(f"/alice/{name}/info/refs?service=git-upload-pack")
        assert response.headers["content-type"] == "application/x-git-upload-pack-advertisement"
        assert response.headers["cache-control"] == "no-cache"
        assert response.content.startswith(b"001e# service=git-upload-pack\n0000")
        assert b"refs/heads/main" in response.content

    def test_speaks_the_second_version(self, client, bert):
        response = client.get("/alice/bert/info/refs?service=git-upload-pack", headers=V2)
        assert response.content.startswith(b"000eversion 2\n")

    def test_what_git_is_told_of_the_version_is_only_that(self, client, bert):
        headers = {"Git-Protocol": "version=2:object-format=sha256; rm -rf /"}
        response = client.get("/alice/bert/info/refs?service=git-upload-pack", headers=headers)
        assert response.content.startswith(b"000eversion 2\n")

    def test_shows_a_branch_made_a_moment_ago(self, site, client, alice, bert):
        with site.open_hub() as hub:
            hub.refs.create_branch(alice, bert, "dev", "main")
        response = client.get("/alice/bert/info/refs?service=git-upload-pack")
        assert b"refs/heads/dev" in response.content

    def test_the_old_protocol_is_refused(self, client, bert):
        assert client.get("/alice/bert/info/refs").status_code == 403


class TestWhatIsPrivate:
    address = "/datasets/alice/secret/info/refs?service=git-upload-pack"

    def test_asks_who_is_there_as_for_what_is_missing(self, client, secret):
        for address in (self.address, self.address.replace("secret", "missing")):
            response = client.get(address)
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Basic ")

    def test_opens_to_a_token_as_the_password(self, client, secret, alices_token):
        assert client.get(self.address, headers=basic(alices_token)).status_code == 200

    def test_stays_shut_to_others(self, site, client, secret, bob):
        with site.open_hub() as hub:
            token = hub.accounts.issue_token("bob", "read", "t").secret
        assert client.get(self.address, headers=basic(token)).status_code == 404
        assert client.get(self.address, headers=basic("wrong")).status_code == 401
        response = client.post("/datasets/alice/secret/git-upload-pack", content=WANT_REFS)
        assert response.status_code == 401


class TestFetching:
    address = "/alice/bert/git-upload-pack"

    @pytest.mark.parametrize("packed", [False, True])
    def test_answers_whether_packed_or_not(self, client, bert, packed):
        body, headers = WANT_REFS, dict(V2)
        if packed:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        response = client.post(self.address, content=body, headers=headers)
        assert response.headers["content-type"] == "application/x-git-upload-pack-result"
        assert b" refs/heads/main\n" in response.content

    def test_too_much_is_refused_however_small_it_is_packed(self, client, bert):
        bomb = gzip.compress(b"0" * 40_000_000)
        headers = {**V2, "Content-Encoding": "gzip"}
        assert client.post(self.address, content=bomb, headers=headers).status_code == 413
        assert client.post(self.address, content=b"0" * 33_000_000).status_code == 413

    def test_nonsense_is_refused(self, client, bert):
        headers = {"Content-Encoding": "gzip"}
        assert client.post(self.address, content=b"nonsense", headers=headers).status_code == 400

    def test_costly_filters_are_refused(self, client, bert):
        with_filter = b"0011command=fetch0001000cfilter sparse:oid=main:a.txt0009done\n0000"
        response = client.post(self.address, content=with_filter, headers=V2)
        assert b"packfile" not in response.content
