"""What the clients ask besides repositories: answered, or told at once that it is not here."""

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits
from etabli.server.worker import work_once


@pytest.fixture
def indexed(site, bert):
    while work_once(site):
        pass


@pytest.fixture
def space(site, alice):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.SPACE, "alice", "app")
    card = b"---\nsdk: static\ntitle: A page of dogs\n---\nIt shows dogs."
    commits.commit(site, alice, repo, "main", [AddFile("README.md", card)], "card")
    while work_once(site):
        pass
    return repo


@pytest.mark.usefixtures("indexed")
class TestTagsByType:
    def test_are_told_apart(self, client):
        tags = client.get("/api/models-tags-by-type").json()
        assert tags["license"] == [{"id": "license:mit", "label": "mit", "type": "license"}]
        assert [tag["id"] for tag in tags["pipeline_tag"]] == ["text-classification"]
        assert [tag["id"] for tag in tags["library"]] == ["transformers"]
        assert client.get("/api/datasets-tags-by-type").json() == {}

    def test_tell_nothing_of_what_is_private(self, site, alice, client):
        with site.open_hub() as hub:
            repo = hub.repos.create(alice, RepoType.MODEL, "alice", "hidden", private=True)
        card = b"---\ntags: [very-secret]\n---\n"
        commits.commit(site, alice, repo, "main", [AddFile("README.md", card)], "card")
        while work_once(site):
            pass
        assert "very-secret" not in client.get("/api/models-tags-by-type").text


class TestQuickSearch:
    def test_finds_models_and_people(self, client, bert, secret):
        found = client.get("/api/quicksearch?q=al").json()
        assert [one["id"] for one in found["models"]] == ["alice/bert"]
        assert [one["user"] for one in found["users"]] == ["alice"]
        assert (found["modelsCount"], found["datasetsCount"], found["orgs"]) == (1, 0, [])

    def test_only_of_the_types_that_are_asked_for(self, client, bert):
        found = client.get("/api/quicksearch?q=al&type=dataset&limit=5").json()
        assert (found["models"], found["users"]) == ([], [])


class TestSpaces:
    def test_are_found_by_their_words_though_none_runs(self, client, space):
        assert client.get("/api/spaces/semantic-search?q=dogs").json() == []
        address = "/api/spaces/semantic-search?q=dogs&includeNonRunning=true"
        (found,) = client.get(address).json()
        assert (found["id"], found["title"], found["sdk"]) == (
            "alice/app",
            "A page of dogs",
            "static",
        )
        assert client.get(f"{address}&sdk=gradio").json() == []

    def test_are_stopped_and_have_no_secrets(self, alices_client, space):
        for path in ("", "/runtime"):
            shape = alices_client.get(f"/api/spaces/alice/app{path}").json()
            assert (shape.get("runtime") or shape)["stage"] == "STOPPED"
        for what in ("secrets", "variables"):
            assert alices_client.get(f"/api/spaces/alice/app/{what}").json() == {}

    @pytest.mark.parametrize(
        ("method", "what"),
        [
            ("POST", "secrets"),
            ("DELETE", "secrets"),
            ("POST", "variables"),
            ("POST", "hardware"),
            ("POST", "sleeptime"),
            ("POST", "pause"),
            ("POST", "restart?factory=true"),
            ("POST", "dev-mode"),
            ("PUT", "volumes"),
            ("DELETE", "volumes"),
            ("GET", "logs/run"),
            ("GET", "events"),
        ],
    )
    def test_run_nothing_and_say_so_once(self, alices_client, space, method, what):
        body = {"key": "TOKEN", "value": "s3cret"}
        sent = {} if method == "GET" else {"json": body}
        response = alices_client.request(method, f"/api/spaces/alice/app/{what}", **sent)
        assert response.status_code == 501
        assert "runs no programs" in response.json()["error"]
        assert "s3cret" not in response.text

    def test_secrets_are_nobody_else_s_to_ask(self, client, space):
        assert client.get("/api/spaces/alice/app/secrets").status_code == 401


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("/api/spaces/hardware", []),
        ("/api/jobs/hardware", []),
        ("/api/spaces/templates", {"templates": []}),
        ("/api/jobs/alice", []),
        ("/api/scheduled-jobs/alice", []),
        ("/api/papers/search?q=x", []),
        ("/api/daily_papers?date=2026-01-01", []),
        ("/api/tasks", {}),
        ("/api/agent-harnesses", {"standardEnvVars": [], "harnesses": {}}),
    ],
)
def test_where_there_is_nothing_the_list_is_empty(client, address, shape):
    response = client.get(address)
    assert (response.status_code, response.json()) == (200, shape)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/spaces/zero-gpu/quota", 501),
        ("POST", "/api/jobs/alice", 501),
        ("POST", "/api/jobs/alice/1/cancel", 501),
        ("DELETE", "/api/scheduled-jobs/alice/1", 501),
        ("GET", "/api/jobs/alice/1", 404),
        ("GET", "/api/scheduled-jobs/alice/1", 404),
        ("GET", "/api/papers/1706.03762", 404),
        ("GET", "/papers/1706.03762.md", 404),
    ],
)
def test_what_is_not_here_is_told_in_a_sentence(alices_client, method, address, status):
    response = alices_client.request(method, address)
    assert response.status_code == status
    assert response.json()["error"].endswith(".")
    assert "x-error-code" not in response.headers


@pytest.mark.parametrize(
    ("method", "address"),
    [("HEAD", "/api/telemetry/a/b"), ("POST", "/api/telemetry/a"), ("POST", "/v1/telemetry")],
)
def test_telemetry_is_thanked_and_forgotten(client, method, address):
    response = client.request(method, address, **({"content": b"x"} if method == "POST" else {}))
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    "address", ["/api", "/api/", "/api/nope", "/api/nope/more", "/api/nope/more/still", "/v1/nope"]
)
def test_an_address_of_programs_that_is_none_answers_no_page(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/json"
    assert "x-error-code" not in response.headers


def test_there_are_no_kernels_and_no_leaderboards(site, alice, client):
    missing = client.get("/api/kernels/alice/k")
    assert missing.headers["x-error-code"] == "RepoNotFound"
    with site.open_hub() as hub:
        hub.repos.create(alice, RepoType.DATASET, "alice", "texts")
    assert client.get("/api/datasets/alice/texts/leaderboard").json() == []
    assert client.get("/api/datasets/alice/none/leaderboard").status_code == 401
