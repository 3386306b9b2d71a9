"""The explorer in Chromium: every interaction, on the real service."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import networkx as nx
import pytest
from playwright.sync_api import Browser, Page, expect
from tab import WIDTHS, Tab, tab

# To expand, the service asks the widest of its views: on a busy machine that takes its time.
expect.set_options(timeout=60_000)
CY = "document.getElementById('drawing')._cyreg.cy"
MANY = """PREFIX comity: <https://w3id.org/comity/ontology#>
SELECT DISTINCT ?source ?target { ?source a comity:State . ?target a comity:Issue }"""


@contextmanager
def explorer(
    browser: Browser, site: str, path: str = "/explore?view=actors", width: int = 1280
) -> Iterator[Tab]:
    with tab(browser, site, width) as shown:
        shown.page.goto(site + path)
        ready(shown.page)
        yield shown


def ready(page: Page) -> None:
    expect(page.locator("#explorer[data-state=ready]")).to_be_visible()


def seen(page: Page, kind: str) -> list[str]:
    found: list[str] = page.evaluate(
        f"{CY}.{kind}().filter((each) => !each.hasClass('gone')).map((each) => each.id())"
    )
    return sorted(found)


def tap(page: Page, id: str) -> None:
    page.evaluate(f"void {CY}.getElementById('{id}').emit('tap')")


def act(page: Page, name: str) -> None:
    page.locator(f'#explorer [data-act="{name}"]').click()


def press(page: Page, word: str) -> None:
    page.locator("#panel .acts").get_by_role("button", name=word, exact=True).click()


def find(page: Page, text: str, name: str) -> None:
    page.get_by_role("combobox", name="Find").fill(text)
    page.get_by_role("option", name=re.compile(name)).first.click()


def an_edge(page: Page, condition: str) -> str:
    found = page.evaluate(f"{CY}.edges().filter((e) => {condition})[0].id()")
    assert isinstance(found, str)
    return found


def test_an_edge_opens_its_quotation(browser: Browser, site: str) -> None:
    with explorer(browser, site) as shown:
        page, panel = shown.page, shown.page.locator("#panel")
        tap(page, an_edge(page, "e.data('evidence') && e.parallelEdges().length > 1"))
        expect(panel.locator("blockquote").first).to_be_visible()
        expect(panel.get_by_role("link", name=re.compile("Sentence \\d+")).first).to_be_visible()
        expect(panel.locator(".holders")).to_contain_text("Held by")
        expect(panel.locator("[data-modality]").first).to_be_visible()
        assert "/why?record=" in (
            panel.get_by_role("link", name="Why?").get_attribute("href") or ""
        )
        assert "/sources/" in (
            panel.get_by_role("link", name=re.compile("Source")).first.get_attribute("href") or ""
        )
        expect(panel).to_contain_text("Between the same two")
        page.keyboard.press("Escape")
        expect(panel.locator("blockquote")).to_have_count(0)
        assert shown.trouble() == []


def test_finding_shows_what_is_drawn_and_adds_what_is_not(browser: Browser, site: str) -> None:
    with explorer(browser, site) as shown:
        page = shown.page
        page.get_by_role("combobox", name="Find").press_sequentially("zarif")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#panel h3").first).to_have_text("Mohammad Javad Zarif")
        assert "hormuz-peace-initiative" not in seen(page, "nodes")
        find(page, "hormuz peace", "Hormuz Peace Initiative.*add it")
        expect(page.locator("#panel h3").first).to_have_text("Hormuz Peace Initiative")
        ready(page)
        assert "hormuz-peace-initiative" in seen(page, "nodes")
        assert "expand=hormuz-peace-initiative" in page.url
        assert shown.trouble() == []


def test_expand_hide_pin_and_undo(browser: Browser, site: str) -> None:
    with explorer(browser, site) as shown:
        page = shown.page
        edges = seen(page, "edges")
        tap(page, "turkey")
        press(page, "Expand")
        expect(page.get_by_role("button", name="Expanded")).to_be_disabled()
        ready(page)
        wider = seen(page, "edges")
        assert set(edges) < set(wider)
        press(page, "Hide")
        assert "turkey" not in seen(page, "nodes")
        act(page, "undo")
        assert "turkey" in seen(page, "nodes")
        act(page, "undo")
        ready(page)
        assert seen(page, "edges") == edges
        tap(page, "iran")
        press(page, "Pin")
        expect(page.get_by_role("button", name="Unpin")).to_be_visible()
        before = page.evaluate(f"{CY}.getElementById('iran').position()")
        act(page, "again")
        expect(page.locator("#drawing[aria-busy]")).to_have_count(0)
        after = page.evaluate(f"{CY}.getElementById('iran').position()")
        assert {n: round(v) for n, v in before.items()} == {n: round(v) for n, v in after.items()}
        press(page, "Hide")
        act(page, "unhide")
        assert "iran" in seen(page, "nodes")
        act(page, "reset")
        assert "#" not in page.url


def test_filters(browser: Browser, site: str) -> None:
    with explorer(browser, site) as shown:
        page, every = shown.page, seen(shown.page, "edges")
        said = "{ const e = CY.getElementById(id); return [e.data('modality'), e.data('contemplated')] }"

        def values() -> list[Any]:
            script = said.replace("CY", CY)
            found: list[Any] = page.evaluate(
                f"(ids) => ids.map((id) => {script})", seen(page, "edges")
            )
            return found

        page.get_by_role("checkbox", name=re.compile("Facts only")).check()
        assert 0 < len(seen(page, "edges")) < len(every)
        assert not any(contemplated for _, contemplated in values())
        page.get_by_role("checkbox", name=re.compile("Facts only")).uncheck()
        page.locator("#filter-modality-proposed").uncheck()
        assert not any(modality == "proposed" for modality, _ in values())
        expect(page.locator("#explore-state")).to_contain_text("of 34 nodes and 255 edges drawn")
        act(page, "undo")
        assert seen(page, "edges") == every
        page.locator("#filter-class-Person").uncheck()
        assert "sergey-lavrov" not in seen(page, "nodes")
        act(page, "undo")
        slider = page.locator("#filter-to")
        slider.evaluate(
            "(e) => { e.value = 2015 * 12; e.dispatchEvent(new Event('change', {bubbles: true})) }"
        )
        assert "to=2015-01-31" in page.url
        dates = page.evaluate(
            f"{CY}.edges().filter((e) => !e.hasClass('gone')).map((e) => e.data('start') ?? '')"
        )
        assert dates and max(dates) <= "2015-01-31"
        page.locator("#filter-undated-yes").uncheck()
        assert "undated=no" in page.url
        assert shown.trouble() == []


def test_the_address_restores_it(browser: Browser, site: str) -> None:
    with explorer(browser, site) as shown:
        page = shown.page
        tap(page, "turkey")
        press(page, "Expand")
        expect(page.get_by_role("button", name="Expanded")).to_be_disabled()
        tap(page, "china")
        press(page, "Hide")
        tap(page, "iran")
        press(page, "Pin")
        page.locator("#filter-modality-planned").uncheck()
        address, nodes, edges = page.url, seen(page, "nodes"), seen(page, "edges")
        place = page.evaluate(f"{CY}.getElementById('iran').position()")
    with explorer(browser, site, address.removeprefix(site)) as again:
        assert (seen(again.page, "nodes"), seen(again.page, "edges")) == (nodes, edges)
        found = again.page.evaluate(f"{CY}.getElementById('iran').position()")
        assert {n: round(v) for n, v in found.items()} == {n: round(v) for n, v in place.items()}
        expect(again.page.locator("#filter-modality-planned")).not_to_be_checked()


def test_exactly_what_is_seen_is_exported(browser: Browser, site: str) -> None:
    with explorer(browser, site) as shown:
        page = shown.page
        page.locator("#filter-modality-proposed").uncheck()
        tap(page, "turkey")
        press(page, "Hide")
        with page.expect_download() as waiting:
            page.get_by_role("button", name=".gexf", exact=True).click()
        assert waiting.value.suggested_filename == "actors-seen.gexf"
        graph = nx.read_gexf(io.BytesIO(waiting.value.path().read_bytes()))
        assert sorted(graph) == seen(page, "nodes")
        assert sorted(s["id"] for *_, s in graph.edges(data=True)) == seen(page, "edges")
        with page.expect_download() as waiting:
            page.get_by_role("button", name=".png as drawn here").click()
        assert waiting.value.path().read_bytes().startswith(b"\x89PNG")
        assert shown.trouble() == []


def test_by_keyboard_and_as_a_list(browser: Browser, site: str) -> None:
    with explorer(browser, site) as shown:
        page = shown.page
        page.locator("#drawing").focus()
        page.keyboard.press("n")
        first = page.locator("#panel h3").first.inner_text()
        page.keyboard.press("n")
        expect(page.locator("#panel h3").first).not_to_have_text(first)
        page.keyboard.press("p")
        expect(page.locator("#panel h3").first).to_have_text(first)
        page.keyboard.press("h")
        expect(page.locator("#explore-state")).to_contain_text("33 nodes")
        page.keyboard.press("Control+z")
        expect(page.locator("#explore-state")).to_contain_text("34 nodes")
        zoom = page.evaluate(f"{CY}.zoom()")
        page.keyboard.press("+")
        assert page.evaluate(f"{CY}.zoom()") > zoom
        page.get_by_text("255 edges", exact=True).click()
        expect(page.locator("#list details[open] tbody tr")).to_have_count(200)
        page.get_by_role("button", name="55 more").click()
        expect(page.locator("#list details[open] tbody tr")).to_have_count(255)
        page.locator("#list").get_by_role("button", name=re.compile("Details of")).first.click()
        expect(page.locator("#panel")).to_be_focused()
        assert shown.trouble() == []


def test_above_the_limit_it_says_so(browser: Browser, site: str) -> None:
    with explorer(browser, site, f"/explore?query={quote(MANY)}") as shown:
        page = shown.page
        state = page.locator("#explore-state")
        expect(state).to_contain_text(
            re.compile(r"Showing 2,000 of \d+,\d{3} edges: narrow it, or")
        )
        href = state.get_by_role("link", name="open it in Gephi").get_attribute("href") or ""
        assert "format=gexf" in href
        assert len(seen(page, "edges")) == 2000
        shown.picture("explore-above-the-limit")


def test_what_can_not_be_drawn_is_explained(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        shown.page.goto(f"{site}/explore?query={quote('ASK {}')}")
        expect(shown.page.locator("#explore-state")).to_contain_text("yes or no is not a network")


def test_without_scripts_there_is_a_picture_and_files(browser: Browser, site: str) -> None:
    with tab(browser, site, java_script_enabled=False) as shown:
        page = shown.open("/explore?view=positions&actor=iran")
        expect(page.locator("#explorer")).to_be_hidden()
        link = page.get_by_role("link", name=".gexf", exact=True)
        assert (link.get_attribute("href") or "").endswith("/network/positions.gexf?actor=iran")


@pytest.mark.parametrize("width", WIDTHS)
def test_details_at_every_width(browser: Browser, site: str, width: int) -> None:
    with explorer(browser, site, "/explore?view=actors&lang=fa", width) as shown:
        page = shown.page
        tap(page, an_edge(page, "e.data('evidence')"))
        expect(page.locator("#panel blockquote").first).to_be_visible()
        shown.sound("explore-details", [width], whole=False)
