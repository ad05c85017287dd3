from etabli.operations import usage
from tests import made


def test_tokens_are_made_and_told_by_program_to_who_is_signed_in(client, site, alice):
    made.published(site, alice, private=True)
    with site.open_hub() as hub:
        client.cookies.set("etabli_session", hub.accounts.open_sign_in("alice"))
    wish = {"name": "site", "only": ["alice/helpdesk"], "questions_a_day": 5, "days": 7}
    made_one = client.post("/api/etabli/tokens", json=wish).json()
    assert made_one["scopes"] == ["ask"]
    headers = {"Authorization": f"Bearer {made_one['secret']}"}
    asked = client.post("/run/alice/helpdesk", json={"inputs": "Hello"}, headers=headers)
    assert asked.status_code == 200
    usage.keep_usage(site)
    [listed] = client.get("/api/etabli/tokens").json()
    assert listed["only"] == ["alice/helpdesk"]
    assert listed["days"][0]["questions"] == 1
    assert "secret" not in listed
    assert client.delete(f"/api/etabli/tokens/{listed['key']}").status_code == 204
    assert client.get("/api/etabli/tokens").json() == []
