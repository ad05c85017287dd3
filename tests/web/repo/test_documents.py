"""A model that answers with quotes of documents: its page, another site's page, and programs."""

import pytest

from tests import made

QUOTE = "Wash the violin in warm water. A repair takes nine days."
QUESTION = "How do I wash the violin?"


@pytest.fixture
def guides(site, alice):
    return made.quoting(site, alice).model


def test_each_door_quotes_with_the_source_and_refuses_what_is_not_there(page_client, guides):
    page = page_client.post(f"/{guides}/ask", data={"text": QUESTION}).text
    assert QUOTE in page
    assert "/blob/" in page
    assert "documents/violin.md" in page
    assert "Sort a whole file" not in page
    assert "as a classifier" not in page

    framed = page_client.post(f"/embed/{guides}?lang=en", data={"text": QUESTION}).text
    assert QUOTE in framed
    assert "violin.md › Care of the violin" in framed
    assert "a person wrote it" not in framed

    asked = {"inputs": {"question": QUESTION, "context": "-"}}
    said = page_client.post(f"/run/{guides}", json=asked).json()
    assert (said["answer"], said["source"]["document"]) == (QUOTE, "violin.md")
    passage, source = said["source"]["passage"], said["source"]
    assert passage[source["start"] : source["end"]] == QUOTE

    asked = {"inputs": {"question": "Who is the president of Peru?", "context": "-"}}
    assert page_client.post(f"/run/{guides}", json=asked).json()["answer"] == ""
