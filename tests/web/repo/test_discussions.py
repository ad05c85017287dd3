"""Discussions and proposals as people see them."""

import re

import pytest

from etabli.features.accounts import Actor
from etabli.features.git import AddFile
from etabli.operations import commits, pull_requests

BASE = "/alice/letters/discussions"


@pytest.fixture
def bobs_page(page_client, bob):
    page_client.cookies.clear()
    page_client.post("/login", data={"name": "bob", "password": "correct horse"})
    return page_client


@pytest.fixture
def proposal(site, model, bob) -> int:
    """By bob, who may only read: the file train.py says 2."""
    changes = [AddFile("train.py", b"2\n"), AddFile("w.safetensors", b"\0weights" * 1000)]
    return pull_requests.propose(
        site, bob, model, "main", changes, "Say two", "It is **more**."
    ).num


def open_one(page, title="A question", text="Why *this*?") -> str:
    answer = page.post(f"{BASE}/new", data={"title": title, "text": text})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def comment_keys(html: str) -> list[str]:
    return re.findall(r'id="event-(\w+)"', html)


class TestDiscussions:
    def test_from_the_tab_to_an_answer(self, bobs_page, model):
        assert f'href="{BASE}"' in bobs_page.get("/alice/letters").text
        assert "Nothing here yet" in bobs_page.get(BASE).text
        here = open_one(bobs_page)
        html = bobs_page.get(here).text
        assert "<h1" in html
        assert "<em>this</em>" in html
        answer = bobs_page.post(f"{here}/comment", data={"text": "So."})
        assert answer.headers["location"] == f"{here}?done=saved"
        assert "<p>So.</p>" in bobs_page.get(here).text
        assert "A question" in bobs_page.get(BASE).text
        assert re.search(r'class="n">1<span class="vh"> open', bobs_page.get("/alice/letters").text)

    def test_what_strangers_write_harms_nobody(self, bobs_page, model):
        evil = (
            '<script>alert(1)</script><img src="https://evil.example/x.png">\n\n[x](javascript:1)'
        )
        here = open_one(bobs_page, "<b>hi</b>", evil)
        bobs_page.cookies.clear()  # a visitor, who sees no form with the text as it was typed
        html = bobs_page.get(here).text
        main = html[html.index('<ol class="events">') :]
        assert "<script" not in main
        assert "evil.example" not in main
        assert 'href="javascript' not in main
        assert "&lt;b&gt;hi&lt;/b&gt;" in html

    def test_two_comments_have_no_anchor_in_common(self, bobs_page, model):
        here = open_one(bobs_page, text="# Same")
        bobs_page.post(f"{here}/comment", data={"text": "# Same"})
        html = bobs_page.get(here).text
        assert html.count("<h2>Same</h2>") == 2

    def test_closing_opening_and_renaming(self, bobs_page, model):
        here = open_one(bobs_page)
        bobs_page.post(f"{here}/comment", data={"then": "close", "text": "Enough."})
        html = bobs_page.get(here).text
        assert "bob closed it" in html
        assert "Enough." in html
        assert "A question" not in bobs_page.get(BASE).text
        assert "A question" in bobs_page.get(f"{BASE}?status=closed").text
        bobs_page.post(f"{here}/comment", data={"then": "open"})
        bobs_page.post(f"{here}/title", data={"title": "Better"})
        assert "changed the title, which was “A question”" in bobs_page.get(here).text

    def test_an_empty_comment_is_said_beside_the_field(self, bobs_page, model):
        here = open_one(bobs_page)
        answer = bobs_page.post(f"{here}/comment", data={"text": "  "})
        assert answer.status_code == 422
        assert "Write something first" in answer.text
        assert bobs_page.post(f"{BASE}/new", data={"title": "", "text": "x"}).status_code == 422

    def test_editing_and_hiding(self, bobs_page, model):
        here = open_one(bobs_page)
        bobs_page.post(f"{here}/comment", data={"text": "Oops"})
        first, second = comment_keys(bobs_page.get(here).text)
        bobs_page.post(f"{here}/comment/{first}/edit", data={"text": "How?"})
        bobs_page.post(f"{here}/comment/{second}/hide")
        html = bobs_page.get(here).text
        assert "How?" in html
        assert "edited" in html
        assert "Oops" not in html
        assert "This comment was hidden." in html

    def test_a_visitor_reads_and_is_asked_to_sign_in(self, site, page_client, model, bob):
        with site.open_hub() as hub:
            hub.community.open(bob, model, "A question", "Why?")
        html = page_client.get(f"{BASE}/1").text
        assert "Why?" in html
        assert "Sign in to take part" in html
        assert "<textarea" not in html
        assert page_client.post(f"{BASE}/1/comment", data={"text": "x"}).status_code == 401

    def test_others_cannot_change_what_is_not_theirs(self, site, bobs_page, model, alice):
        with site.open_hub() as hub:
            hub.community.open(alice, model, "A question", "Why?")
        html = bobs_page.get(f"{BASE}/1").text
        assert "Close it" not in html
        assert "Change this text" not in html
        (key,) = comment_keys(html)
        for path, data in (
            ("title", {"title": "x"}),
            ("comment", {"then": "close"}),
            (f"comment/{key}/hide", {}),
        ):
            assert bobs_page.post(f"{BASE}/1/{path}", data=data).status_code == 403
        assert bobs_page.post(f"{BASE}/1/comment/{key}/edit", data={"text": "x"}).status_code == 404

    def test_one_that_is_not_there(self, bobs_page, model):
        assert bobs_page.get(f"{BASE}/9").status_code == 404
        assert bobs_page.get(f"{BASE}/x").status_code == 404

    def test_many_entries_come_in_pages(self, site, bobs_page, model, bob):
        with site.open_hub() as hub:
            num = hub.community.open(bob, model, "Long", "The beginning.").num
            for number in range(150):
                hub.community.comment(bob, model, num, f"Comment {number}.")
        assert "Comment 149." in bobs_page.get(f"{BASE}/{num}").text
        first = bobs_page.get(f"{BASE}/{num}?p=1").text
        assert "The beginning." in first
        assert "Comment 149." not in first


class TestProposals:
    def test_what_it_changes(self, page_client, proposal):
        html = page_client.get(f"{BASE}/{proposal}/files").text
        assert re.search(r'class="del".*<code>1</code>', html)
        assert re.search(r'class="add".*<code>2</code>', html)
        assert re.search(r"A large file: +8\skB", html)

    def test_what_is_too_long_is_said_and_not_shown(self, site, page_client, model, bob):
        lines = b"".join(b"%d\n" % n for n in range(600))
        changes = [
            AddFile("a.txt", lines),
            AddFile("b.txt", b"x" * 1_200_000),
            AddFile("c.txt", b"short\n"),
            AddFile("d.txt", b"y" * 5_000),
        ]
        num = pull_requests.propose(site, bob, model, "main", changes, "Long").num
        html = page_client.get(f"{BASE}/{num}/files").text
        assert html.count("too long to be shown here") == 2
        assert "<code>short</code>" in html
        assert "y" * 1000 + "…" in html
        assert "y" * 1001 not in html

    def test_its_author_is_told_who_decides(self, bobs_page, proposal):
        html = bobs_page.get(f"{BASE}/{proposal}").text
        assert "It changes 2 files, and can be merged." in html
        assert "Those who may write in alice/letters decide." in html
        assert "Merge into main" not in html
        assert bobs_page.post(f"{BASE}/{proposal}/merge").status_code == 403

    def test_the_owner_merges_it(self, alices_page, proposal):
        assert "Merge into main" in alices_page.get(f"{BASE}/{proposal}").text
        answer = alices_page.post(f"{BASE}/{proposal}/merge", data={"merge": "Thanks."})
        assert answer.headers["location"] == f"{BASE}/{proposal}?done=merged"
        html = alices_page.get(f"{BASE}/{proposal}").text
        assert "alice merged it" in html
        assert "Thanks." in html
        assert "2\n" in alices_page.get("/alice/letters/resolve/main/train.py").text
        assert 'class="add"' in alices_page.get(f"{BASE}/{proposal}/files").text

    def test_a_conflict_is_named_before_and_after_one_tries(self, site, alices_page, proposal):
        with site.read_hub() as hub:
            model = hub.repos.get(Actor("alice"), "model", "alice/letters")
        alice = Actor("alice", {"alice": "admin"})
        commits.commit(site, alice, model, "main", [AddFile("train.py", b"3\n")], "Three")
        html = alices_page.get(f"{BASE}/{proposal}").text
        assert "It cannot be merged as it is" in html
        assert "<li>train.py</li>" in html
        answer = alices_page.post(f"{BASE}/{proposal}/merge")
        assert answer.status_code == 422
        assert "train.py" in answer.text

    def test_it_is_no_branch_on_the_pages(self, alices_page, proposal):
        html = alices_page.get("/alice/letters/tree/main").text
        assert "refs/pr" not in html
        assert "train.py" in alices_page.get(f"/alice/letters/tree/refs/pr/{proposal}").text


class TestProposingFromTheEditor:
    def test_who_may_not_write_proposes(self, bobs_page, model):
        assert "Propose a change" in bobs_page.get("/alice/letters/blob/main/train.py").text
        page = bobs_page.get("/alice/letters/edit/main/train.py").text
        assert "Propose this change" in page
        (parent,) = re.findall(r'name="parent" value="(\w+)"', page)
        sent = {"parent": parent, "content": "2\n", "message": "Say two", "why": "More."}
        at = "/alice/letters/edit/main/train.py"
        assert bobs_page.post(at, data=sent).status_code == 403
        answer = bobs_page.post(at, data={**sent, "how": "propose"})
        assert answer.headers["location"] == f"{BASE}/1?done=proposed"
        html = bobs_page.get(answer.headers["location"]).text
        assert "Your proposal is here." in html
        assert "<p>More.</p>" in html
        assert bobs_page.get("/alice/letters/resolve/main/train.py").text == "1\n"

    def test_who_may_write_can_choose(self, alices_page, model):
        at = "/alice/letters/edit/main/train.py"
        assert "Propose it, for others to look at first" in alices_page.get(at).text
        answer = alices_page.post(at, data={"content": "2\n", "how": "propose"})
        assert answer.headers["location"] == f"{BASE}/1?done=proposed"
        answer = alices_page.post(at, data={"content": "3\n", "how": "save"})
        assert answer.headers["location"].endswith("/blob/main/train.py?done=saved")

    def test_its_author_goes_on_editing_it(self, bobs_page, proposal):
        files = bobs_page.get(f"{BASE}/{proposal}/files").text
        at = f"/alice/letters/edit/refs/pr/{proposal}/train.py"
        assert f'href="{at}"' in files
        page = bobs_page.get(at).text
        assert "Add it to the proposal" in page
        (parent,) = re.findall(r'name="parent" value="(\w+)"', page)
        answer = bobs_page.post(at, data={"parent": parent, "content": "3\n"})
        assert answer.headers["location"] == f"{BASE}/{proposal}/files?done=saved"
        assert re.search(r'class="add".*<code>3</code>', bobs_page.get(f"{BASE}/1/files").text)
        again = bobs_page.post(at, data={"parent": parent, "content": "4\n"})
        assert again.status_code == 409
        assert "Somebody saved here" in again.text

    def test_and_nobody_else_who_may_only_read(self, site, page_client, proposal):
        with site.open_hub() as hub:
            hub.accounts.register("carol", "correct horse")
        page_client.post("/login", data={"name": "carol", "password": "correct horse"})
        at = f"/alice/letters/edit/refs/pr/{proposal}/train.py"
        assert at not in page_client.get(f"{BASE}/{proposal}/files").text
        assert page_client.post(at, data={"content": "5\n"}).status_code == 403

    def test_what_one_wrote_is_not_lost(self, bobs_page, model, monkeypatch):
        at = "/alice/letters/edit/main/train.py"
        sent = {"content": "mine\n", "how": "propose", "why": "x" * 70_000}
        answer = bobs_page.post(at, data=sent)
        assert answer.status_code == 422
        assert "mine" in answer.text
        assert "Shorten it" in answer.text
