"""A model on another site's page: what it shows, who may frame it, and that it needs no script."""

import re
from dataclasses import replace

import pytest

from etabli.features.repos import RepoType
from etabli.features.serving import Decision
from etabli.operations.improve_model import improve_model
from tests import made

PAGE = "/embed/alice/helpdesk"


@pytest.fixture
def helpdesk(site, alice):
    return made.published(site, alice)


@pytest.fixture
def framed(alices_page, helpdesk):
    """The same, allowed on one site, with a way to reach a person."""
    said = {
        "origins": "https://www.Bank.example/contact?x=1\n\nlocalhost:8080\nhttps://www.bank.example",
        "contact": "0800 123 456, from 9 to 17",
    }
    answer = alices_page.post("/alice/helpdesk/settings/embed", data=said)
    assert answer.headers["location"] == "/alice/helpdesk/settings?done=saved"
    return alices_page


def ancestors(answer) -> str:
    return re.search(r"frame-ancestors ([^;]+)", answer.headers["content-security-policy"])[1]


def test_the_owner_names_the_sites_and_no_other_may_frame_it(framed):
    answer = framed.get(PAGE)
    assert ancestors(answer) == "'self' https://www.bank.example https://localhost:8080"
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    box = framed.get("/alice/helpdesk").text
    assert "/embed/alice/helpdesk?lang=en" in box
    assert "https://www.bank.example" in framed.get("/alice/helpdesk/settings").text


def test_until_then_nobody_else_may(page_client, helpdesk):
    assert ancestors(page_client.get(PAGE)) == "'self'"


def test_it_answers_and_says_that_a_machine_does_and_how_to_reach_a_person(framed):
    framed.cookies.clear()
    page = framed.post(PAGE, data={"text": "my card is lost"}).text
    assert "Freeze the card in the app." in page
    assert "A machine answers here, not a person." in page
    assert "A machine chose this reply; a person wrote it." in page
    assert "0800 123 456" in page
    assert "modelled" in page
    unsure = framed.post(PAGE, data={"text": "zzzz qqqq"}).text
    assert unsure.count("0800 123 456") == 2
    assert "A machine composed this reply." in unsure


def test_its_language_is_the_one_that_the_address_names(page_client, helpdesk):
    page = page_client.post(f"{PAGE}?lang=fr", data={"text": "my card is lost"})
    assert '<html lang="fr">' in page.text
    assert "C’est une machine".lower() in page.text.lower().replace("ici, ", "")
    assert "set-cookie" not in page.headers
    assert f'action="{PAGE}?lang=fr"' in page.text


def test_it_is_small(page_client, helpdesk):
    page = page_client.get(PAGE, headers={"Accept-Encoding": "identity"})
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
    total = len(page.content) + sum(len(page_client.get(style).content) for style in styles)
    assert len(styles) == 2
    assert total < 40_000


def test_what_cannot_be_asked_is_said_in_the_page(page_client, helpdesk):
    page = page_client.post(PAGE, data={"text": "x" * 2001})
    assert page.status_code == 400
    assert "The question is too long" in page.text
    assert "frame-ancestors" in page.headers["content-security-policy"]


def test_a_private_model_is_shown_on_no_site(framed):
    framed.post("/alice/helpdesk/settings/visibility", data={"private": "yes"})
    assert ancestors(framed.get(PAGE)) == "'self'"
    assert "It is private" in framed.get("/alice/helpdesk").text
    framed.cookies.clear()
    assert framed.get(PAGE).status_code == 404
    assert framed.post(PAGE, data={"text": "my card is lost"}).status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        "https://a.example; script-src *",
        "ftp://a.example",
        "https://*.example",
        "https://u@a.example",
    ],
)
def test_what_is_no_address_of_a_site_is_refused_and_nothing_is_kept(alices_page, helpdesk, bad):
    answer = alices_page.post("/alice/helpdesk/settings/embed", data={"origins": bad})
    assert answer.status_code == 422
    assert "is not the address of a site" in answer.text
    assert ancestors(alices_page.get(PAGE)) == "'self'"


def test_a_repository_that_answers_nothing_has_no_such_page(page_client, model):
    assert page_client.get("/embed/alice/letters").status_code == 404


def test_what_the_owner_wrote_is_said_there_too_when_it_asks_what_is_meant(
    page_client, site, alice, helpdesk
):
    with site.read_hub() as hub:
        repo = hub.repos.get(alice, RepoType.MODEL, "alice/helpdesk")
        now = hub.serving.assistant(repo)
    words = {**now.sentences, Decision.CLARIFY: "Tell us more, please."}
    improve_model(site, alice, repo, replace(now, sentences=words, certainty=1.0))

    for address in ("/alice/helpdesk/ask", PAGE):
        asked = page_client.post(address, data={"text": "my card is lost"})
        assert "Tell us more, please." in asked.text, address
