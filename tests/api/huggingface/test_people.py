"""People and organizations as the clients read them."""

import pytest

from etabli.features.accounts import Role
from tests.conftest import issue_token


@pytest.fixture
def guild(site, alice, bob):
    with site.open_hub() as hub:
        hub.accounts.create_org("guild", "alice")
        hub.accounts.set_member("guild", "bob", Role.READ)
    return "guild"


def test_a_person_has_a_page(client, bert, secret):
    shape = client.get("/api/users/Alice/overview").json()
    assert (shape["user"], shape["fullname"], shape["type"]) == ("alice", "alice", "user")
    assert (shape["numModels"], shape["numDatasets"], shape["numSpaces"]) == (1, 0, 0)


def test_what_is_private_is_counted_for_its_owner_alone(alices_client, bert, secret):
    assert alices_client.get("/api/users/alice/overview").json()["numModels"] == 2


def test_an_organization_has_one_and_its_members(client, guild):
    shape = client.get("/api/organizations/guild/overview").json()
    assert (shape["name"], shape["numUsers"]) == ("guild", 2)
    members = client.get("/api/organizations/guild/members").json()
    assert sorted(one["user"] for one in members) == ["alice", "bob"]
    assert client.get("/api/organizations/guild/followers").json() == []


@pytest.mark.parametrize(
    "address",
    [
        "/api/users/nobody/overview",
        "/api/users/guild/overview",
        "/api/organizations/alice/overview",
        "/api/organizations/nobody/members",
        "/api/users/nobody/likes",
        "/api/avatars/nobody",
    ],
)
def test_who_is_not_there_is_missing(client, guild, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("what", ["followers", "following"])
def test_nobody_follows_anybody_yet(client, alice, what):
    assert client.get(f"/api/users/alice/{what}").json() == []


def test_likes_are_counted_once_a_person(alices_client, bert):
    like, info = "/api/models/alice/bert/like", "/api/models/alice/bert"
    for _ in range(2):
        assert alices_client.post(like).json() == {"success": True}
        assert alices_client.get(info).json()["likes"] == 1
        [listed] = alices_client.get("/api/models?limit=5").json()
        assert listed["likes"] == 1
    [liker] = alices_client.get("/api/models/alice/bert/likers").json()
    assert (liker["user"], liker["fullname"]) == ("alice", "alice")
    [liked] = alices_client.get("/api/users/alice/likes").json()
    assert liked["repo"] == {"name": "alice/bert", "type": "model"}
    assert alices_client.get("/api/users/alice/overview").json()["numLikes"] == 1
    for _ in range(2):
        assert alices_client.delete(like).status_code == 200
        assert alices_client.get(info).json()["likes"] == 0
    assert alices_client.get("/api/users/alice/likes").json() == []


def test_what_somebody_likes_in_private_is_told_to_nobody_else(alices_client, bert, site, bob):
    alices_client.post("/api/models/alice/bert/like")
    alices_client.put("/api/models/alice/bert/settings", json={"private": True})
    assert len(alices_client.get("/api/users/alice/likes").json()) == 1
    bobs = {"Authorization": f"Bearer {issue_token(site, 'bob')}"}
    assert alices_client.get("/api/users/alice/likes", headers=bobs).json() == []
    overview = alices_client.get("/api/users/alice/overview", headers=bobs).json()
    assert overview["numLikes"] == 0


def test_a_picture_is_made_of_the_name(alices_client, alice):
    address = alices_client.get("/api/whoami-v2").json()["avatarUrl"]
    response = alices_client.get(address)
    assert response.headers["content-type"] == "image/svg+xml"
    assert ">A</text>" in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
