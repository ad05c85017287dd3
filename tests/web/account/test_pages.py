"""Coming in, and what people set for themselves."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from etabli.features.repos import RepoType
from etabli.operations import usage
from etabli.pools import PASSWORDS
from etabli.server.app import create_app
from etabli.site import Site
from etabli.web.account.sign_in import network_of
from tests import made
from tests.conftest import issue_token


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


def test_a_full_name_becomes_an_address_and_stays_the_name_shown(page_client, site, setup_token):
    sent = {"token": setup_token, "name": "Hélène Durand", "password": "correct horse"}
    refused = page_client.post("/setup", data=sent)

    assert refused.status_code == 422
    assert 'value="helene-durand"' in refused.text
    assert 'name="full_name" value="Hélène Durand"' in refused.text
    assert "none of the words that this site uses" not in refused.text

    again = {**sent, "name": "helene-durand", "full_name": "Hélène Durand"}
    assert page_client.post("/setup", data=again).status_code == 303
    assert "Hélène Durand" in page_client.get("/helene-durand").text
    with site.read_hub() as hub:
        assert hub.accounts.namespace("helene-durand").full_name == "Hélène Durand"


def test_before_the_first_account_the_sign_in_page_says_where_the_address_is(page_client, site):
    page = page_client.get("/login").text
    assert "Nobody has an account here yet." in page
    assert "/setup?token=" in page
    assert "Ask them for one" not in page
    assert 'name="password"' not in page


def test_nobody_joins_a_hub_that_is_not_open(page_client):
    assert page_client.get("/join").status_code == 403
    assert page_client.post("/join", data={"name": "eve"}).status_code == 403


def test_somebody_joins_an_open_hub(site, settings):
    open_site = Site(settings.model_copy(update={"open_registration": True}))
    with TestClient(create_app(open_site), follow_redirects=False) as client:
        answer = client.post("/join", data={"name": "eve", "password": "correct horse"})
        assert answer.headers["location"] == "/eve?done=welcome"
        assert client.get("/settings").status_code == 200
        strangers = [sign_in(TestClient(client.app), "wrong", "eve").status_code for _ in range(6)]
        assert strangers == [401] * 5 + [429]
        assert sign_in(client, "correct horse", "eve").status_code == 303  # where she joined


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


@pytest.mark.parametrize(
    ("role", "may"),
    [("ask", "may ask models"), ("write", "may read and write"), ("another", "may read")],
)
def test_a_token_is_made_for_what_was_chosen(alices_page, role, may):
    made = alices_page.post("/settings/tokens", data={"name": "app", "role": role})
    assert f"· {may} ·" in made.text


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


# Wrong passwords


def test_too_many_wrong_passwords_wait_and_are_told_how_long(page_client, alice):
    for _ in range(5):
        assert sign_in(page_client, "wrong").status_code == 401
    for password in ("wrong", "correct horse"):
        answer = sign_in(page_client, password)
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "10"
        assert "There were too many wrong tries. Wait 10 s, then try again." in answer.text
        assert 'value="alice"' in answer.text


def test_the_wait_is_told_in_french(page_client, alice):
    page_client.headers["Accept-Language"] = "fr"
    pages = [sign_in(page_client, "wrong").text for _ in range(6)]
    assert re.search(r"Attendez 10\ss, puis réessayez", pages[-1])


def test_the_wait_tells_nobody_whether_there_is_such_a_name(page_client, alice):
    def answers(name):
        sent = {"name": name, "password": "wrong"}
        return [
            (answer.status_code, answer.text.replace(name, "NAME"))
            for answer in (page_client.post("/login", data=sent) for _ in range(7))
        ]

    assert answers("alice") == answers("nobody")


def test_a_session_and_a_token_go_on_while_the_name_waits(alices_page, site):
    secret = issue_token(site, "alice")
    with TestClient(create_app(site), follow_redirects=False) as stranger:
        assert [sign_in(stranger, "wrong").status_code for _ in range(6)] == [401] * 5 + [429]
        headers = {"Authorization": f"Bearer {secret}"}
        assert stranger.get("/api/whoami-v2", headers=headers).status_code == 200
    assert alices_page.get("/settings").status_code == 200
    alices_page.post("/logout")
    assert sign_in(alices_page, "correct horse").status_code == 303  # she was here before


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("9.9.9.9", "9.9.9.9/32"),
        ("::ffff:9.9.9.9", "9.9.9.9/32"),
        ("2606:4700:1:2:3::4", "2606:4700:1:2::/64"),
        ("127.0.0.1", None),  # a proxy that was not announced: everybody's
        ("10.1.2.3", None),
        ("::1", None),
        ("testclient", None),
    ],
)
def test_an_address_counts_only_if_it_is_one_clients(host, network):
    assert network_of(SimpleNamespace(client=SimpleNamespace(host=host))) == network


def test_a_flood_of_sign_ins_leaves_the_threads_to_others(page_client, alice, monkeypatch):
    gate, looking = threading.Event(), threading.Event()

    def slow(_password, _hash):
        looking.set()
        return not gate.wait(60)

    monkeypatch.setattr("etabli.features.accounts.login.is_right", slow)
    monkeypatch.setattr(PASSWORDS, "max_waiting", 8)
    with ThreadPoolExecutor(12) as pool:
        flood = [pool.submit(sign_in, page_client, "wrong", f"name{n}") for n in range(12)]
        ended = as_completed(flood, timeout=60)
        try:
            refused = [next(ended).result().status_code for _ in range(3)]
            assert looking.wait(60)  # the refusals may come first
            others = [page_client.get("/login").status_code for _ in range(5)]
        finally:
            gate.set()
        looked_at = [one.result().status_code for one in ended]
    assert others == [200] * 5
    assert refused == [503] * 3
    assert looked_at == [401] * 9


# A new password


def test_a_person_changes_their_password(alices_page, site):
    with TestClient(create_app(site), follow_redirects=False) as elsewhere:
        sign_in(elsewhere, "correct horse")
        answer = alices_page.post("/settings/password", data=new_password())
        assert answer.headers["location"] == "/settings?done=password-changed"
        assert elsewhere.get("/settings").status_code == 401
    assert "Your password is changed." in alices_page.get(answer.headers["location"]).text
    alices_page.post("/logout")
    assert sign_in(alices_page, "correct horse").status_code == 401
    assert sign_in(alices_page, "battery staple").status_code == 303


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"current": "wrong"}, "current", "This is not your current password."),
        ({"password": "short", "again": "short"}, "password", "too short"),
        ({"again": "battery stable"}, "again", "The two new passwords differ."),
    ],
)
def test_a_refused_password_is_said_beside_its_field(alices_page, typed, field, sentence):
    answer = alices_page.post("/settings/password", data=new_password(**typed))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert re.search(rf'id="f-{field}"[^>]*aria-invalid="true"', answer.text)
    assert "battery" not in answer.text
    assert sign_in(alices_page, "correct horse").status_code == 303


def test_guesses_at_the_current_password_wait(alices_page):
    statuses = [
        alices_page.post("/settings/password", data=new_password(current="wrong")).status_code
        for _ in range(6)
    ]
    assert statuses == [422] * 5 + [429]


def test_signing_out_everywhere(alices_page, site):
    with TestClient(create_app(site), follow_redirects=False) as elsewhere:
        sign_in(elsewhere, "correct horse")
        assert alices_page.post("/settings/sign-out-everywhere").status_code == 303
        assert elsewhere.get("/settings").status_code == 401
    assert alices_page.get("/settings").status_code == 401


def test_the_page_of_tokens_says_when_each_was_used(alices_page, site, client):
    secret = issue_token(site, "alice")
    assert "never used" in alices_page.get("/settings/tokens").text
    client.get("/api/whoami-v2", headers={"Authorization": f"Bearer {secret}"})
    usage.keep_usage(site)
    page = alices_page.get("/settings/tokens").text
    assert "never used" not in page
    assert "last used" in page


def sign_in(client, password, name="alice"):
    return client.post("/login", data={"name": name, "password": password})


def new_password(**typed):
    usual = {"current": "correct horse", "password": "battery staple", "again": "battery staple"}
    return usual | typed


def test_an_administrator_says_what_new_repositories_of_an_organisation_are(
    alices_page, site, alice, bob
):
    with site.open_hub() as hub:
        hub.accounts.create_org("guild", "alice")
        hub.accounts.create_org("others", "bob")
    assert "New repositories of guild" in alices_page.get("/settings").text
    sent = {"org": "guild", "private": "yes"}
    assert alices_page.post("/settings/organization", data=sent).status_code == 303
    not_theirs = {"org": "others", "private": "yes"}
    assert alices_page.post("/settings/organization", data=not_theirs).status_code == 403

    def is_private(owner, name, **said):
        assert (
            alices_page.post("/new", data={"owner": owner, "name": name, **said}).status_code == 303
        )
        with site.read_hub() as hub:
            now = hub.accounts.actor("alice")  # with the roles that she has by now
            return hub.repos.get(now, RepoType.MODEL, f"{owner}/{name}").private

    assert is_private("guild", "one")
    assert not is_private("guild", "two", private="no")
    assert not is_private("alice", "three")


def test_the_page_of_tokens_takes_bounds_and_shows_what_was_asked(alices_page, site, alice):
    made.published(site, alice, private=True)
    typed = {
        "name": "our site",
        "role": "ask",
        "only": "alice/helpdesk",
        "questions_a_day": "1 000",
        "wh_a_day": "0,5",
        "days": "30",
    }
    refused = alices_page.post("/settings/tokens", data={**typed, "wh_a_day": "much"})
    assert refused.status_code == 422
    assert 'value="1 000"' in refused.text
    page = alices_page.post("/settings/tokens", data=typed).text
    [secret] = set(re.findall(r"hf_\w{37}", page))
    headers = {"Authorization": f"Bearer {secret}"}
    asked = alices_page.post("/run/alice/helpdesk", json={"inputs": "Hello"}, headers=headers)
    assert asked.status_code == 200
    usage.keep_usage(site)
    page = alices_page.get("/settings/tokens").text
    for words in (
        "of 1,000",
        "modelled",
        "only these: alice/helpdesk",
        "at most 500",
        "Day by day",
    ):
        assert words in page
