"""Gates by the wire that clients speak: the states, their refusals, and what is kept."""

import pytest

from tests.conftest import issue_token

BOOK = "/api/models/alice/bert/user-access-request"


@pytest.fixture
def bobs(site, bob) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(site, 'bob')}"}


@pytest.fixture
def gated(alices_client, bert):
    answer = alices_client.put("/api/models/alice/bert/settings", json={"gated": "manual"})
    assert answer.json() == {"private": False, "gated": "manual"}
    return alices_client


def ask(client, headers, **fields) -> int:
    return client.post(
        "/alice/bert/access", data=fields, headers=headers, follow_redirects=False
    ).status_code


def listed(client, status: str) -> list[dict]:
    return client.get(f"{BOOK}/{status}").json()


def test_bytes_wait_for_the_owner_and_the_page_does_not(gated, bobs):
    bytes_of = "/alice/bert/resolve/main/letters.txt"
    refused = gated.get(bytes_of, headers=bobs)
    assert (refused.status_code, refused.headers["x-error-code"]) == (403, "GatedRepo")
    assert (
        "Access to model alice/bert is restricted and you are not in the authorized list"
        in refused.headers["x-error-message"]
    )
    nobody = gated.get(bytes_of, headers={"Authorization": ""})
    assert (nobody.status_code, nobody.headers["x-error-code"]) == (401, "GatedRepo")
    assert gated.get("/api/models/alice/bert", headers=bobs).json()["gated"] == "manual"
    assert ask(gated, bobs) == 303
    [request] = listed(gated, "pending")
    assert request["user"] == {"user": "bob", "fullname": ""}
    body = {"user": "bob", "status": "accepted"}
    assert gated.post(f"{BOOK}/handle", json=body).json()["requestId"] == request["requestId"]
    assert gated.get(bytes_of, headers=bobs).status_code == 200
    assert (listed(gated, "pending"), len(listed(gated, "accepted"))) == ([], 1)


def test_what_is_so_already_is_refused(gated, bobs):
    assert ask(gated, bobs) == 303
    [request] = listed(gated, "pending")
    by_key = {"requestId": request["requestId"]}
    for status in ("accepted", "rejected", "pending"):
        assert gated.post(f"{BOOK}/handle", json={**by_key, "status": status}).status_code == 200
        assert gated.post(f"{BOOK}/handle", json={**by_key, "status": status}).status_code == 409
    assert gated.post(f"{BOOK}/grant", json={"user": "bob"}).status_code == 200
    assert gated.post(f"{BOOK}/grant", json={"user": "bob"}).status_code == 409
    assert gated.post(f"{BOOK}/grant", json={"user": "nobody"}).status_code == 404
    unknown = {"user": "carol", "status": "accepted"}
    assert gated.post(f"{BOOK}/handle", json=unknown).status_code == 404


def test_a_repository_without_a_gate_has_no_requests(alices_client, bert):
    assert alices_client.get(f"{BOOK}/pending").status_code == 400
    assert alices_client.get(f"{BOOK}/sideways").status_code == 404


def test_the_gate_goes_as_it_came(gated, bobs):
    address = "/api/models/alice/bert/settings"
    assert gated.put(address, json={"gated": "auto"}).json()["gated"] == "auto"
    assert gated.put(address, json={"private": False}).json()["gated"] == "auto"
    assert gated.put(address, json={"gated": True}).status_code == 400
    assert gated.put(address, json={"gated": False}).json()["gated"] is False
    assert gated.get("/alice/bert/resolve/main/letters.txt", headers=bobs).status_code == 200


def test_long_lists_come_in_pages(gated, site):
    with site.open_hub() as hub:
        owner = hub.accounts.actor("alice")
        repo = hub.repos.get(owner, "model", "alice/bert")
        for number in range(101):
            hub.accounts.register(f"person-{number}")
            hub.access_requests.grant(owner, repo, f"person-{number}")
    first = gated.get(f"{BOOK}/accepted")
    rest = gated.get(first.links["next"]["url"].removeprefix("http://testserver"))
    names = {one["user"]["user"] for one in first.json() + rest.json()}
    assert (len(first.json()), len(names), "next" in rest.links) == (100, 101, False)
