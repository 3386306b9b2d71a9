"""The page of positions in a browser: cells that open, for mouse, keyboard and screen reader."""

import pytest
from playwright.sync_api import Browser, expect
from tab import WIDTHS, tab

LINKAGE = "/positions?issue=gulf-security-jcpoa-linkage"
WORDS = "oppose linking progress in regional security in the Persian Gulf"
PAGES = ["/positions", "/positions?by=issues&silent=yes", "/positions?actor=turkey&actor=iran"]


@pytest.mark.parametrize("path", PAGES)
def test_it_is_sound(browser: Browser, site: str, path: str, thorough: bool) -> None:
    with tab(browser, site) as shown:
        shown.open(path)
        shown.sound(path, (*WIDTHS, 1920), thorough=thorough)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_cell_opens_its_quotation(browser: Browser, site: str, width: int) -> None:
    with tab(browser, site, width) as shown:
        page = shown.open(LINKAGE)
        page.locator("a.cell").first.click()
        dialog = page.get_by_role("dialog", name="linkage of Gulf security")
        expect(dialog).to_contain_text(WORDS)
        expect(dialog.get_by_role("link", name="Why?").first).to_be_visible()
        shown.picture(f"positions-dialog-{width}", whole=False)
        assert shown.trouble() == []
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_be_hidden()


def test_a_cell_opens_by_keyboard_and_gives_the_focus_back(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open(LINKAGE)
        cell = page.locator("a.cell").first
        cell.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(WORDS)
        expect(dialog.get_by_role("button", name="Close")).to_be_focused()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(cell).to_be_focused()


def test_without_scripts_a_cell_leads_to_its_words(browser: Browser, site: str) -> None:
    with tab(browser, site, java_script_enabled=False) as shown:
        page = shown.page
        page.goto(site + LINKAGE)
        page.locator("a.cell").first.click()
        assert page.url.endswith("#words-1")
        expect(page.locator("#words-1")).to_contain_text(WORDS)
        expect(page.locator("#words-1")).to_be_in_viewport()


def test_a_screen_reader_finds_a_table(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/positions?by=actors")
        table = page.get_by_role("table", name="Positions: actors down")
        name = "Iran on linkage of Gulf security and the JCPOA: opposes , jointly with Russia"
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            expect(table.get_by_role("rowheader", name="Russia")).to_have_count(1)
            expect(table.get_by_role("columnheader", name="Palestinian issue")).to_have_count(1)
            expect(table.get_by_role("link", name=name)).to_have_count(1)


def test_the_headers_stay_in_sight(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/positions?by=issues&silent=yes")
        page.locator(".matrix").evaluate("box => box.scrollTop = 2000")
        expect(page.get_by_role("columnheader", name="Russia")).to_be_in_viewport()


def test_narrowing_by_the_form(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/positions?actor=russia")
        page.get_by_label("Actor").fill("Turkey")
        page.get_by_role("button", name="Show positions").click()
        assert page.url.count("actor=") == 2
        expect(page.get_by_role("rowheader", name="Turkey")).to_be_visible()
        expect(page.get_by_role("checkbox", name="russia")).to_be_checked()
