"""A gated repository in a browser: asking on its page, and deciding in its settings."""

import csv
import io

import pytest

from etabli.features.repos import Gate, RepoType, RequestStatus
from tests.web.conftest import make_repo

CARD = """---
license: mit
extra_gated_heading: Read the charter
extra_gated_prompt: "By asking you agree to [our charter](https://example.org/). <script>x</script>"
extra_gated_fields:
  Company: text
  For what:
    type: select
    options: [Research, Other]
  I agree: checkbox
---
# Sealed
"""
PAGE = "/alice/sealed/access"
ANSWERS = {"q0": "=cmd()", "q1": "Other", "q2": "true"}


@pytest.fixture
def sealed(site, alice, bob):
    repo = make_repo(
        site, alice, RepoType.MODEL, "sealed", {"README.md": CARD, "secret.txt": "bytes"}
    )
    with site.open_hub() as hub:
        return hub.repos.access.set_gate(alice, repo, Gate.MANUAL)


@pytest.fixture
def sign_in(page_client):
    def as_(name: str):
        page_client.cookies.clear()
        page_client.post("/login", data={"name": name, "password": "correct horse"})
        return page_client

    return as_


def test_asks_waits_and_is_let_in(sign_in, sealed):
    bob = sign_in("bob")
    card = bob.get("/alice/sealed").text
    assert "The files are for those who are let in." in card
    assert PAGE in card
    refused = bob.get("/alice/sealed/blob/main/secret.txt")
    assert (refused.status_code, PAGE in refused.text) == (403, True)
    page = bob.get(PAGE).text
    assert "Read the charter" in page
    assert '<a href="https://example.org/"' in page
    assert "<script>x" not in page
    assert bob.post(PAGE, data=ANSWERS).headers["location"] == PAGE
    assert "Your request waits for alice to decide." in bob.get(PAGE).text

    alice = sign_in("alice")
    assert "Settings <span" in alice.get("/alice/sealed").text.replace("\n", "")
    book = alice.get("/alice/sealed/settings/access").text
    assert "=cmd()" in book
    key = book.split('name="key" value="')[1].split('"')[0]
    decided = alice.post(
        "/alice/sealed/settings/access/decide", data={"key": key, "status": "accepted"}
    )
    assert decided.status_code == 303
    bob = sign_in("bob")
    assert "You may read these files." in bob.get(PAGE).text
    assert bob.get("/alice/sealed/blob/main/secret.txt").status_code == 200


def test_what_is_left_out_is_asked_for_beside_its_field(sign_in, sealed):
    bob = sign_in("bob")
    page = bob.post(PAGE, data=ANSWERS | {"q2": ""})
    assert page.status_code == 422
    assert "“I agree” needs an answer." in page.text
    assert 'value="=cmd()"' in page.text


def test_a_refusal_is_said_with_its_reason(site, sign_in, sealed):
    bob = sign_in("bob")
    bob.post(PAGE, data=ANSWERS)
    alice = sign_in("alice")
    key = alice.get("/alice/sealed/settings/access").text.split('name="key" value="')[1][:32]
    refusal = {"key": key, "status": "rejected", "reason": "<b>Not</b> now"}
    alice.post("/alice/sealed/settings/access/decide", data=refusal)
    page = sign_in("bob").get(PAGE).text
    assert "Your request was refused." in page
    assert "&lt;b&gt;Not&lt;/b&gt; now" in page
    assert f'action="{PAGE}"' not in page


def test_nobody_signs_in_to_ask(page_client, sealed):
    page = page_client.get(PAGE).text
    assert "Sign in to ask" in page
    assert page_client.post(PAGE, data=ANSWERS).status_code == 401


def test_the_owner_lets_in_unasked_and_takes_the_book_along(site, sign_in, sealed):
    sign_in("bob").post(PAGE, data=ANSWERS)
    alice = sign_in("alice")
    address = "/alice/sealed/settings/access"
    wrong = alice.post(f"{address}/grant", data={"who": "nobody-at-all"})
    assert (wrong.status_code, "nobody-at-all" in wrong.text) == (422, True)
    assert alice.post(f"{address}/grant", data={"who": "Bob"}).status_code == 303
    assert "bob" in alice.get(f"{address}?status=accepted").text
    table = alice.get(f"{address}.csv")
    head, row = csv.reader(io.StringIO(table.text.removeprefix("\ufeff")))
    assert head == ["name", "status", "asked_at", "decided_at", "Company", "For what", "I agree"]
    assert (row[0], row[1], row[4]) == ("bob", "accepted", "'=cmd()")


def test_the_gate_is_set_in_the_settings(site, alices_page, alice, model):
    settings = "/alice/letters/settings"
    for gate in ("auto", "manual", "none"):
        assert alices_page.post(f"{settings}/gate", data={"gate": gate}).status_code == 303
        with site.open_hub() as hub:
            kept = hub.repos.get(alice, RepoType.MODEL, "alice/letters").gate
        assert kept == (None if gate == "none" else gate)
    assert alices_page.post(f"{settings}/gate", data={"gate": "sideways"}).status_code == 400
    assert "No gate" in alices_page.get(f"{settings}/access").text
    assert "its files are open" in alices_page.get("/alice/letters/access").text


def test_an_automatic_gate_opens_for_whoever_asks(site, sign_in, sealed, alice):
    with site.open_hub() as hub:
        hub.repos.access.set_gate(alice, sealed, Gate.AUTO)
    bob = sign_in("bob")
    assert "You are let in at once." in bob.get(PAGE).text
    bob.post(PAGE, data=ANSWERS)
    assert bob.get("/alice/sealed/resolve/main/secret.txt").status_code == 200
    with site.open_hub() as hub:
        assert hub.access_requests.counts(sealed) == {RequestStatus.ACCEPTED: 1}
