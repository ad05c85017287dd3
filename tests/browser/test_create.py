"""The main job, by a person in a browser: from a table to a published model that answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from etabli.settings import Settings
from etabli.site import Site
from tests.browser.conftest import (
    LOOKS,
    PASSWORD,
    Look,
    Visit,
    _context,
    _free_port,
    _visit,
    served,
)
from tests.browser.test_pages import check
from tests.web.tables import REPLIES, table

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "I lost my card, it was stolen"
A_MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def workshop_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a hub that makes models, with alice in it."""
    port = _free_port()
    site = Site(Settings(data_dir=tmp_path_factory.mktemp("workshop"), database_url="", port=port))
    site.migrate()
    with site.open_hub() as hub:
        hub.accounts.register("alice", PASSWORD)
    with served(site) as address:
        yield address


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tables")
    for name, text in {
        "messages": table(),
        "replies": REPLIES,
        "broken": "%PDF-1.4 no table\n",
    }.items():
        (folder / f"{name}.csv").write_text(text)
    return {path.stem: path for path in folder.iterdir()}


@pytest.mark.parametrize("name", LOOKS)
def test_from_a_table_to_a_model_that_answers(
    browser: Browser, workshop_hub: str, files: dict[str, Path], name: str
) -> None:
    look = LOOKS[name]
    context = _context(browser, look)
    visit = _visit(context, workshop_hub)
    page = visit.page
    visit.go("/create")
    check(visit, look)
    _sign_in(page)
    check(visit, look)
    _the_drop_zone(page)

    _a_broken_table(visit, look, files["broken"])
    page.set_input_files("#f-train", files["messages"])
    page.locator("details.more summary").first.click()
    page.set_input_files("#f-replies", files["replies"])
    page.locator("form:has(#f-train) .btn.go").click()
    page.wait_for_url("**/check")
    check(visit, look)

    page.locator(".bar-end .btn.go").click()
    page.wait_for_url("**/result", timeout=A_MINUTE_MS)
    check(visit, look)
    _asking(visit, look)
    _the_slider(page)

    key = page.url.split("/")[4]
    visit.go(f"/create/{key}/replies")
    check(visit, look)
    visit.go(f"/create/{key}/publish")
    check(visit, look)
    page.fill("#f-name", f"sorter-{look.language}")
    page.locator(".bar-end .btn.go").click()
    page.wait_for_url(f"**/alice/sorter-{look.language}")
    check(visit, look)
    _asking(visit, look)
    visit.go(f"/alice/sorter-{look.language}/evaluation")
    check(visit, look)
    context.close()


def test_the_making_is_seen_moving(browser: Browser, workshop_hub: str) -> None:
    """The sample takes long enough: the page follows, and the work can be stopped."""
    look = LOOKS["en-light-desktop"]
    context = _context(browser, look)
    visit = _visit(context, workshop_hub)
    page = visit.page
    visit.go("/login?next=/create")
    _fill_in(page)
    page.get_by_role("button", name="Use the BANKING77 sample").click()
    page.wait_for_url("**/check")
    page.locator(".bar-end .btn.go").click()
    page.wait_for_url("**/making")
    expect(page.locator("#progress")).to_contain_text("so far", timeout=A_MINUTE_MS)
    expect(page.locator("#progress h2")).to_contain_text("Learning", timeout=A_MINUTE_MS)
    check(visit, look)
    page.get_by_role("button", name="Stop").click()
    page.wait_for_url("**/check")
    context.close()


def test_the_same_without_javascript(
    browser: Browser, workshop_hub: str, files: dict[str, Path]
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(f"{workshop_hub}/create")
    _sign_in(page)
    page.set_input_files("#f-train", files["messages"])
    page.locator("form:has(#f-train) .btn.go").click()
    page.locator(".bar-end .btn.go").click()
    page.wait_for_url("**/result", timeout=A_MINUTE_MS)  # the page asks again by itself

    page.fill("#ask-text", QUESTION)
    page.locator("#try .try button").click()
    expect(page.locator(".turn")).to_contain_text(QUESTION)
    page.goto(page.url.split("/try")[0] + "/result?threshold=0")
    expect(page.locator("#doubt .three dd").first).to_have_text("100%")
    page.get_by_role("link", name="Review and publish").click()
    page.fill("#f-name", "by-hand")
    page.locator(".bar-end .btn.go").click()
    page.wait_for_url("**/alice/by-hand")
    page.fill("#ask-text", QUESTION)
    page.locator("#try .try button").click()
    expect(page.locator(".turn")).to_contain_text("card lost")
    expect(page.locator("h1")).to_contain_text("by-hand")
    context.close()


def _sign_in(page: Page) -> None:
    page.locator("main a[href^='/login']").click()
    _fill_in(page)


def _fill_in(page: Page) -> None:
    page.fill("[name=name]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url("**/create")


def _a_broken_table(visit: Visit, look: Look, path: Path) -> None:
    page = visit.page
    page.set_input_files("#f-train", path)
    page.locator("form:has(#f-train) .btn.go").click()
    expect(page.locator("#e-train")).to_contain_text("broken.csv")
    visit.problems.clear()  # the browser itself reports a 422
    check(visit, look)


def _asking(visit: Visit, look: Look) -> None:
    """By button, then by keyboard alone: all turns stay, and the field is free for the next."""
    page = visit.page
    field, turns = page.locator("#ask-text"), page.locator(".turn")
    field.fill(QUESTION)
    page.locator("#try .try button").click()
    expect(turns).to_have_count(1)
    expect(turns.first).to_contain_text(QUESTION)
    field.focus()
    for count in (2, 3):
        expect(field).to_have_value("")
        expect(field).to_be_focused()
        page.keyboard.type("my screen")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("crashed")
        page.keyboard.press("Enter")
        expect(turns).to_have_count(count)
        assert turns.last.locator(".said-you").inner_text().endswith("my screen\ncrashed")
    check(visit, look)


def _the_drop_zone(page: Page) -> None:
    """Files are dropped on a field by the browser itself: it is there at each corner of the zone.

    On the home page too.
    """
    here = page.url
    for address in (here, here.removesuffix("/create")):
        page.goto(address)
        hit = page.evaluate(
            """() => {
              const zone = document.querySelector(".drop");
              zone.scrollIntoView({ block: "center" });
              const { left, right, top, bottom } = zone.getBoundingClientRect();
              return [left + 6, right - 6].flatMap((x) =>
                [top + 6, bottom - 6].map((y) => document.elementFromPoint(x, y).type));
            }"""
        )
        assert hit == ["file"] * 4, address
    page.goto(here)


def _the_slider(page: Page) -> None:
    page.locator("#threshold").fill("0")
    page.locator("#threshold").dispatch_event("change")
    expect(page.locator("#doubt .three dd").first).to_contain_text("100")
