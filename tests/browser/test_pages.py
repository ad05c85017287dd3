"""What every page owes to whoever reads it: their language, no mouse, a small screen, no script."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PASSWORD, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.conftest import Look, Visit

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

READING = {
    "home": "/",
    "models": "/models",
    "narrowed": "/models?task=text-classification",
    "datasets": "/datasets",
    "search": "/search?q=courrier",
    "no result": "/search?q=zebra",
    "person": "/alice",
    "model": "/alice/courrier",
    "dataset": "/datasets/alice/messages",
    "files": "/alice/courrier/tree/main",
    "file": "/alice/courrier/blob/main/train.py",
    "table file": "/datasets/alice/messages/blob/main/data/train.csv",
    "history": "/alice/courrier/commits/main",
    "discussions": "/alice/courrier/discussions",
    "closed discussions": "/alice/courrier/discussions?status=closed",
    "discussion": "/alice/courrier/discussions/1",
    "proposal": "/alice/courrier/discussions/2",
    "changes": "/alice/courrier/discussions/2/files",
    "sign in": "/login",
    "join": "/join",
}
OWN = {
    "settings": "/settings",
    "tokens": "/settings/tokens",
    "new model": "/new",
    "new dataset": "/new-dataset",
    "no card": "/alice/empty",
    "upload": "/alice/courrier/upload/main",
    "edit": "/alice/courrier/edit/main/README.md",
    "repository settings": "/alice/courrier/settings",
    "new discussion": "/alice/courrier/discussions/new",
    "own discussion": "/alice/courrier/discussions/1",
    "own proposal": "/alice/courrier/discussions/2",
    "conflict": "/alice/courrier/discussions/3",
}


@pytest.mark.parametrize("name", READING)
def test_a_page_for_everybody(visit: "Visit", look: "Look", name: str) -> None:
    visit.go(READING[name])
    check(visit, look)


@pytest.mark.parametrize("name", OWN)
def test_a_page_for_its_owner(alices_visit: "Visit", look: "Look", name: str) -> None:
    alices_visit.go(OWN[name])
    check(alices_visit, look)


def test_a_missing_page(visit: "Visit", look: "Look") -> None:
    visit.go("/alice/nothing")
    visit.problems.clear()  # the browser itself reports a 404
    check(visit, look)


def test_one_commit(visit: "Visit", look: "Look") -> None:
    visit.go("/alice/courrier/commits/main")
    visit.page.click("ol.commits li:first-child a")
    check(visit, look)


def test_a_new_password_by_keyboard(visit: "Visit", look: "Look") -> None:
    sign_in(visit, "carol")  # it signs her out of all other browsers, and nobody else
    page = visit.page
    for current, sign in (("wrong", "[aria-invalid]"), (PASSWORD, ".flash")):
        visit.go("/settings")
        page.focus("[name=current]")
        for typed in (current, PASSWORD, PASSWORD):
            page.keyboard.type(typed)
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector(sign)
        visit.problems.clear()  # the browser itself reports a 422
        check(visit, look)


def test_a_refused_form(visit: "Visit", look: "Look") -> None:
    visit.go("/join")
    visit.page.fill("[name=name]", "eve")
    visit.page.fill("[name=password]", "short")
    visit.page.click("main button")
    visit.page.wait_for_selector("[aria-invalid]")
    visit.problems.clear()  # the browser itself reports a 422
    check(visit, look)


def check(visit: "Visit", look: "Look") -> None:
    page = visit.page
    assert page.locator("html").get_attribute("lang") == look.language
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert not found["violations"], json.dumps(
        [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]],
        indent=1,
    )
    assert visit.problems == []


def test_a_menu_opens_on_the_screen(alices_visit: "Visit") -> None:
    """Every menu of every page that has one."""
    page = alices_visit.page
    for path in (
        "/alice/courrier/commits/main",
        "/alice/courrier/tree/main",
        "/alice/courrier/blob/main/train.py",
        "/alice/courrier/discussions/1",
    ):
        alices_visit.go(path)
        menus = page.locator("details.menu > summary:visible")
        assert menus.count()
        for place in range(menus.count()):
            menus.nth(place).click()
            box = page.locator("details.menu[open] > .pop").bounding_box()
            assert box is not None
            assert box["x"] >= 0, path
            assert box["x"] + box["width"] <= page.evaluate("innerWidth"), path
            page.keyboard.press("Escape")


@pytest.mark.parametrize("path", ["/", "/alice/courrier", "/models", "/alice/courrier/tree/main"])
def test_a_page_reads_without_javascript(browser: "Browser", base: str, path: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr")
    page = context.new_page()
    page.goto(base + path)
    assert page.locator("h1").is_visible()
    assert page.get_by_role("link", name="Modèles").first.is_visible()
    context.close()


def test_the_skip_link_comes_first(browser: "Browser", base: str) -> None:
    page = browser.new_page()
    page.goto(base)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.close()


def test_narrowing_a_list_replaces_the_results_in_place(browser: "Browser", base: str) -> None:
    page = browser.new_page(viewport={"width": 1360, "height": 900}, locale="en")
    page.goto(f"{base}/models", wait_until="networkidle")
    page.get_by_role("radio", name="Apache-2.0").check()
    page.wait_for_url("**/models?*license=apache-2.0*")
    assert page.locator("#results").get_by_role("link", name="courrier").is_visible()
    assert page.locator("#results").get_by_role("link", name="empty").count() == 0
    page.close()


def test_a_page_weighs_little(browser: "Browser", base: str) -> None:
    """The budget of docs: HTML under 60 kB before compression, all of a first visit under 250."""
    page = browser.new_page()
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto(f"{base}/alice/courrier", wait_until="networkidle")
    assert sizes[0] < 60_000
    assert sum(sizes) < 250_000
    page.close()
