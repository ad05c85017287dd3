"""Coming in, and what people set for themselves."""

import re

import pytest
from fastapi.testclient import TestClient

from etabli.app import create_app
from etabli.hub import Site


@pytest.fixture
def setup_token(site: Site) -> str:
    with site.open_hub() as hub:
        return hub.accounts.issue_setup_token()


def test_the_first_account_administers_and_closes_the_door(page_client, site, setup_token):
    assert page_client.get(f"/setup?token={setup_token}").status_code == 200
    sent = {"token": setup_token, "name": "alice", "password": "correct horse"}
    answer = page_client.post("/setup", data=sent)

    assert answer.status_code == 303
    assert "alice" in page_client.get("/settings").text
    with site.read_hub() as hub:
        assert hub.accounts.actor("alice").is_admin
    assert page_client.get(f"/setup?token={setup_token}").status_code == 403


def test_what_was_typed_stays_when_it_is_refused(page_client, setup_token):
    sent = {"token": setup_token, "name": "alice", "password": "short"}
    answer = page_client.post("/setup", data=sent)

    assert answer.status_code == 422
    assert 'value="alice"' in answer.text
    assert f'value="{setup_token}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "short" not in re.sub(r"too short", "", answer.text)


def test_nobody_joins_a_hub_that_is_not_open(page_client):
    assert page_client.get("/join").status_code == 403
    assert page_client.post("/join", data={"name": "eve"}).status_code == 403


def test_somebody_joins_an_open_hub(site, settings):
    open_site = Site(settings.model_copy(update={"open_registration": True}))
    with TestClient(create_app(open_site), follow_redirects=False) as client:
        answer = client.post("/join", data={"name": "eve", "password": "correct horse"})
        assert answer.headers["location"] == "/eve?done=welcome"
        assert client.get("/settings").status_code == 200


def test_a_wrong_password_is_said_beside_the_field(page_client, alice):
    answer = page_client.post("/login", data={"name": "alice", "password": "wrong"})

    assert answer.status_code == 401
    assert 'value="alice"' in answer.text
    assert "wrong" not in answer.text


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(page_client, alice, next):
    sent = {"name": "alice", "password": "correct horse", "next": next}
    assert page_client.post("/login", data=sent).headers["location"] == "/"


def test_the_cookie_of_a_sign_in_is_out_of_reach_of_scripts(page_client, alice):
    sent = {"name": "alice", "password": "correct horse"}
    cookie = page_client.post("/login", data=sent).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_signing_out(alices_page):
    assert alices_page.post("/logout").status_code == 303
    assert alices_page.get("/settings").status_code == 401


def test_another_sites_page_cannot_send_our_forms(alices_page):
    answer = alices_page.post("/logout", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_token_is_shown_once_and_can_be_revoked(alices_page):
    made = alices_page.post("/settings/tokens", data={"name": "nightly", "role": "write"})
    secret = re.search(r"hf_[\w-]{20,}", made.text)
    assert secret is not None
    assert made.headers["cache-control"] == "no-store"

    later = alices_page.get("/settings/tokens").text
    assert secret[0] not in later
    assert "<strong>nightly</strong>" in later

    key = re.search(r'name="key" value="(\w+)"', later)
    assert key is not None
    assert alices_page.post("/settings/tokens/revoke", data={"key": key[1]}).status_code == 303
    assert "<strong>nightly</strong>" not in alices_page.get("/settings/tokens").text


def test_a_token_needs_a_name(alices_page):
    answer = alices_page.post("/settings/tokens", data={"name": " ", "role": "write"})
    assert answer.status_code == 422
    assert "Say what the token is for." in answer.text


def test_a_token_makes_no_token_and_says_who_can(page_client, alices_token):
    page_client.headers["Authorization"] = f"Bearer {alices_token}"
    answer = page_client.post("/settings/tokens", data={"name": "another", "role": "write"})
    assert answer.status_code == 403
    assert "hf_" not in answer.text
    assert "Sign in with a browser" in answer.text
    assert "another" not in page_client.get("/settings/tokens").text


def test_the_language_of_an_account_follows_it(alices_page, alice):
    alices_page.post("/settings", data={"language": "fr"})
    alices_page.cookies.clear()

    alices_page.post("/login", data={"name": "alice", "password": "correct horse"})

    assert '<html lang="fr">' in alices_page.get("/").text
