"""What the page of a copy says of where it comes from."""

from tests.federation.running import LARGE_SHA256
from tests.federation.test_evil_upstream import DIFFERENT, LARGE_FILE, SMALL_FILE, get


def test_the_page_says_where_a_copy_comes_from_and_what_was_verified(upstream, downstream):
    get(downstream, LARGE_FILE)
    with downstream.client() as here:
        page = here.get("/alice/model").text
        assert f'href="{upstream.url}/alice/model"' in page
        assert "Copied from elsewhere" in page
        assert LARGE_SHA256[:12] in page
        assert "/alice/model/discussions" not in page
        french = here.get("/alice/model", headers={"Accept-Language": "fr"}).text
        assert "Copié d’ailleurs" in french
        assert "Of another hub" in here.get("/alice").text


def test_the_page_shows_what_came_as_something_else(upstream, downstream):
    upstream.between.misbehave("/resolve/", DIFFERENT["a flipped byte"])
    get(downstream, SMALL_FILE)
    with downstream.client() as here:
        page = here.get("/alice/model").text
    assert "small.bin came as something else than its commit names" in page


def test_the_page_of_a_file_that_has_not_come_says_so(downstream):
    with downstream.client() as here:
        page = here.get("/alice/model/blob/main/small.bin")
    assert page.status_code == 404
    assert "This file is not here yet" in page.text
