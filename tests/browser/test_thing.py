"""The page of a thing in Chromium: lines that open to the words, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from tab import tab

THINGS = [
    *("iran", "jcpoa", "astana-format", "un-security-council", "sergey-lavrov"),
    *("president-of-the-united-states", "moscow-meeting-2021-01-11", "persian-gulf-security"),
    *("hormuz-peace-initiative", "sochi", "kuwait"),
]
OPPOSED = '[aria-labelledby="positions"] blockquote:has-text("oppose linking progress")'


@pytest.mark.parametrize("slug", THINGS)
def test_a_page_is_sound(browser: Browser, site: str, slug: str, thorough: bool) -> None:
    with tab(browser, site) as shown:
        shown.open(f"/page/{slug}")
        shown.sound(f"thing-{slug}", thorough=thorough)


def _opposition(page: Page) -> None:
    """Reach a position by the keyboard, and open its words."""
    line = page.locator("#positions ~ .lines .line > details > summary", has_text="opposes").first
    words = page.locator(OPPOSED).first
    expect(words).to_be_hidden()
    line.focus()
    page.keyboard.press("Enter")
    expect(words).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_line_opens_to_its_words(browser: Browser, site: str, scripts: bool) -> None:
    with tab(browser, site, java_script_enabled=scripts) as shown:
        page = shown.page
        page.goto(site + "/page/iran")
        _opposition(page)


def test_all_words_of_a_section(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/page/iran")
        button = page.get_by_role("button", name="Show all words: Positions", exact=True)
        button.click()
        expect(page.locator(OPPOSED).first).to_be_visible()
        assert shown.trouble() == []
        page.get_by_role("button", name="Hide all words: Positions", exact=True).click()
        expect(page.locator(OPPOSED).first).to_be_hidden()


def test_names_keep_their_language_and_direction(browser: Browser, site: str) -> None:
    with tab(browser, site, 390) as shown:
        page = shown.open("/page/iran")
        name = page.locator('main bdi[lang="fa"]').first
        assert name.inner_text() == "ایران"
        assert name.evaluate("each => getComputedStyle(each).direction") == "rtl"


def test_without_scripts_nothing_asks_for_them(browser: Browser, site: str) -> None:
    with tab(browser, site, java_script_enabled=False) as shown:
        shown.page.goto(site + "/page/jcpoa")
        expect(shown.page.get_by_role("button", name=re.compile("Show all|Copy"))).to_have_count(0)
        expect(shown.page.locator("svg.hood")).to_be_visible()
