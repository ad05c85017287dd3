"""Proposing a change and deciding on it, in a browser: by keyboard, and without JavaScript."""

from typing import TYPE_CHECKING

import pytest

from tests.browser.test_pages import check

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Look, Visit

pytestmark = pytest.mark.browser

FILE = "/alice/courrier/blob/main/README.md"


def sign_in(page: "Page", base: str, name: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{base}/login")
    page.fill("[name=name]", name)
    page.fill("[name=password]", "correct horse")
    page.click("main button")
    page.wait_for_url(f"{base}/")


def test_a_stranger_proposes_and_the_owner_merges(browser: "Browser", base: str) -> None:
    """Without a script of ours, and by the keyboard where a person decides."""
    context = browser.new_context(locale="en", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, base, "bob")
    page.goto(base + FILE)
    page.get_by_role("link", name="Propose a change").click()
    text = page.locator("[name=content]").input_value()
    page.fill("[name=content]", text.replace("# Courrier", "# Le courrier"))
    page.fill("[name=why]", "A better title.")
    page.get_by_role("button", name="Propose this change").click()
    assert page.get_by_text("Your proposal is here.").is_visible()
    assert page.locator(".prose").get_by_text("A better title.").is_visible()
    address = page.url.partition("?")[0]

    sign_in(page, base, "alice")
    page.goto(address)
    page.get_by_role("link", name="Changes").click()
    assert page.locator("tr.add").get_by_text("# Le courrier").is_visible()
    page.get_by_role("link", name="Talk").click()
    page.locator("summary", has_text="Merge it…").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Merge into main").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**done=merged")
    assert page.get_by_text("alice merged it").is_visible()
    page.goto(f"{base}/alice/courrier")
    assert page.get_by_role("heading", name="Le courrier").is_visible()
    context.close()


def test_what_opens_on_a_discussion(alices_visit: "Visit", look: "Look") -> None:
    """The forms that wait to be opened are as good as those that do not."""
    alices_visit.go("/alice/courrier/discussions/2")
    alices_visit.page.evaluate(
        "document.querySelectorAll('main details').forEach(one => { one.open = true })"
    )
    check(alices_visit, look)


def test_a_refused_comment(alices_visit: "Visit", look: "Look") -> None:
    alices_visit.go("/alice/courrier/discussions/1")
    alices_visit.page.locator("main form .btn.go").last.click()
    alices_visit.page.wait_for_selector("[aria-invalid]")
    alices_visit.problems.clear()  # the browser itself reports a 422
    check(alices_visit, look)
