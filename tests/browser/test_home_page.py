"""The home page in a browser: what a newcomer finds, what it weighs; lists that are narrowed."""

import pytest
from playwright.sync_api import Browser, expect
from tab import tab

MOST = 150_000  # bytes as they come over the wire, of a first view
# The editor and the explorer are tools, and may weigh more.
LIGHT = [
    *("/", "/search?q=iran", "/queries", "/queries/positions-of?holder=iran", "/network"),
    *("/ontology", "/downloads", "/about", "/sources", "/sources/moscow-tehran-relations"),
    *("/page/iran", "/positions", "/timeline"),
]


def test_a_newcomer_finds_what_russia_and_iran_oppose(browser: Browser, site: str) -> None:
    with tab(browser, site, java_script_enabled=False) as shown:
        page = shown.open("/")
        answer = page.locator("article", has_text="What do Russia and Iran oppose?")
        expect(answer.locator("blockquote")).to_have_text(
            "oppose linking progress in regional security in the Persian Gulf"
            " with the resumption of the JCPOA"
        )
        answer.get_by_role("link", name="sentence 39").click()
        page.wait_for_url("**/sources/moscow-tehran-relations#f39.1")


def test_the_drawing_leads_on(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/")
        page.locator("svg.broad").get_by_role("link", name="Iran", exact=True).click()
        page.wait_for_url("**/page/iran")


def test_queries_are_narrowed_as_one_types(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/queries")
        field = page.get_by_label("Filter the list")
        field.press_sequentially("corrections rightly")
        entries = page.locator("#catalogue li:visible")
        expect(entries).to_have_count(1)
        expect(page.locator(".filter [role=status]")).to_contain_text("1 of ")
        expect(page.locator("#catalogue h2:visible")).to_have_count(1)
        assert shown.trouble() == []
        field.fill("qqqzzz")
        expect(page.locator(".filter [role=status]")).to_contain_text("No entry")
        field.press("Escape")
        assert entries.count() > 60


def test_terms_are_searched_and_a_link_shows_what_was_hidden(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/ontology")
        page.get_by_label("Search the terms").press_sequentially("comity:stance")
        expect(page.locator("#Agent")).to_be_hidden()
        expect(page.locator("#Stance")).to_be_visible()
        page.locator("nav.index").get_by_role("link", name="agent", exact=True).click()
        expect(page.locator("#Agent")).to_be_visible()


@pytest.mark.parametrize("path", LIGHT)
def test_a_first_view_is_light(browser: Browser, site: str, path: str) -> None:
    with tab(browser, site) as shown:
        client = shown.page.context.new_cdp_session(shown.page)
        client.send("Network.enable")
        sizes: list[float] = []
        client.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))
        shown.open(path)
        assert len(sizes) > 3  # the page, its style, its letters
        assert sum(sizes) < MOST, sizes
