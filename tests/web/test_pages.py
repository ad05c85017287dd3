"""Pages that anybody may read."""

import re

import pytest

from etabli.features.catalogue import service
from etabli.features.repos import RepoType

READING_PAGES = [
    "/",
    "/models",
    "/models?task=text-classification&language=fr&license=apache-2.0",
    "/datasets",
    "/search?q=letters",
    "/alice",
    "/alice/letters",
    "/alice/letters/tree/main",
    "/alice/letters/blob/main/train.py",
    "/alice/letters/commits/main",
    "/datasets/alice/messages",
    "/datasets/alice/messages/tree/main/data",
    "/login",
]


@pytest.mark.parametrize("path", READING_PAGES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_is_whole(page_client, model, dataset, path, language):
    answer = page_client.get(path, headers={"Accept-Language": language})

    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert answer.text.count("<h1") == 1
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", READING_PAGES)
def test_nothing_runs_or_is_styled_inside_a_page(page_client, model, dataset, path):
    html = page_client.get(path).text

    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", html)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize("path", READING_PAGES)
def test_every_link_of_a_page_leads_somewhere(page_client, model, dataset, path):
    html = page_client.get(path).text

    sent = set(re.findall(r'action="(/[^"#]*)" method="post"', html))
    for address in set(re.findall(r'(?:href|src|action)="(/[^"#]*)', html)) - sent:
        if "/resolve/" in address:
            continue
        answer = page_client.get(address.replace("&amp;", "&"))
        assert answer.status_code in (200, 302, 303), address
    for address in sent:  # by nobody, who may do little
        assert page_client.post(address).status_code in (200, 303, 400, 401), address


def test_the_language_is_kept_and_the_address_stays_clean(page_client):
    answer = page_client.get("/models?q=a&lang=fr")

    assert answer.status_code == 302
    assert answer.headers["location"] == "/models?q=a"
    assert '<html lang="fr">' in page_client.get("/models").text


def test_the_card_is_shown_without_its_metadata(page_client, model):
    html = page_client.get("/alice/letters").text

    assert "Sorts letters by department." in html
    assert "pipeline_tag" not in html
    assert 'href="/alice/letters/blob/main/train.py"' in html


def test_the_first_rows_of_a_dataset(page_client, dataset):
    html = page_client.get("/datasets/alice/messages").text

    assert "<td>My card, lost</td>" in html
    assert "20 rows shown" in html


def test_a_search_announces_how_many_and_offers_a_way_out(page_client, model):
    assert "1 result" in page_client.get("/search?q=letters").text
    nothing = page_client.get("/models?q=zebra").text
    assert "0 results" in nothing
    assert "Nothing matches" in nothing


def test_people_are_found_too(page_client, alice):
    assert 'href="/alice"' in page_client.get("/search?q=ali").text


def test_an_unknown_address_says_what_to_do(page_client):
    answer = page_client.get("/nobody/nothing-here")

    assert answer.status_code == 404
    assert "nobody/nothing-here" in answer.text
    assert "/search?q=nothing%20here" in answer.text


def test_an_error_is_said_in_the_visitors_language(page_client):
    answer = page_client.get("/nobody", headers={"Accept-Language": "fr"})

    assert "Personne ne s’appelle nobody ici." in answer.text


def test_a_page_for_members_leads_to_signing_in_and_back(page_client):
    answer = page_client.get("/settings/tokens")

    assert answer.status_code == 401
    assert "/login?next=%2Fsettings%2Ftokens" in answer.text


def test_what_is_typed_in_the_address_is_never_run(page_client):
    html = page_client.get("/models", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in html


def test_files_of_the_site_are_kept_for_good(page_client):
    style = re.search(r'href="(/static/[^"]+/base.css)"', page_client.get("/login").text)
    assert style is not None
    answer = page_client.get(style[1])

    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")
    assert page_client.get("/static/x/../../errors.py").status_code == 404


@pytest.mark.parametrize("path", ["/help", "/docs", "/Docs/start", "/static", "/settings/x/y"])
def test_a_word_of_the_site_is_not_taken_for_somebody_s_name(page_client, path):
    answer = page_client.get(path)
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert "Nobody here is called" not in answer.text
    assert "There is no repository" not in answer.text


def test_a_person_with_a_browser_is_asked_to_sign_in_only(page_client):
    answer = page_client.get("/settings")
    assert answer.status_code == 401
    assert "Sign in first" in answer.text
    assert "access token" not in answer.text


def test_who_sees_a_private_repository_is_said_of_a_person_and_of_an_organization(
    site, alices_page, alice, model
):
    with site.open_hub() as hub:
        hub.accounts.create_org("guild", "alice")
        member = hub.accounts.actor("alice")
        hub.repos.create(member, RepoType.MODEL, "guild", "letters")
    own = alices_page.get("/alice/letters/settings").text
    assert "Only you" in own
    assert "Only the members" not in own
    assert "Only the members of guild" in alices_page.get("/guild/letters/settings").text


def test_where_nothing_matches_the_nearest_is_offered(page_client, model):
    html = page_client.get("/models?q=lettwrs").text
    assert "Nothing matches" in html
    assert "What comes nearest" in html
    assert 'href="/alice/letters"' in html


def test_an_owners_page_leads_to_the_list_of_all(site, page_client, alice):
    for number in range(21):
        with site.open_hub() as hub:
            hub.repos.create(alice, RepoType.MODEL, "alice", f"m{number}")
    html = page_client.get("/alice").text
    assert html.count('class="r-head"') == 20
    assert 'href="/models?author=alice"' in html
    assert "21 results" in page_client.get("/models?author=alice").text
    assert "0 results" in page_client.get("/models?author=nobody").text


def test_counts_that_stop_say_so(site, page_client, model, monkeypatch):
    monkeypatch.setattr(service, "MAX_COUNTED", 0)
    assert "More than 0 results" in page_client.get("/models?q=letters").text
