"""The reading page: words and facts answer each other, with JavaScript and without; on paper, too."""

from collections.abc import Iterator

import pytest
from needs import need_data
from places import ARTICLE_TEXT
from playwright.sync_api import Browser, Page, expect
from service_process import served
from tab import tab

from comity.graph.descriptions.sources.texts import attach

NAME = "moscow-tehran-relations"
PATH = f"/sources/{NAME}"
expect.set_options(timeout=30_000)  # as the tab has it: the machine may be busy


@pytest.fixture(scope="module")
def with_text(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that shows the text."""
    need_data(ARTICLE_TEXT)
    home = tmp_path_factory.mktemp("reading")
    attach(NAME, ARTICLE_TEXT, texts=home / "comity" / "texts")
    settings = {"COMITY_SHOW_TEXT": "on", "XDG_DATA_HOME": str(home)}
    with served(home / "log", **settings) as service:
        yield service.address


def ground(page: Page, selector: str) -> str:
    return str(page.locator(selector).first.evaluate("e => getComputedStyle(e).backgroundColor"))


@pytest.mark.parametrize(
    "path", [PATH, f"{PATH}?modality=hoped&modality=predicted", "/sources/kayhan-2021-01-26"]
)
def test_the_page_is_sound_without_the_text(
    browser: Browser, site: str, path: str, thorough: bool
) -> None:
    with tab(browser, site) as shown:
        shown.open(path)
        shown.sound(path, whole=False, thorough=thorough)


def test_the_page_is_sound_with_the_text(browser: Browser, with_text: str, thorough: bool) -> None:
    with tab(browser, with_text) as shown:
        shown.open(f"{PATH}#f35.2")
        shown.sound("reading-text", whole=False, thorough=thorough)


def test_no_width_is_too_narrow(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open(PATH + "?actor=nobody")
        page.eval_on_selector_all("details", "all => all.forEach(e => { e.open = true })")
        for width in (320, 390, 800, 1000, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        shown.picture("reading-nobody", whole=False)


def test_without_javascript_anchors_lead_either_way(browser: Browser, site: str) -> None:
    with tab(browser, site, java_script_enabled=False) as shown:
        page = shown.open(PATH)
        page.click("#s24 mark[data-quotation='q24.1'] a.quoted")
        assert page.url.endswith("#f24.1")
        assert page.locator(".fact:target").get_attribute("id") == "f24.1"
        page.click(".fact:target .letter")
        assert page.url.endswith("#q24.1")
        assert page.locator("mark:target").inner_text() == (
            "important regional issue is the Syrian issue"
        )
        page.check("input[name=modality][value=hoped]")
        page.click("form.narrow button")
        assert "modality=hoped" in page.url
        expect(page.locator(".tally")).to_have_text("1 of 99 records")
        expect(page.locator("#s24 .text")).to_be_hidden()
        page.get_by_text("13 sentences hidden: 1 to 13").click()
        expect(page.locator("#s01 .text")).to_be_visible()
        assert shown.failed == [] and shown.foreign == []


def test_words_and_facts_answer_each_other(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open(PATH)
        before = ground(page, "#f24.1".replace(".", r"\."))
        page.click("#s24 mark[data-quotation='q24.1']")
        assert page.url.endswith("#f24.1")
        assert page.locator(".answering").evaluate_all("all => all.map(e => e.id)") == [
            *("q24.1", "f24.1")
        ]
        assert ground(page, "#f24\\.1") != before
        page.click("#f24\\.3 .how")  # whose quotation crosses another
        assert page.url.endswith("#q24.3")
        answering = page.locator(".answering")
        assert answering.evaluate_all("all => all.map(e => e.dataset.quotation ?? e.id)") == [
            *("q24.3", "q24.3", "f24.3")
        ]
        page.go_back()
        assert page.locator(".fact.answering").get_attribute("id") == "f24.1"
        page.keyboard.press("Escape")
        assert answering.count() == 0
        assert "#" not in page.url
        page.hover("#f24\\.2 .claim")
        paired = page.locator("mark.paired")
        assert paired.evaluate_all("all => all.map(e => e.id)") == ["q24.1", "q24.2"]
        assert shown.errors == []


def test_the_keyboard_goes_from_words_to_fact_and_back(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open(PATH)
        page.focus("#s24 sup a[href='#f24.3']")
        assert page.locator(".fact.paired").get_attribute("id") == "f24.3"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "f24.3"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "q24.3"
        name = page.locator("#f24\\.3").get_attribute("aria-describedby") or ""
        assert page.locator(f'[id="{name}"]').count() == 1


def test_an_address_opens_what_it_names(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open(PATH + "?modality=hoped#c25.1")
        expect(page.locator("#c25\\.1")).to_be_in_viewport()
        assert page.locator(".fact.answering").get_attribute("id") == "f25.1"


def test_narrowing_needs_no_button(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open(PATH)
        page.check("input[name=modality][value=hoped]")
        expect(page.locator(".tally")).to_have_text("1 of 99 records")
        assert page.url.endswith("?modality=hoped")
        assert page.evaluate("document.activeElement.value") == "hoped"
        assert page.locator("select[name=actor] option[value=turkey]").inner_text() == "Turkey (0)"
        page.click("#s14 mark[data-quotation='q14.1'] a.quoted")
        assert page.locator(".fact.answering").get_attribute("id") == "f14.1"
        page.click("a.all")
        expect(page.locator(".tally")).to_have_text("99 records in 41 sentences")
        assert page.url.endswith(PATH + "#f14.1")
        page.select_option("select[name=actor]", "turkey")
        expect(page.locator(".tally")).to_contain_text("of 99 records")
        assert shown.trouble() == []


def test_the_rail_leads_through_the_source(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open(PATH)
        page.click(".rail a[href='#s35']")
        expect(page.locator("#s35 .text")).to_be_in_viewport()
        expect(page.locator(".rail [aria-current]")).to_have_attribute("href", "#s35")
        shown.picture("reading-rail", whole=False)


def test_on_paper_there_are_sentences_and_facts_alone(browser: Browser, site: str) -> None:
    with tab(browser, site, scheme="dark") as shown:
        page = shown.open(PATH)
        page.emulate_media(media="print", color_scheme="dark")
        for gone in ("header.site", ".narrow", ".rail", "footer.site", ".fact > details"):
            expect(page.locator(gone).first).to_be_hidden()
        expect(page.locator("#f35\\.2 .remark")).to_be_visible()
        assert ground(page, "body") == "rgb(255, 255, 255)"
        assert ground(page, "#f24\\.1") == "rgb(255, 255, 255)"
        color = page.locator("#s24 .text").evaluate("e => getComputedStyle(e).color")
        assert color == "rgb(0, 0, 0)"
