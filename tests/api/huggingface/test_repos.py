import pytest

from etabli.api.huggingface import accounts
from etabli.features.accounts import NamespaceNotFoundError, Role
from etabli.features.repos import RepoType


def make(client, name, **more):
    return client.post("/api/repos/create", json={"name": name, **more})


class TestCreating:
    def test_answers_the_address(self, alices_client):
        response = make(alices_client, "bert")
        assert response.json()["url"] == "http://testserver/alice/bert"

    def test_a_taken_name_is_a_conflict_that_tells_the_address(self, alices_client):
        make(alices_client, "bert", type="dataset")
        response = make(alices_client, "Bert", type="dataset")
        assert response.status_code == 409
        assert response.json()["url"] == "http://testserver/datasets/alice/bert"

    @pytest.mark.parametrize("asked", [{"private": True}, {"visibility": "private"}])
    def test_private_is_said_in_two_ways(self, alices_client, asked):
        make(alices_client, "bert", **asked)
        assert alices_client.get("/api/models/alice/bert").json()["private"] is True

    def test_only_where_one_may_write(self, alices_client, bob):
        assert make(alices_client, "bert", organization="bob").status_code == 403
        assert make(alices_client, "bert", organization="nobody").status_code == 403

    @pytest.mark.parametrize("name", ["a--b", "-a", "a..b", "x.git", "a/b", ""])
    def test_a_bad_name_is_refused(self, alices_client, name):
        assert make(alices_client, name).status_code == 400

    @pytest.mark.parametrize(
        ("asked", "named"),
        [
            ({"secrets": [{"key": "TOKEN", "value": "s3cret"}]}, "secrets"),
            ({"variables": [{"key": "A", "value": "1"}]}, "variables"),
            ({"hardware": "t4-medium", "sleepTimeSeconds": 300}, "hardware, sleepTimeSeconds"),
            ({"volumes": [{"type": "bucket"}]}, "volumes"),
            ({"template": "alice/other"}, "template"),
            ({"resourceGroupId": "66670e5163145ca562cb1988"}, "resourceGroupId"),
            ({"region": "eu"}, "region"),
        ],
    )
    def test_what_would_be_lost_is_refused_and_nothing_made(
        self, alices_client, bert, asked, named
    ):
        for response in (
            make(alices_client, "app", type="space", sdk="static", **asked),
            alices_client.post(
                "/api/models/alice/bert/duplicate", json={"repository": "alice/app", **asked}
            ),
        ):
            assert response.status_code == 501
            assert named in response.json()["error"]
            assert "s3cret" not in response.text
        for plural in ("spaces", "models"):
            assert alices_client.get(f"/api/{plural}/alice/app").status_code == 404

    def test_nothing_asked_for_is_no_wish(self, alices_client):
        asked = {"secrets": [], "hardware": None}
        assert make(alices_client, "app", type="space", sdk="static", **asked).status_code == 200

    def test_nobody_may(self, client):
        assert make(client, "bert").status_code == 401


@pytest.fixture
def guild(site, alice, bob):
    """An organization of alice's whose new repositories are private; bob only reads there."""
    with site.open_hub() as hub:
        hub.accounts.create_org("guild", "alice", private_by_default=True)
        hub.accounts.set_member("guild", "bob", Role.READ)
    return "guild"


class TestDefaultVisibility:
    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({}, True),
            ({"private": None}, True),
            ({"visibility": "public"}, False),
            ({"private": False}, False),
        ],
    )
    def test_an_organization_s_counts_when_nobody_says(self, alices_client, guild, asked, expected):
        assert make(alices_client, "bert", organization=guild, **asked).status_code == 200
        assert alices_client.get("/api/models/guild/bert").json()["private"] is expected

    def test_a_person_s_own_is_public(self, alices_client, guild):
        make(alices_client, "bert")
        assert alices_client.get("/api/models/alice/bert").json()["private"] is False

    def test_it_can_be_changed_and_what_is_there_stays(self, site, alices_client, guild):
        make(alices_client, "one", organization=guild)
        with site.open_hub() as hub:
            hub.accounts.set_private_by_default("Guild", False)
        make(alices_client, "two", organization=guild)
        private = [
            alices_client.get(f"/api/models/guild/{name}").json()["private"]
            for name in ("one", "two")
        ]
        assert private == [True, False]

    def test_it_is_for_organizations(self, hub, alice):
        with pytest.raises(NamespaceNotFoundError):
            hub.accounts.set_private_by_default("alice", True)


class TestOwnRepositories:
    def test_all_types_with_what_they_hold(self, site, alices_client, guild):
        assert alices_client.get("/api/settings/repositories").json() == []
        for type in ("model", "dataset", "space"):
            make(alices_client, type, type=type, visibility="private")
        make(alices_client, "elsewhere", organization=guild)
        rows = alices_client.get("/api/settings/repositories").json()
        assert {(row["id"], row["type"]) for row in rows} == {
            ("alice/model", "model"),
            ("alice/dataset", "dataset"),
            ("alice/space", "space"),
        }
        assert {row["visibility"] for row in rows} == {"private"}
        assert {(row["storage"], row["storagePercent"]) for row in rows} == {(0, 0)}
        rows = alices_client.get("/api/organizations/GUILD/settings/repositories").json()
        assert [row["id"] for row in rows] == ["guild/elsewhere"]

    def test_pages(self, alices_client, monkeypatch):
        monkeypatch.setattr(accounts, "REPOS_ON_A_PAGE", 2)
        for number in range(5):
            make(alices_client, f"m{number}")
        seen, url = [], "/api/settings/repositories"
        while url:
            answer = alices_client.get(url)
            seen += [row["id"] for row in answer.json()]
            url = answer.links.get("next", {}).get("url")
        assert sorted(seen) == [f"alice/m{number}" for number in range(5)]

    def test_only_members_see_an_organization_s(self, site, client, alices_client, guild):
        with site.open_hub() as hub:
            hub.accounts.register("mallory")
            token = hub.accounts.issue_token("mallory", "read", "t").secret
        stranger = {"Authorization": f"Bearer {token}"}
        address = "/api/organizations/guild/settings/repositories"
        assert client.get(address, headers=stranger).status_code == 403
        absent = client.get(address.replace("guild", "nobody"), headers=stranger)
        assert absent.status_code == 404
        assert absent.json()["error"]
        del client.headers["Authorization"]
        assert client.get("/api/settings/repositories").status_code == 401


def test_a_new_space_says_what_it_runs_with(alices_client):
    make(alices_client, "plain", type="space")
    make(alices_client, "app", type="space", sdk="gradio")
    for name, sdk in (("plain", "static"), ("app", "gradio")):
        card = alices_client.get(f"/spaces/alice/{name}/resolve/main/README.md").text
        assert card.startswith(f'---\ntitle: "{name}"\nsdk: {sdk}\n---\n')
    wrong = make(alices_client, "odd", type="space", sdk="rm -rf")
    assert wrong.status_code == 400


def test_a_move_onto_a_taken_name_is_told_in_the_words_that_clients_look_for(alices_client, bert):
    make(alices_client, "other")
    body = {"fromRepo": "alice/other", "toRepo": "alice/bert", "type": "model"}
    moved = alices_client.post("/api/repos/move", json=body)
    assert moved.status_code == 409
    assert "A model repository called alice/bert already exists" in moved.json()["error"]


def test_deleting_frees_the_name_at_once(alices_client, bert):
    body = {"name": "bert", "organization": "alice"}
    assert alices_client.request("DELETE", "/api/repos/delete", json=body).status_code == 200
    again = alices_client.request("DELETE", "/api/repos/delete", json=body)
    assert (again.status_code, again.headers["x-error-code"]) == (404, "RepoNotFound")
    assert make(alices_client, "bert").status_code == 200


def test_moving_gives_another_name(alices_client, bert):
    move = {"fromRepo": "alice/bert", "toRepo": "alice/ernie", "type": "model"}
    assert alices_client.post("/api/repos/move", json=move).status_code == 200
    assert alices_client.get("/api/models/alice/ernie").json()["id"] == "alice/ernie"
    move = {"fromRepo": "alice/ernie", "toRepo": "alice/ernie2/x"}
    assert alices_client.post("/api/repos/move", json=move).status_code == 400


def test_settings_hide_and_show(alices_client, bert):
    address = "/api/models/alice/bert/settings"
    assert alices_client.put(address, json={"visibility": "private"}).json()["private"]
    assert not alices_client.put(address, json={"private": False}).json()["private"]


class TestInfo:
    def test_says_what_clients_read(self, client, bert):
        info = client.get("/api/models/Alice/BERT").json()
        assert info["id"] == info["modelId"] == "alice/bert"
        assert len(info["sha"]) == 40
        assert info["cardData"]["license"] == "mit"
        assert info["pipeline_tag"] == "text-classification"
        assert info["library_name"] == "transformers"
        assert {"license:mit", "transformers"} <= set(info["tags"])
        assert {"rfilename": "deep/er/a ?#%,:b.txt"} in info["siblings"]
        assert info["createdAt"].endswith("Z")
        assert (info["gated"], info["disabled"], info["likes"]) == (False, False, 0)

    def test_says_sizes_when_asked(self, client, bert):
        files = client.get("/api/models/alice/bert?blobs=true").json()["siblings"]
        assert {f["rfilename"]: f["size"] for f in files}["letters.txt"] == 10

    def test_of_a_revision_by_branch_or_short_commit(self, client, bert):
        sha = client.get("/api/models/alice/bert").json()["sha"]
        for revision in ("main", "refs%2Fheads%2Fmain", sha[:7], sha):
            info = client.get(f"/api/models/alice/bert/revision/{revision}").json()
            assert info["sha"] == sha
        missing = client.get("/api/models/alice/bert/revision/v9")
        assert (missing.status_code, missing.headers["x-error-code"]) == (404, "RevisionNotFound")

    @pytest.mark.parametrize("key", ["expand", "expand[]"])
    def test_expanded_says_what_is_asked_and_no_more(self, client, bert, key):
        info = client.get("/api/models/alice/bert", params={key: ["sha", "likes", "gguf"]}).json()
        assert set(info) == {"_id", "id", "modelId", "sha", "likes"}

    def test_an_unknown_field_is_refused_with_those_known(self, client, bert):
        response = client.get("/api/models/alice/bert?expand=sha&expand=nope")
        assert response.status_code == 400
        assert '"author"|' in response.json()["error"]
        assert "at expand[1]" in response.json()["error"]


class TestValidatingACard:
    def test_is_json_for_a_commit(self, client):
        response = client.post("/api/validate-yaml", json={"content": "---\nlicense: mit\n---\n"})
        assert response.json() == {"errors": [], "warnings": []}
        response = client.post("/api/validate-yaml", json={"content": "---\nmodel-index: 1\n---\n"})
        assert response.status_code == 400
        assert "model-index" in response.json()["errors"][0]["message"]

    def test_is_text_for_a_card(self, client):
        response = client.post(
            "/api/validate-yaml",
            json={"content": "---\nlicense: 1\n---\n", "repoType": "model"},
            headers={"Accept": "text/plain"},
        )
        assert response.text.startswith("- Error: ")


class TestNamesWithoutAnOwner:
    @pytest.fixture(autouse=True)
    def aliases(self, site, bert):
        with site.open_hub() as hub:
            hub.aliases.add(RepoType.MODEL, "bert", "alice/bert")
            hub.aliases.add(RepoType.DATASET, "squad", "rajpurkar/squad")

    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("/api/models/bert", "/api/models/alice/bert"),
            ("/api/models/Bert?expand=sha", "/api/models/alice/bert?expand=sha"),
            ("/api/models/bert/revision/main", "/api/models/alice/bert/revision/main"),
            ("/api/models/bert/tree/main", "/api/models/alice/bert/tree/main"),
            ("/bert/resolve/main/config.json", "/alice/bert/resolve/main/config.json"),
            ("/bert", "/alice/bert"),
            ("/api/datasets/squad", "/api/datasets/rajpurkar/squad"),
            ("/datasets/squad/resolve/main/a", "/datasets/rajpurkar/squad/resolve/main/a"),
        ],
    )
    def test_lead_to_the_one_with_its_owner(self, client, address, expected):
        response = client.get(address, follow_redirects=False)
        assert response.status_code == 307
        assert response.headers["location"].removeprefix("http://testserver") == expected

    def test_are_followed_to_the_bytes(self, client):
        assert client.get("/bert/resolve/main/letters.txt").text == "abcdefghij"
        assert client.get("/api/datasets/squad").headers["x-error-code"] == "RepoNotFound"

    def test_mean_nothing_elsewhere(self, client):
        for address in ("/api/datasets/bert", "/api/models/squad", "/squad/resolve/main/a"):
            response = client.get(address, follow_redirects=False)
            assert response.headers["x-error-code"] == "RepoNotFound", address

    def test_never_go_before_a_repository_that_is_there(self, site, bob, client):
        with site.open_hub() as hub:
            hub.aliases.add(RepoType.MODEL, "bob", "alice/bert")
            hub.repos.create(bob, RepoType.MODEL, "bob", "tree")
        assert client.get("/api/models/bob/tree").json()["id"] == "bob/tree"
        assert client.get("/bob", follow_redirects=False).status_code == 200
