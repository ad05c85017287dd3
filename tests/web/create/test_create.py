"""Making an AI from a spreadsheet, page by page, with the real recipe on a small table."""

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest

from etabli.features.repos import Repo, RepoType
from etabli.features.workshop import RunState
from etabli.operations import training
from tests import made
from tests.web.tables import REPLIES, SUBJECTS, TEST, table

CHOSEN = {"shown_columns": "text\nlabel", "text_column": "text", "label_column": "label"}


def bring(page, text: str | bytes | None = None, file: str = "Bank messages.csv", **fields):
    files = {"train": (file, table() if text is None else text, "text/csv")}
    for part in ("test", "replies"):
        if part in fields:
            files[part] = (f"my-{part}.csv", fields.pop(part), "text/csv")
    return page.post("/create", files=files, data=fields)


def begin(page, **fields) -> str:
    answer = bring(page, **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("/")[2]


def make(page, site, **fields) -> str:
    """A model that is made; its key."""
    key = begin(page, **fields)
    assert page.post(f"/create/{key}/make", data=CHOSEN).headers["location"].endswith("/making")
    training.make_run(site, key)
    return key


def state_of(site, key: str) -> RunState:
    with site.read_hub() as hub:
        run = hub.workshop._store.get(key)
        assert run is not None
        return run.state


def leaves_nothing(site, alice) -> bool:
    with site.read_hub() as hub:
        runs = hub.workshop.runs(alice)
    return not runs and not list(Path(site.backends.runs.root).glob("*"))


# Bring it


def test_a_visitor_reads_what_it_is_and_is_led_to_sign_in_and_back(page_client):
    answer = page_client.get("/create")

    assert answer.status_code == 200
    assert "What a good table looks like" in answer.text
    assert 'href="/login?next=%2Fcreate"' in answer.text
    assert 'name="train"' not in answer.text
    assert bring(page_client).status_code == 401


def test_a_table_is_looked_over_and_called_after_its_file(alices_page, site, alice):
    key = begin(alices_page, license="cc-by-4.0")
    page = alices_page.get(f"/create/{key}/check").text

    assert "240 messages, each with one of 8 labels." in page
    assert "bank-messages" in page
    assert "Make it" in page
    with site.read_hub() as hub:
        assert hub.workshop.get(alice, key).source["license"] == "cc-by-4.0"
    assert f"/create/{key}" in alices_page.get("/create").text


def test_a_test_file_and_replies_are_taken_too(alices_page):
    key = begin(alices_page, test=TEST, replies=REPLIES, name="my-own-name")
    page = alices_page.get(f"/create/{key}/check").text

    assert "my-own-name" in page
    assert "The examination will be taken on the 40 messages of your test file." in page
    assert "1 ready reply." in page


def test_the_sample_is_copied_and_says_where_it_comes_from(alices_page, site, alice):
    answer = alices_page.post("/create", data={"sample": "banking77"})
    key = answer.headers["location"].split("/")[2]

    with site.read_hub() as hub:
        source = hub.workshop.get(alice, key).source
    assert source["license"] == "cc-by-4.0"
    assert "Casanueva" in source["attribution"]
    assert (site.settings.samples_dir / "banking77" / "train.csv").exists()
    assert "77 labels" in alices_page.get(f"/create/{key}/check").text


BAD = {
    "empty": (b"", "messages.csv is empty"),
    "no example": (b"text,label\n", "messages.csv"),
    "broken rows": (table() + "one,two,three\n" * 40, "Line 242 of messages.csv has 3 fields"),
    "damaged": (b"PK\x03\x04" + bytes(200), "messages.csv cannot be unpacked"),
    "not a table": (b"%PDF-1.7", "messages.csv is no table, it is a PDF document"),
    "open quote": (table() + '"never closed,card_lost\n', "messages.csv"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_table_is_said_beside_the_file_and_leaves_nothing(alices_page, site, alice, name):
    text, sentence = BAD[name]
    answer = bring(alices_page, text, "messages.csv", name="my-bot", license="mit")

    assert answer.status_code == 422
    beside = re.search(r'id="e-train">.*?<span>(.*?)</span>', answer.text, re.DOTALL)
    assert beside is not None
    assert sentence in beside[1]
    assert 'value="my-bot"' in answer.text
    assert '<option value="mit" selected' in answer.text
    assert leaves_nothing(site, alice)


def workbook(**sheets) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_of_several_sheets_from_its_bringing_to_its_publication(
    alices_page, site, alice
):
    rows = list(csv.reader(table().splitlines()))
    numbers = [["when", "what"], *[[n, n] for n in range(300)]]
    content = workbook(Notes=[["Read me"]], Messages=[["Export of May"], [], *rows], Sums=numbers)
    answer = bring(alices_page, content, "Bank messages.xlsx")
    assert answer.headers["location"].endswith("/check")
    key = answer.headers["location"].split("/")[2]

    page = alices_page.get(f"/create/{key}/check").text
    assert "<option selected>Messages</option>" in page  # the first with sentences
    alices_page.post(f"/create/{key}/check", data={"sheet": "Sums"})
    page = alices_page.get(f"/create/{key}/check").text
    assert "<option selected>Sums</option>" in page
    assert "No column of Bank messages.xlsx looks like text that people write" in page
    assert "Your file is kept" in page
    assert "Make it" not in page
    assert alices_page.post(f"/create/{key}/make").headers["location"].endswith("/check")

    alices_page.post(f"/create/{key}/check", data={"sheet": "Messages", "text_column": "when"})
    page = alices_page.get(f"/create/{key}/check").text
    assert "240 messages, each with one of 8 labels." in page
    assert "<option selected>Messages</option>" in page
    assert "Export of May" in page
    assert "Begin at the line that names the columns" in page

    fixes = {"skip_titles": "yes", "sheet": "Messages", "shown_sheet": "Messages"}
    assert alices_page.post(f"/create/{key}/make", data={**CHOSEN, **fixes}).status_code == 303
    training.make_run(site, key)
    with site.read_hub() as hub:
        run = hub.workshop.get(alice, key)
    run = made.publish(site, alice, run)
    with site.read_hub() as hub:
        dataset = hub.repos.get(alice, RepoType.DATASET, run.dataset)
        snapshot = hub.repos.snapshot(dataset)
        names = {file.path for file in snapshot.entries()}
    assert names >= {"train.csv", "test.csv", "README.md"}


def test_a_table_that_was_read_need_not_be_brought_again(alices_page, site, alice):
    odd = "number,said,why\n" + "".join(f"{n},{n}{n},w{n % 3}\n" for n in range(60))
    key = begin(alices_page, text=odd)
    page = alices_page.get(f"/create/{key}/check").text
    assert "No column of Bank messages.csv looks like text that people write" in page
    assert "<span>44</span>" in page

    chosen = {"text_column": "said", "label_column": "why"}
    answer = alices_page.post(f"/create/{key}/check", data=chosen)
    assert answer.status_code == 303
    assert "60 messages, each with one of 3 labels." in alices_page.get(f"/create/{key}/check").text

    wrong = {"text_column": "said", "label_column": "number", "shown_columns": "said\nwhy"}
    answer = alices_page.post(f"/create/{key}/check", data=wrong)
    assert answer.status_code == 422
    assert "60 messages, each with one of 3 labels." in answer.text


def test_what_is_wrong_with_the_test_file_is_said_beside_it(alices_page, site, alice):
    answer = bring(alices_page, test="message,kind\nhello,card\n")

    assert answer.status_code == 422
    assert re.search(r'id="e-test">.*?my-test\.csv', answer.text, re.DOTALL)
    assert leaves_nothing(site, alice)


def test_a_bad_name_is_said_beside_the_name(alices_page, site, alice):
    answer = bring(alices_page, name="not a name!")

    assert answer.status_code == 422
    assert 'id="e-name"' in answer.text
    assert 'value="not a name!"' in answer.text
    assert leaves_nothing(site, alice)


def test_no_file_and_too_large_a_file(alices_page, site, alice):
    assert "There is no file." in alices_page.post("/create", data={"name": "x"}).text
    limit = site.settings.max_table_mb * 1_000_000
    answer = alices_page.post("/create", content=b"", headers={"content-length": str(limit + 1)})

    assert answer.status_code == 413
    assert f"over {site.settings.max_table_mb} MB" in answer.text
    assert leaves_nothing(site, alice)


# Look it over


def test_findings_are_ticked_until_the_person_says_no(alices_page, site, alice):
    repeated = table() + table().splitlines()[1] + "\n"
    key = begin(alices_page, text=repeated)
    page = alices_page.get(f"/create/{key}/check").text
    assert re.search(r'name="drop_duplicates" value="yes" checked', page)

    alices_page.post(f"/create/{key}/check", data=CHOSEN)
    page = alices_page.get(f"/create/{key}/check").text
    assert re.search(r'name="drop_duplicates" value="yes">', page)
    with site.read_hub() as hub:
        choices = hub.workshop.choices(hub.workshop.get(alice, key))
    assert choices.fixes == {"drop_duplicates": False}
    assert choices.text_column is None  # still a guess


def test_letters_in_doubt_are_shown_and_can_be_read_otherwise(alices_page, site, alice):
    key = begin(alices_page, text=table().replace("harbour", "fr\xe8re").encode("cp1252"))
    page = alices_page.get(f"/create/{key}/check").text
    assert "It is read as Windows-1252, and may be" in page
    assert re.search(r'value="cp1252" selected', page)
    asked = {**CHOSEN, "encoding": "cp1250"}
    assert alices_page.post(f"/create/{key}/check", data=asked).status_code == 303
    page = alices_page.get(f"/create/{key}/check").text
    assert re.search(r'value="cp1250" selected', page)
    assert "does not say how its letters" not in page
    assert 'name="encoding"' not in alices_page.get(f"/create/{begin(alices_page)}/check").text


def test_the_check_counts_the_labels_that_will_be_learned(alices_page):
    key = begin(alices_page, text=made.table_of_careless_labels())
    page = alices_page.get(f"/create/{key}/check").text
    assert "63 messages, each with one of 3 labels." in page
    assert re.search(r'name="merge_look_alikes" value="yes" checked', page)
    alices_page.post(f"/create/{key}/check", data=CHOSEN)
    page = alices_page.get(f"/create/{key}/check").text
    assert "63 messages, each with one of 9 labels." in page


def test_publishing_is_for_oneself_until_one_says_otherwise(alices_page, site, alice):
    rows = "my name is Anna call me at +33 6 12 34 56 78,card_lost\n" * 2
    key = make(alices_page, site, text=table() + rows, mask_personal_data="yes")
    form = alices_page.get(f"/create/{key}/publish").text
    assert re.search(r'name="private" value="yes" checked', form)
    assert re.search(r'name="with_data" value="yes">', form)
    assert "May everybody see them?" in form
    shown = form.partition("exactly as others would")[2].partition("</table>")[0]
    assert shown.count("<tr>") == 11

    sent = {**_fields(form), "private": "no", "with_data": "yes"}
    refused = alices_page.post(f"/create/{key}/publish", data=sent)
    assert refused.status_code == 422
    assert 'id="e-with_data"' in refused.text
    quiet = {name: text for name, text in sent.items() if name not in ("private", "with_data")}
    assert alices_page.post(f"/create/{key}/publish", data=quiet).status_code == 303
    with site.read_hub() as hub:
        assert hub.repos.get(alice, "model", "alice/bank-messages").private
        datasets = hub.repos.visible_to(alice).where(Repo.type == RepoType.DATASET)
        assert not hub.work.db.scalars(datasets).all()


@pytest.mark.parametrize("chosen", [{"label_column": "place"}, {"label_column:place": "place"}])
def test_other_columns_are_shown_before_anything_is_made(alices_page, site, chosen):
    """One column is chosen in a list; of several, each is ticked."""
    rows = table().replace("text,label", "text,label,place").splitlines()
    text = "\n".join([rows[0], *(f"{row},{['north', 'south'][n % 2]}" for n, row in
                                 enumerate(rows[1:]))])  # fmt: skip
    key = begin(alices_page, text=text)
    asked = {name: value for name, value in CHOSEN.items() if name != "label_column"} | chosen
    answer = alices_page.post(f"/create/{key}/make", data=asked)

    assert answer.headers["location"] == f"/create/{key}/check"
    assert state_of(site, key) is RunState.CHECKED
    assert "each with one of 2 labels." in alices_page.get(f"/create/{key}/check").text


def test_a_column_that_does_not_do_is_said_and_changes_nothing(alices_page, site, alice):
    key = begin(alices_page)
    answer = alices_page.post(f"/create/{key}/check", data={**CHOSEN, "label_column": "nothing"})

    assert answer.status_code == 422
    assert re.search(r'id="e-columns">.*?“nothing”', answer.text, re.DOTALL)
    with site.read_hub() as hub:
        assert hub.workshop.choices(hub.workshop.get(alice, key)).label_columns == ()


def test_somebody_else_s_work_is_not_there(alices_page, site, bob):
    key = begin(alices_page)
    alices_page.post("/logout")
    alices_page.post("/login", data={"name": "bob", "password": "correct horse"})

    for step in ("", "/check", "/making", "/result", "/replies", "/publish"):
        assert alices_page.get(f"/create/{key}{step}").status_code == 404, step
    for step in ("make", "stop", "delete", "check", "try", "replies", "publish", "draft"):
        assert alices_page.post(f"/create/{key}/{step}", data=CHOSEN).status_code == 404, step


# Make it


def test_the_making_is_followed_and_stopped(alices_page, site):
    key = begin(alices_page)
    alices_page.post(f"/create/{key}/make", data=CHOSEN)
    page = alices_page.get(f"/create/{key}/making")
    part = alices_page.get(f"/create/{key}/making", headers={"HX-Request": "true"})

    assert "Waiting for its turn" in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert "<html" not in part.text
    assert "Waiting for its turn" in part.text
    assert alices_page.get(f"/create/{key}").headers["location"] == f"/create/{key}/making"
    assert alices_page.post(f"/create/{key}/stop").headers["location"] == f"/create/{key}/check"
    moved = alices_page.get(f"/create/{key}/making", headers={"HX-Request": "true"})
    assert moved.headers["hx-redirect"] == f"/create/{key}/check"


def test_a_making_that_failed_says_why_and_what_to_do(alices_page, site):
    key = begin(alices_page)
    alices_page.post(f"/create/{key}/make", data=CHOSEN)
    (given,) = (site.backends.runs.path(key) / "data" / "train").iterdir()
    given.write_text("")
    training.make_run(site, key)
    page = alices_page.get(f"/create/{key}/making").text

    assert state_of(site, key) is RunState.FAILED
    assert "is empty" in page
    assert "Try again as it is" in page
    assert alices_page.post(f"/create/{key}/make").headers["location"].endswith("/making")
    assert state_of(site, key) is RunState.QUEUED


def test_a_work_is_forgotten_for_good(alices_page, site, alice):
    key = begin(alices_page)
    assert alices_page.post(f"/create/{key}/delete").headers["location"].startswith("/create")
    assert alices_page.get(f"/create/{key}").status_code == 404


# What was made


def test_from_the_table_to_a_model_that_answers(alices_page, site, alice):
    key = make(alices_page, site, replies=REPLIES)
    page = alices_page.get(f"/create/{key}/result").text

    assert alices_page.get(f"/create/{key}").headers["location"] == f"/create/{key}/result"
    assert re.search(r"Right \d+ times out of 100 on \d+ messages that it had never seen", page)
    assert "modelled" in page
    assert "Gemini" in page
    assert "Compare the number of zeros" in page

    _the_slider(alices_page, key)
    _trying_it(alices_page, key)
    _its_replies(alices_page, key)
    _publishing_it(alices_page, site, alice, key)


def test_an_organisation_s_default_is_offered_and_taken(alices_page, site, alice):
    with site.open_hub() as hub:
        hub.accounts.create_org("quiet", "alice", private_by_default=True)
    key = make(alices_page, site)
    form = alices_page.get(f"/create/{key}/publish").text
    assert "As its owner has new ones" in form

    sent = {**_fields(form), "namespace": "quiet", "name": "sorter", "private": "", "with_data": ""}
    assert alices_page.post(f"/create/{key}/publish", data=sent).is_redirect
    with site.read_hub() as hub:
        assert hub.repos.get(hub.accounts.actor("alice"), "model", "quiet/sorter").private


def test_too_few_different_texts_are_a_sentence_and_no_figure(alices_page, site):
    few = {"card": ("the card is lost", "somebody stole it"), "pin": ("forgot the code", "blocked")}
    endings = ("", " please", " thanks", " !", " hello", " again", " today")
    rows = [f"{text}{ending},{label}" for label, texts in few.items() for text in texts
            for ending in endings]  # fmt: skip
    key = make(alices_page, site, text="text,label\n" + "\n".join(rows) + "\n")
    page = alices_page.get(f"/create/{key}/result").text

    assert "Too few different texts to examine: 2." in page
    assert "out of 100 on" not in page
    assert ">100%" not in page
    card = _fields(alices_page.get(f"/create/{key}/publish").text)["model_card"]
    assert "Too few different texts to examine: 2." in card
    assert "model-index" not in card


def _the_slider(page, key):
    low = page.get(f"/create/{key}/result?threshold=0").text
    assert re.search(r"answers by itself</dt><dd>100%", low)
    assert page.get(f"/create/{key}/result?threshold=0.95").status_code == 200


def _trying_it(page, key):
    sent = {"text": "I lost my card, it was stolen"}
    whole = page.post(f"/create/{key}/try", data=sent).text
    part = page.post(f"/create/{key}/try", data=sent, headers={"HX-Request": "true"}).text

    assert "<html" in whole
    assert "<html" not in part
    for answer in (whole, part):
        assert "I lost my card, it was stolen" in answer
        assert "card lost" in answer
        assert "Wh" in answer
    outside = page.post(f"/create/{key}/try", data={"text": "zzz qqq xxx"}).text
    assert "Outside its subjects" in outside
    assert '<ol class="scores">' not in outside
    assert '<ol class="scores">' in whole
    refused = page.post(f"/create/{key}/try", data={"text": " "})
    assert refused.status_code == 422
    assert "There is no question." in refused.text


def _its_replies(page, key):
    shown = page.get(f"/create/{key}/replies").text
    assert shown.count("<textarea") == len(SUBJECTS)
    assert "Freeze it in the app." in shown
    sent = {"reply:card_lost": "Call us.", "reply:pin_forgotten": "", "reply:nothing": "No."}
    assert page.post(f"/create/{key}/replies", data=sent).status_code == 303
    assert "Call us." in page.get(f"/create/{key}/replies").text


def _publishing_it(page, site, alice, key):
    form = page.get(f"/create/{key}/publish").text
    sent = _fields(form)
    assert sent["name"] == "bank-messages"
    assert "# bank-messages" in sent["model_card"]

    bad = page.post(f"/create/{key}/publish", data={**sent, "name": "no good!"})
    assert bad.status_code == 422
    assert 'id="e-name"' in bad.text
    assert "no good!" in bad.text
    other = page.post(f"/create/{key}/publish", data={**sent, "namespace": "bob"})
    assert 'id="e-namespace"' in other.text

    kept = {**sent, "name": "sorter", "license": "mit", "dataset_card": "# Mine\n"}
    done = page.post(f"/create/{key}/publish", data=kept)
    assert done.headers["location"] == "/alice/sorter"
    assert state_of(site, key) is RunState.PUBLISHED
    with site.read_hub() as hub:
        model = hub.repos.get(alice, "model", "alice/sorter")
        card = hub.repos.snapshot(model).find_text("README.md")
        data = hub.repos.get(alice, "dataset", "alice/sorter-data")
        data_card = hub.repos.snapshot(data).find_text("README.md")
    assert "# sorter" in card  # nobody edited it: it follows the name and the licence
    assert "license: mit" in card
    assert data_card == "# Mine\n"
    assert "See it published" in page.get(f"/create/{key}/result").text
    assert page.get(f"/create/{key}/replies").status_code == 303


def _fields(html: str) -> dict[str, str]:
    """What a browser would send of the publication form."""
    areas = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n(.*?)</textarea>', html, re.DOTALL)
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html)
    name = re.search(r'id="f-name"[^>]*value="([^"]*)"', html)
    unescaped = {key: text.replace("&#39;", "'").replace("&#34;", '"').replace("&gt;", ">")
                 .replace("&lt;", "<").replace("&amp;", "&") for key, text in areas}  # fmt: skip
    return {
        **unescaped,
        **dict(hidden),
        "name": name[1] if name else "",
        "namespace": "alice",
        "private": "no",
        "with_data": "yes",
        "license": "",
    }


def test_the_columns_may_be_named_at_once(alices_page):
    rows = "".join(f"{n},x{n % 2},a{n}\n" for n in range(60))
    text = "one,two,three\n" + rows
    refused = alices_page.get(f"/create/{begin(alices_page, text=text)}/check").text
    assert "looks like text" in refused
    key = begin(alices_page, text=text, text_column="three", label_column="two")
    assert ">a0<" in alices_page.get(f"/create/{key}/check").text.replace("\n", "").replace(" ", "")
