"""The same pages in French: no English sentence, no point in a number, no “1 étiquettes”."""

import html
import re

import pytest

from tests.web.create.test_create import _fields, begin, bring, make
from tests.web.tables import table

DECIMAL_POINT = re.compile(r"\b\d+\.\d+\b(?!\.)")
LEFT_IN_ENGLISH = (
    "Processor time", "of CO2e a kWh", "median text prompt", "average query", "without a method",
)  # fmt: skip


@pytest.fixture
def french_page(alices_page):
    alices_page.headers["Accept-Language"] = "fr"
    return alices_page


def prose(text: str) -> str:
    """What a person reads of a page or of a card: no markup, code, versions or metadata."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = re.sub(r"(?s)```.*?```|<(script|style|pre|textarea|head)\b.*?</\1>", " ", text)
    text = re.sub(r'(?s)<dl class="fiche.*?</dl>|scikit-learn \d[\d.]*|CC BY[^<]*', " ", text)
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def test_cards_and_figures_are_written_as_in_french(french_page, site):
    key = make(french_page, site)
    result = french_page.get(f"/create/{key}/result").text
    form = _fields(french_page.get(f"/create/{key}/publish").text)
    assert french_page.post(f"/create/{key}/publish", data={**form, "name": "trieur"}).is_redirect
    evaluation = french_page.get("/alice/trieur/evaluation").text

    for text in (result, form["model_card"], form["dataset_card"], evaluation):
        assert DECIMAL_POINT.findall(prose(text)) == []
        assert [words for words in LEFT_IN_ENGLISH if words in prose(text)] == []
    assert re.search(r"Exactitude \d+,\d\s%, entre \d+,\d et \d+,\d\s%", form["model_card"])
    assert "Temps de processeur" in prose(evaluation)


def test_what_somebody_wrote_of_their_figures_stays_in_their_words(french_page, site):
    """A published file may say anything: only our own sentences are translated."""
    key = make(french_page, site)
    form = _fields(french_page.get(f"/create/{key}/publish").text)
    french_page.post(f"/create/{key}/publish", data={**form, "name": "autre"})
    path = "/alice/autre/edit/main/energy.json"
    content = html.unescape(
        re.search(r"(?s)<textarea[^>]*>\n(.*?)</textarea>", french_page.get(path).text)[1]
    )
    own = re.sub(r'"energy_how": "[^"]*"', '"energy_how": "Read from my meter."', content)
    fields = {"content": own, "title": "Mine", "where": "here"}
    assert french_page.post(path, data=fields).is_redirect

    page = french_page.get("/alice/autre/evaluation").text
    assert 'lang="en">Read from my meter.' in page


def test_a_file_that_is_no_table_is_named_in_french(french_page):
    page = html.unescape(bring(french_page, b"%PDF-1.4\n", "messages.csv").text)
    assert re.search(r"n’est pas un tableau, c’est un document PDF\s:", page)


def test_one_of_anything_is_said_in_the_singular(french_page):
    one = "text,label\n" + "".join(f"bonjour numero {n},seule\n" for n in range(12)) + "x,autre\n"
    page = prose(french_page.get(f"/create/{begin(french_page, text=one)}/check").text)
    assert "12 exemples pour 1 étiquette," in page

    repeats = "text,label\n" + "bonjour le monde,seule\n" * 5 + table().split("\n", 1)[1]
    page = prose(french_page.get(f"/create/{begin(french_page, text=repeats)}/check").text)
    assert "et 1 autre du même genre" in page
