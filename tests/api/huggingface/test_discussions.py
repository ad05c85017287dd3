"""The addresses of discussions and pull requests; `tests/clients/test_community.py` drives them."""

import json

import pytest

from tests.api.huggingface.bodies import file_line
from tests.conftest import issue_token

AT = "/api/models/alice/bert/discussions"


@pytest.fixture
def bobs_client(site, client, bob, bert):
    client.headers["Authorization"] = f"Bearer {issue_token(site, 'bob')}"
    return client


def send(client, revision, *lines, query="", summary="Change"):
    header = {"key": "header", "value": {"summary": summary, "description": "Because."}}
    body = "".join(json.dumps(line) + "\n" for line in (header, *lines))
    return client.post(f"/api/models/alice/bert/commit/{revision}{query}", content=body)


@pytest.fixture
def proposal(bobs_client) -> dict:
    answer = send(bobs_client, "main", file_line("new.txt", b"new\n"), query="?create_pr=1")
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestCreatingOne:
    def test_says_where_it_is(self, proposal):
        assert proposal["pullRequestUrl"] == "http://testserver/alice/bert/discussions/1"
        assert proposal["commitUrl"].endswith(f"/alice/bert/commit/{proposal['commitOid']}")

    def test_its_ref_is_read_like_a_branch(self, bobs_client, proposal):
        for ref in ("refs%2Fpr%2F1", "refs/pr/1"):
            info = bobs_client.get(f"/api/models/alice/bert/revision/{ref}").json()
            assert info["sha"] == proposal["commitOid"]
            assert bobs_client.get(f"/alice/bert/resolve/{ref}/new.txt").text == "new\n"
        tree = bobs_client.get("/api/models/alice/bert/tree/refs%2Fpr%2F1").json()
        assert "new.txt" in [entry["path"] for entry in tree]

    def test_a_commit_goes_to_it(self, bobs_client, proposal):
        more = send(bobs_client, "refs%2Fpr%2F1", file_line("more.txt", b"more"))
        assert more.status_code == 200
        assert "pullRequestUrl" not in more.json()

    def test_refs_show_it_when_they_are_asked(self, bobs_client, proposal):
        at = "/api/models/alice/bert/refs"
        assert "pullRequests" not in bobs_client.get(at).json()
        (ref,) = bobs_client.get(f"{at}?include_prs=1").json()["pullRequests"]
        assert (ref["ref"], ref["targetCommit"]) == ("refs/pr/1", proposal["commitOid"])

    @pytest.mark.parametrize("base", ["nope", "0" * 40, "refs%2Fpr%2F9"])
    def test_from_no_branch(self, bobs_client, base):
        answer = send(bobs_client, base, file_line("x", b""), query="?create_pr=1")
        assert answer.status_code == 404
        assert answer.headers["x-error-code"] == "RevisionNotFound"

    def test_asking_how_to_send_for_it(self, bobs_client):
        at, body = "/api/models/alice/bert/preupload/main", {"files": [{"path": "x", "size": 1}]}
        assert bobs_client.post(at, json=body).status_code == 403
        assert bobs_client.post(f"{at}?create_pr=1", json=body).status_code == 200

    def test_a_token_to_send_bytes_for_it(self, bobs_client):
        at = "/api/models/alice/bert/xet-write-token"
        assert bobs_client.get(f"{at}/main").status_code == 403
        for revision in ("main", "None"):
            answer = bobs_client.get(f"{at}/{revision}?create_pr=1")
            assert answer.json()["accessToken"]

    def test_in_what_one_may_not_see(self, bobs_client, secret):
        at = "/api/models/alice/secret"
        for address in ("preupload/main", "commit/main"):
            answer = bobs_client.post(f"{at}/{address}?create_pr=1", json={"files": []})
            assert (answer.status_code, answer.headers["x-error-code"]) == (404, "RepoNotFound")
        assert bobs_client.get(f"{at}/xet-write-token/None?create_pr=1").status_code == 404


class TestReading:
    def test_all_that_clients_read(self, bobs_client, proposal):
        shape = bobs_client.get(f"{AT}/1?diff=1").json()
        assert shape["changes"] == {"base": "refs/heads/main"}
        assert shape["filesWithConflicts"] == []
        assert shape["repo"] == {"name": "alice/bert", "type": "model"}
        assert shape["createdAt"].endswith("Z")
        comment, commit = shape["events"]
        assert comment["data"]["latest"]["raw"] == "Because."
        assert commit["data"] == {"subject": "Change", "oid": proposal["commitOid"]}
        assert "+new" in shape["diff"]

    def test_a_list_whatever_is_asked(self, bobs_client, proposal):
        for query in ("", "?p=0&type=all&status=all", "?type=odd&status=odd&p=x&p=-1"):
            shape = bobs_client.get(AT + query).json()
            assert (shape["count"], shape["start"]) == (1, 0)
            assert shape["discussions"][0]["isPullRequest"] is True
        assert bobs_client.get(f"{AT}?p=9").json()["discussions"] == []
        assert bobs_client.get(f"{AT}?type=discussion").json()["count"] == 0

    def test_one_that_is_not_there(self, bobs_client):
        assert bobs_client.get(f"{AT}/7").status_code == 404
        assert bobs_client.get(f"{AT}/x").status_code == 404


class TestChanging:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("", {"description": "no title"}),
            ("", {"title": " ", "description": ""}),
            ("/1/comment", {"comment": ""}),
            ("/1/title", {}),
            ("/1/status", {"status": "merged"}),
        ],
    )
    def test_what_makes_no_sense(self, bobs_client, proposal, path, body):
        assert bobs_client.post(AT + path, json=body).status_code == 400

    def test_words_are_shown_as_they_are(self, bobs_client, proposal):
        answer = bobs_client.post(f"{AT}/1/comment", json={"comment": "<script>"}).json()
        assert answer["newMessage"]["data"]["latest"]["html"] == "<p>&lt;script&gt;</p>"

    def test_only_the_owner_merges(self, site, bobs_client, proposal):
        assert bobs_client.post(f"{AT}/1/merge").status_code == 403
        bobs_client.headers["Authorization"] = f"Bearer {issue_token(site, 'alice')}"
        assert bobs_client.post(f"{AT}/1/merge").status_code == 200
        shape = bobs_client.get(f"{AT}/1").json()
        assert (shape["status"], shape["changes"]["mergeCommitId"]) == (
            "merged",
            proposal["commitOid"],
        )
        assert bobs_client.post(f"{AT}/1/status", json={"status": "open"}).status_code == 409

    def test_an_attachment_is_not_kept(self, bobs_client):
        assert bobs_client.post("/uploads", content=b"\x89PNG").status_code == 501
