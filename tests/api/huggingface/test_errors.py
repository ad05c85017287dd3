import pytest

WRONG = {"Authorization": "Bearer hf_no_such_token"}


@pytest.mark.usefixtures("secret")
class TestWhoMayNotKnow:
    @pytest.mark.parametrize("name", ["secret", "missing"])
    @pytest.mark.parametrize(
        "address",
        [
            "/api/models/alice/{}",
            "/api/models/alice/{}/tree/main",
            "/api/models/alice/{}/auth-check",
            "/alice/{}/resolve/main/x",
        ],
    )
    def test_is_told_the_same_of_a_hidden_repository_and_of_none(self, client, address, name):
        response = client.get(address.format(name))
        assert response.status_code == 401
        assert response.headers["x-error-code"] == "RepoNotFound"

    def test_is_told_404_when_signed_in(self, site, client, bob):
        with site.open_hub() as hub:
            token = hub.accounts.issue_token(bob.name, "write", "t").secret
        headers = {"Authorization": f"Bearer {token}"}
        response = client.get("/api/models/alice/secret", headers=headers)
        assert (response.status_code, response.headers["x-error-code"]) == (404, "RepoNotFound")

    def test_is_told_so_by_head_too(self, client):
        response = client.head("/alice/secret/resolve/main/x")
        assert (response.status_code, response.headers["x-error-code"]) == (401, "RepoNotFound")


def test_a_bad_token_is_never_taken_for_nobody(client, bert):
    response = client.get("/api/models/alice/bert", headers=WRONG)
    assert response.status_code == 401
    assert response.headers["x-error-message"] == "Invalid credentials in Authorization header"
    assert "x-error-code" not in response.headers


@pytest.mark.parametrize(
    "address", ["/api/models/gpt2", "/api/models/gpt2/revision/main", "/gpt2/resolve/main/x"]
)
def test_a_name_of_one_segment_names_no_repository(client, address):
    assert client.get(address).headers["x-error-code"] == "RepoNotFound"


@pytest.mark.parametrize("what", ["user-access-request/pending", "leaderboard"])
def test_what_is_not_served_is_not_taken_for_a_missing_repository(client, bert, what):
    response = client.post(f"/api/models/alice/bert/{what}")
    assert response.status_code == 501
    assert "x-error-code" not in response.headers
    missing = client.post(f"/api/models/alice/missing/{what}")
    assert missing.headers["x-error-code"] == "RepoNotFound"


def test_who_may_read_and_not_write_is_told_so(site, client, bert, bob):
    with site.open_hub() as hub:
        token = hub.accounts.issue_token(bob.name, "write", "t").secret
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/models/alice/bert/auth-check", headers=headers).status_code == 200
    response = client.get("/api/models/alice/bert/auth-check/write", headers=headers)
    assert response.status_code == 403
    assert "x-error-code" not in response.headers


def test_a_message_in_a_header_is_one_line_of_latin_1(client, bert):
    response = client.head("/alice/bert/resolve/main/%E6%96%87%0D.txt")
    assert response.headers["x-error-code"] == "EntryNotFound"
    assert "\n" not in response.headers["x-error-message"]


def test_an_unknown_address_answers_json(client):
    response = client.get("/api/nothing/here")
    assert response.status_code == 404
    assert response.json()["error"]


def test_a_request_has_the_name_that_the_client_gave_it(client):
    response = client.get("/api/agent-harnesses", headers={"X-Amzn-Trace-Id": "abc-123"})
    assert response.headers["x-request-id"] == "abc-123"


def test_sign_in_by_device_code_fails_with_the_way_to_do_it(client):
    for address in ("/oauth/device", "/oauth/token"):
        response = client.post(address, data={"client_id": "x"})
        assert response.status_code == 400
        assert "--token" in response.json()["error_description"]


def test_too_large_a_body_is_refused_unread(alices_client):
    body = b'{"name": "' + b"x" * 2_000_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    assert alices_client.post("/api/repos/create", content=body, headers=headers).status_code == 413


class TestEachSentenceIsShownOnce:
    """The client shows the header and the body, and once where both are the same."""

    def test_with_plain_quotes(self, client, bert):
        response = client.get("/api/models?sort=nonsense")
        assert response.json()["error"] == response.headers["x-error-message"]
        assert '"nonsense"' in response.json()["error"]

    def test_by_the_body_alone_where_no_header_can_hold_it(self, client, bert):
        response = client.get("/alice/bert/resolve/main/%E6%96%87.txt")
        assert "\u6587.txt" in response.json()["error"]
        assert "x-error-message" not in response.headers
        assert "x-error-message" in client.head("/alice/bert/resolve/main/%E6%96%87.txt").headers

    def test_in_the_clients_own_words_of_a_missing_repository(self, alices_client):
        response = alices_client.get("/api/models/alice/missing")
        assert response.json()["error"] == "Repository not found"
        assert response.headers["x-error-message"] == "Repository not found"
