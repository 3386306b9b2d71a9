"""The search box: completion by keyboard and by mouse, in every script, and without a script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tab import Tab, tab


@pytest.fixture
def home(browser: Browser, site: str) -> Iterator[Tab]:
    with tab(browser, site) as shown:
        shown.open("/")
        yield shown


def suggestions(page: Page, text: str, field: str = "#home-q") -> list[str]:
    """What is suggested for a text that is typed."""
    page.locator(field).press_sequentially(text)
    box = page.locator(f"form:has({field}) .suggestions")
    expect(box).to_be_visible()
    return [" ".join(each.split()) for each in box.locator("[role=option]").all_inner_texts()]


def test_what_is_typed_is_completed_and_enter_goes_there(home: Tab) -> None:
    found = suggestions(home.page, "Astana f")
    assert found[0].startswith("Astana format")
    field = home.page.locator("#home-q")
    expect(field).to_have_attribute("aria-expanded", "true")
    home.picture("search-box-1280-light", whole=False)
    assert home.trouble() == []
    field.press("ArrowDown")
    chosen = home.page.locator("[role=option][aria-selected=true]")
    expect(field).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
    field.press("Enter")
    home.page.wait_for_url("**/page/astana-format")


def test_escape_closes_and_enter_searches(home: Tab) -> None:
    suggestions(home.page, "Iran")
    field = home.page.locator("#home-q")
    field.press("ArrowUp")  # from the field to the last one
    last = home.page.locator("#home-q ~ .suggestions [role=option]").last
    expect(last).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(home.page.locator("#home-q ~ .suggestions")).to_be_hidden()
    expect(field).to_have_value("Iran")
    field.press("Enter")
    home.page.wait_for_url("**/search?q=Iran")
    assert home.trouble() == []


@pytest.mark.parametrize(("text", "name"), [("Лавр", "Лавров"), ("روسی", "روسیه")])
def test_other_scripts_keep_their_direction_and_language(home: Tab, text: str, name: str) -> None:
    found = suggestions(home.page, text)
    assert any(name in each for each in found)
    matched = home.page.locator("bdi.matched", has_text=name).first
    assert matched.get_attribute("lang") in ("ru", "fa")
    home.picture(f"search-box-{matched.get_attribute('lang')}", whole=False)
    assert home.trouble() == []


def test_a_quotation_leads_to_its_record(home: Tab) -> None:
    suggestions(home.page, "ready to launch")
    home.page.locator("#home-q ~ .suggestions [role=option]:has(q)").first.click()
    home.page.wait_for_url(re.compile(r"/sources/moscow-tehran-relations#f\d"))


def test_nothing_found_is_said(home: Tab) -> None:
    home.page.locator("#home-q").press_sequentially("qqqzzz")
    status = home.page.locator("#home-q ~ .suggestions [role=status]")
    expect(status).to_have_text("No name matches. Press Enter for a full search.")
    expect(home.page.locator("#home-q")).to_have_attribute("aria-expanded", "false")
    assert home.trouble() == []


def test_the_head_of_every_page_has_it_on_a_phone_too(browser: Browser, site: str) -> None:
    with tab(browser, site, 390, "dark") as shown:
        page = shown.open("/about")
        assert suggestions(page, "Hormuz", "#site-search")
        shown.picture("search-box-390-dark", whole=False)
        assert shown.trouble() == []
        page.locator("main p").last.click()
        expect(page.locator("#site-search ~ .suggestions")).to_be_hidden()


def test_without_a_script_it_is_a_form(browser: Browser, site: str) -> None:
    with tab(browser, site, java_script_enabled=False) as shown:
        page = shown.open("/")
        page.locator("#home-q").fill("Hormuz")
        page.locator("#home-q").press("Enter")
        page.wait_for_url("**/search?q=Hormuz")
        assert page.locator("article.record").count() > 0
