"""Making a repository and changing it from the browser."""

import re

import pytest

from etabli.features.repos import RepoType
from etabli.web.kit import markdown
from tests.web.conftest import make_repo


def parent_of(html: str) -> str:
    found = re.search(r'name="parent" value="(\w*)"', html)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("form", "page"), [("/new", "/alice/bert"), ("/new-dataset", "/datasets/alice/bert")]
)
def test_an_empty_repository(alices_page, form, page):
    answer = alices_page.post(form, data={"owner": "alice", "name": "bert", "private": "yes"})

    assert answer.headers["location"] == page
    html = alices_page.get(page).text
    assert "Private" in html
    assert "No card yet" in html


def test_a_taken_name_is_said_beside_the_field(alices_page, model):
    answer = alices_page.post("/new", data={"owner": "alice", "name": "letters"})

    assert answer.status_code == 422
    assert "already exists" in answer.text
    assert 'value="letters"' in answer.text


def test_nobody_creates_in_another_ones_name(alices_page, bob):
    answer = alices_page.post("/new", data={"owner": "bob", "name": "mine"})
    assert answer.status_code == 403


def test_several_files_make_one_commit(alices_page, model):
    files = [("files", ("a.txt", b"one")), ("files", ("b.txt", b"two"))]
    sent = {"folder": "notes", "message": "Two notes"}
    answer = alices_page.post("/alice/letters/upload/main", data=sent, files=files)

    assert answer.headers["location"] == "/alice/letters/tree/main/notes"
    html = alices_page.get(answer.headers["location"]).text
    assert "a.txt" in html
    assert "b.txt" in html
    history = alices_page.get("/alice/letters/commits/main").text
    assert history.count("Two notes") == 1


def test_no_file_is_said_and_the_message_stays(alices_page, model):
    answer = alices_page.post("/alice/letters/upload/main", data={"message": "Two notes"})

    assert answer.status_code == 422
    assert "Choose at least one file." in answer.text
    assert 'value="Two notes"' in answer.text


def test_a_path_that_cannot_be_is_refused(alices_page, model):
    files = [("files", ("a.txt", b"one"))]
    answer = alices_page.post("/alice/letters/upload/main", data={"folder": "../up"}, files=files)
    assert answer.status_code == 422
    assert 'value="../up"' in answer.text


def test_editing_a_file(alices_page, model):
    page = alices_page.get("/alice/letters/edit/main/train.py").text
    sent = {"content": "2\r\n3\r\n", "parent": parent_of(page)}
    answer = alices_page.post("/alice/letters/edit/main/train.py", data=sent)

    assert answer.headers["location"] == "/alice/letters/blob/main/train.py?done=saved"
    html = alices_page.get("/alice/letters/blob/main/train.py").text
    assert "2 lines" in html


def test_two_people_edit_at_once_and_nothing_is_lost(alices_page, model):
    address = "/alice/letters/edit/main/train.py"
    parent = parent_of(alices_page.get(address).text)
    alices_page.post(address, data={"content": "theirs\n", "parent": parent})

    refused = alices_page.post(address, data={"content": "mine\n", "parent": parent})

    assert refused.status_code == 409
    assert "mine" in refused.text
    assert "theirs" in refused.text
    again = alices_page.post(address, data={"content": "mine\n", "parent": parent_of(refused.text)})
    assert again.status_code == 303


def test_a_first_card_is_begun_for_its_writer(alices_page):
    alices_page.post("/new", data={"owner": "alice", "name": "bert"})
    html = alices_page.get("/alice/bert/edit/main/README.md").text
    assert "license: apache-2.0" in html
    assert "# bert" in html


def test_hiding_and_deleting(alices_page, model):
    alices_page.post("/alice/letters/settings/visibility", data={"private": "yes"})
    assert "Private" in alices_page.get("/alice/letters").text

    wrong = alices_page.post("/alice/letters/settings/delete", data={"full_name": "letters"})
    assert wrong.status_code == 422
    assert 'value="letters"' in wrong.text

    sent = {"full_name": "alice/letters"}
    gone = alices_page.post("/alice/letters/settings/delete", data=sent)
    assert gone.headers["location"] == "/alice?done=deleted"
    assert alices_page.get("/alice/letters").status_code == 404


def test_only_members_see_how_to_change(page_client, model):
    html = page_client.get("/alice/letters/tree/main").text
    assert "/upload/" not in html
    assert page_client.get("/alice/letters/settings").status_code == 401


def test_one_commit(page_client, model):
    history = page_client.get("/alice/letters/commits/main").text
    commit = re.search(r'href="(/alice/letters/commit/\w+)"', history)
    assert commit is not None
    html = page_client.get(commit[1]).text
    assert "2 files changed" in html
    assert "README.md" in html


def test_a_branch_whose_name_holds_a_slash(alices_page, alice, model, site):
    with site.open_hub() as hub:
        hub.refs.create_branch(alice, model, "try/this", "main")

    assert alices_page.get("/alice/letters/tree/try/this").status_code == 200
    assert alices_page.get("/alice/letters/blob/try/this/train.py").status_code == 200


def test_a_folder_asked_for_as_a_file(page_client, dataset):
    answer = page_client.get("/datasets/alice/messages/blob/main/data")
    assert answer.headers["location"] == "/datasets/alice/messages/tree/main/data"


def test_a_file_that_is_no_text_is_offered(alices_page, model):
    files = [("files", ("weights.bin", bytes(range(256))))]
    alices_page.post("/alice/letters/upload/main", files=files)
    html = alices_page.get("/alice/letters/blob/main/weights.bin").text
    assert "not plain text" in html
    assert "/alice/letters/resolve/main/weights.bin?download=true" in html


def test_a_card_that_is_too_long_says_so_and_leads_to_the_file(site, alice, page_client):
    long = "# Long\n\n" + "word " * 50_000
    make_repo(site, alice, RepoType.MODEL, "long", {"README.md": long})
    make_repo(site, alice, RepoType.MODEL, "short", {"README.md": "# Short\n"})

    html = page_client.get("/alice/long").text
    assert "This card is too long to be shown whole." in html
    assert 'href="/alice/long/blob/main/README.md"' in html
    assert html.count("word ") < 50_000
    assert "too long" not in page_client.get("/alice/short").text


def test_a_card_is_made_into_html_once_however_often_it_is_looked_at(
    site, alice, page_client, monkeypatch
):
    make_repo(site, alice, RepoType.MODEL, "looked-at", {"README.md": "# Looked at\n"})
    made, render = [], markdown._render

    def counting(text):
        made.append(text)
        return render(text)

    monkeypatch.setattr(markdown, "_render", counting)
    for _ in range(3):
        assert "Looked at" in page_client.get("/alice/looked-at").text
    assert len(made) == 1


def test_a_card_that_is_kept_in_memory_is_shown_only_to_who_may_read_it(site, alice, page_client):
    repo = make_repo(site, alice, RepoType.MODEL, "kept", {"README.md": "# Secret words\n"})
    assert "Secret words" in page_client.get("/alice/kept").text
    with site.open_hub() as hub:
        hub.repos.set_private(alice, repo, True)
    hidden = page_client.get("/alice/kept")
    assert hidden.status_code == 404
    assert "Secret words" not in hidden.text


def test_a_heart_is_given_and_taken_back(alices_page, model):
    assert 'name="like" value="yes"' in alices_page.get("/alice/letters").text
    assert alices_page.post("/alice/letters/like", data={"like": "yes"}).status_code == 303
    page = alices_page.get("/alice/letters").text
    assert 'name="like" value="no"' in page
    assert 'aria-pressed="true"' in page
    alices_page.post("/alice/letters/like", data={"like": "no"})
    assert 'aria-pressed="false"' in alices_page.get("/alice/letters").text


def test_nobody_gives_hearts_without_an_account(page_client, model):
    form = page_client.get("/alice/letters").text.split('/like"')[1].split("</form>")[0]
    assert "disabled" in form
    assert page_client.post("/alice/letters/like").status_code == 401
