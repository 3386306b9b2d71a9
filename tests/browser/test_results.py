"""Answers on the page Ask: each view of a real answer, what is cut, what is offered, in a real browser."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from tab import WIDTHS, Tab, tab

from comity.graph.catalogue.front_matter import read_query
from comity.graph.installed import queries_folder

PREFIXES = """PREFIX comity: <https://w3id.org/comity/ontology#>
PREFIX id: <https://w3id.org/comity/id/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
NETWORK = (queries_folder() / "networks" / "positions.rq").read_text()
TIMELINE = read_query(queries_folder() / "timeline-of.rq").text
POSITIONS = read_query(queries_folder() / "positions-of.rq").text
CHART = (
    PREFIXES
    + """SELECT ?modality (COUNT(?record) AS ?records)
{ ?record comity:modality ?modality } GROUP BY ?modality ORDER BY DESC(?records)"""
)
LINKS = (
    PREFIXES
    + """SELECT ?source ?target ?type
{ ?source comity:memberOf ?target BIND("member" AS ?type) } LIMIT 20"""
)
CONSTRUCT = PREFIXES + "CONSTRUCT { id:iran ?p ?o } WHERE { id:iran ?p ?o }"
ODD = (
    PREFIXES
    + """SELECT ?thing ?n ?day ?text WHERE { VALUES (?thing ?n ?day ?text) {
  (id:iran 10 "2021-02-22"^^xsd:date "درود"@fa)
  (id:russia 9 "0850-01-01"^^xsd:date "")
  (<https://example.org/far> -1.5 "2020-12-31"^^xsd:date "<b>bold</b> | {{thing}}\\n2")
  (UNDEF UNDEF UNDEF "1648"^^xsd:gYear) } }"""
)
MANY = """SELECT ?n ?m { VALUES ?a { 0 1 2 3 4 5 6 7 8 9 } VALUES ?b { 0 1 2 3 4 5 6 7 8 9 }
  VALUES ?c { 0 1 2 3 4 5 6 7 8 9 } VALUES ?d { 0 1 2 3 4 5 6 7 8 9 } VALUES ?e { 0 1 }
  BIND(?e * 10000 + ?d * 1000 + ?c * 100 + ?b * 10 + ?a AS ?n) BIND(20000 - ?n AS ?m) } ORDER BY ?n"""
PANEL = ".tabPanel.active"
CELLS = """rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"""


@contextmanager
def answered(
    browser: Browser, site: str, query: str, view: str = "", **options: Any
) -> Iterator[Tab]:
    """A tab with the answer to a query, as a link restores it."""
    with tab(browser, site, **options) as shown:
        link = f"/sparql#query={quote(query)}" + (f"&view={view}" if view else "")
        shown.open(link)
        shown.page.wait_for_selector(f"{PANEL} .result-view")
        shown.page.wait_for_load_state("networkidle")
        yield shown


def cells(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.eval_on_selector_all(f"{PANEL} .result-table tbody tr", CELLS)
    return found


def selected(page: Page) -> str:
    return page.inner_text(f'{PANEL} .yasr_btnGroup button[aria-pressed="true"]')


def sound(shown: Tab) -> list[str]:
    """What is wrong with the results half."""
    remove_editor(shown)
    return shown.trouble()


def remove_editor(shown: Tab) -> None:
    """Leave the results half alone: the editor has tests of its own."""
    shown.page.evaluate(
        "document.querySelectorAll('.editorwrapper, .tabsList').forEach(e => e.remove())"
    )


# Views


@pytest.mark.parametrize(
    ("query", "view", "there"),
    [
        (POSITIONS, "table", ".result-table q"),
        (NETWORK, "network", ".result-drawing:not([aria-busy]) canvas"),
        (TIMELINE, "timeline", ".vis-item"),
        (CHART, "chart", ".result-chart canvas"),
        (POSITIONS, "raw", ".result-raw"),
        (ODD, "table", ".result-table"),
        (ODD, "chart", ".result-chart"),
        (CONSTRUCT, "chart", ".result-absent"),
        (CHART, "timeline", ".result-absent"),
        ("ASK { ?s ?p ?o }", "table", ".result-truth"),
        ("SELECT ?x { ?x <x:none> ?y }", "table", ".result-truth"),
    ],
    ids=lambda value: re.sub(r"\W+", "-", str(value))[:12],
)
def test_a_view_is_sound(
    browser: Browser, site: str, query: str, view: str, there: str, thorough: bool
) -> None:
    with answered(browser, site, query, view) as shown:
        page = shown.page
        page.wait_for_selector(f"{PANEL} :is({there})")
        assert selected(page).lower() == view
        remove_editor(shown)
        name = re.sub(r"\W+", "", there)
        shown.sound(f"result-{view}-{name}", WIDTHS[::-1], thorough=thorough)


def test_a_table_shows_each_term_as_it_is(browser: Browser, site: str) -> None:
    with answered(browser, site, ODD) as shown:
        page = shown.page
        page.wait_for_selector(f"{PANEL} .result-table a:text-is('Iran')")
        assert cells(page) == [
            ["Iran", "10", "22 Feb 2021", "درود fa"],
            ["Russia", "9", "1 Jan 850", "“” (empty text)"],
            ["https://example.org/far", "-1.5", "31 Dec 2020", "<b>bold</b> | {{thing}} 2"],
            ["—", "—", "—", "1648"],
        ]
        link = page.locator(f"{PANEL} .result-table a").first
        assert link.get_attribute("href") == f"{site}/page/iran"
        assert link.get_attribute("title") == "https://w3id.org/comity/id/iran"
        assert page.locator(f"{PANEL} [lang=fa]").get_attribute("dir") == "auto"
        assert page.locator(f"{PANEL} td.number").count() == 3


def test_a_table_sorts_by_number_date_and_text(browser: Browser, site: str) -> None:
    with answered(browser, site, ODD) as shown:
        page = shown.page
        page.wait_for_selector(f"{PANEL} .result-table a:text-is('Iran')")

        def column(place: int) -> list[str]:
            return [row[place] for row in cells(page)]

        head = page.locator(f"{PANEL} .result-table th")
        head.nth(1).locator("button").click()
        assert column(1) == ["-1.5", "9", "10", "—"]
        assert head.nth(1).get_attribute("aria-sort") == "ascending"
        page.keyboard.press("Enter")  # the button keeps the focus
        assert column(1) == ["10", "9", "-1.5", "—"]
        page.keyboard.press("Enter")
        assert column(1) == ["10", "9", "-1.5", "—"]
        assert head.nth(1).get_attribute("aria-sort") == "none"
        head.nth(2).locator("button").click()
        assert column(2) == ["1 Jan 850", "31 Dec 2020", "22 Feb 2021", "—"]
        head.nth(0).locator("button").click()
        assert column(0) == ["https://example.org/far", "Iran", "Russia", "—"]


def test_a_table_filters_and_copies(browser: Browser, site: str) -> None:
    options: dict[str, Any] = {"permissions": ["clipboard-read", "clipboard-write"]}
    with answered(browser, site, ODD, **options) as shown:
        page = shown.page
        page.wait_for_selector(f"{PANEL} .result-table a:text-is('Iran')")
        page.fill(f"{PANEL} input[type=search]", "IRA")
        assert [row[0] for row in cells(page)] == ["Iran"]
        assert "1 of 4 rows matches “IRA”" in page.inner_text(f"{PANEL} .result-count")
        page.click(f"{PANEL} button:text-is('Copy as TSV')")
        page.wait_for_selector(f"{PANEL} button:text-is('Copied')")
        assert page.evaluate("navigator.clipboard.readText()") == (
            "thing\tthing_label\tn\tday\ttext\n"
            "https://w3id.org/comity/id/iran\tIran\t10\t2021-02-22\tدرود\n"
        )
        page.fill(f"{PANEL} input[type=search]", "bold")
        page.click(f"{PANEL} button:text-is('Copy as Markdown')")
        page.wait_for_selector(f"{PANEL} button:text-is('Copied')")
        assert page.evaluate("navigator.clipboard.readText()").splitlines()[2] == (
            r"| [https://example.org/far](<https://example.org/far>) | -1.5 | 2020-12-31 "
            r"| \<b\>bold\</b\> \| {{thing}} 2 |"
        )
        page.fill(f"{PANEL} input[type=search]", "no such word")
        assert cells(page) == []
        assert "0 of 4 rows match" in page.inner_text(f"{PANEL} .result-count")


def test_labels_are_one_request_and_in_any_language(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        asked: list[str] = []

        def hear(request: Request) -> None:
            if request.method == "POST" and request.url.endswith("/sparql"):
                asked.append(parse_qs(request.post_data or "")["query"][0])

        shown.page.on("request", hear)
        page = shown.open(f"/sparql#query={quote(ODD)}")
        page.wait_for_selector(f"{PANEL} .result-table a:text-is('Iran')")
        for view in ("Timeline", "Chart", "Table"):
            page.click(f"{PANEL} .yasr_btnGroup button:has-text('{view}')")
        page.wait_for_load_state("networkidle")
        assert (
            len([query for query in asked if "VALUES ?thing {" in query and "?label" in query]) == 1
        )
        page.locator(f"{PANEL} select").last.select_option("ru")
        page.wait_for_selector(f"{PANEL} .result-table a:text-is('Иран')")
        page.locator(f"{PANEL} select").last.select_option("")
        page.wait_for_selector(f"{PANEL} .result-table a:text-is('id:iran')")
        assert len(asked) == 2


def test_twenty_thousand_rows_are_cut_aloud(browser: Browser, site: str) -> None:
    with answered(browser, site, MANY) as shown:
        page = shown.page
        assert page.inner_text(f"{PANEL} .yasr_response_chip").startswith("20,000 rows in ")
        warning = page.inner_text(f"{PANEL} .result-warning")
        assert "The first 10,000 of 20,000 rows are shown" in warning
        assert len(cells(page)) == 100
        page.click(f"{PANEL} .result-pages button:text-is('Last')")
        assert "Rows 9,901 to 10,000 of 10,000" in page.inner_text(f"{PANEL} .result-count")
        assert cells(page)[-1][0] == "9999"
        page.locator(f"{PANEL} th button").last.click()
        assert cells(page)[0] == ["9999", "10001"]  # of those shown
        with page.expect_download() as download:
            page.click(f"{PANEL} .result-warning a")
        lines = download.value.path().read_text().splitlines()
        assert len(lines) == 20_001
        assert sound(shown) == []


def test_a_network_tells_what_is_said(browser: Browser, site: str) -> None:
    with answered(browser, site, NETWORK, "network") as shown:
        page = shown.page
        page.wait_for_selector(f"{PANEL} .result-drawing:not([aria-busy])")
        assert re.match(r"\d+ nodes, \d+ edges\.", page.inner_text(f"{PANEL} .result-count"))
        page.select_option(f"{PANEL} .result-tools select", label="Iran")
        page.click(f"{PANEL} .result-panel button >> nth=0")
        panel = page.locator(f"{PANEL} .result-panel")
        expect(panel.locator("blockquote").first).to_be_visible()
        why = panel.locator("a:has-text('Why?')").first.get_attribute("href")
        assert why is not None
        assert page.request.get(why).status == 200
        page.click(f"{PANEL} summary:text-is('The edges in words')")
        assert "(committed)" in page.inner_text(f"{PANEL} .result-view details ul")
        assert sound(shown) == []


def test_a_network_of_many_edges_is_cut_aloud(browser: Browser, site: str) -> None:
    query = """SELECT ?source ?target { ?source ?p ?target FILTER(ISIRI(?target)) } LIMIT 3000"""
    with answered(browser, site, query, "network") as shown:
        page = shown.page
        page.wait_for_selector(f"{PANEL} .result-warning", timeout=60_000)
        assert "2,000 of 3,000 edges are drawn" in page.inner_text(f"{PANEL} .result-warning")


def test_what_is_no_network_is_told(browser: Browser, site: str) -> None:
    with answered(browser, site, "ASK {}", "network") as shown:
        assert "The answer is yes" in shown.page.inner_text(f"{PANEL} .result-absent")
    with answered(browser, site, "SELECT ?n { VALUES ?n { 1 2 } }", "network") as shown:
        shown.page.wait_for_selector(f"{PANEL} :is(.result-absent, .note)")
        assert "?source and ?target" in shown.page.inner_text(f"{PANEL} .result-view")


def test_a_timeline_keeps_precision(browser: Browser, site: str) -> None:
    query = (
        PREFIXES
        + """SELECT ?start ?end ?what { VALUES (?start ?end ?what) {
      ("2015"^^xsd:gYear UNDEF "a year") ("2016-03"^^xsd:gYearMonth UNDEF "a month")
      ("2017-04-05"^^xsd:date UNDEF "a day")
      ("2018-01-01T00:00:00Z"^^xsd:dateTime "2018-02-01T23:59:59Z"^^xsd:dateTime "a span")
      (UNDEF UNDEF "never") } }"""
    )
    with answered(browser, site, query, "timeline") as shown:
        page = shown.page
        page.wait_for_selector(f"{PANEL} .vis-item")
        items = page.locator(f"{PANEL} .result-list li").all_inner_texts()
        assert [re.sub(r"\s+", " ", each).strip() for each in items] == [
            "from 2015, end not given a year",
            "from Mar 2016, end not given a month",
            "from 5 Apr 2017, end not given a day",
            "1 Jan 2018 to 1 Feb 2018 a span",
        ]
        assert "1 row of 5 has no date here" in page.inner_text(f"{PANEL} .note")
        assert page.locator(f"{PANEL} .vis-item:has-text('a day')").count() >= 1


def test_a_chart_has_its_numbers_as_a_table(browser: Browser, site: str) -> None:
    with answered(browser, site, CHART, "chart") as shown:
        page = shown.page
        page.wait_for_selector(f"{PANEL} .result-chart canvas")
        page.click(f"{PANEL} .result-view summary")
        rows = page.eval_on_selector_all(f"{PANEL} .result-numbers tbody tr", CELLS)
        assert rows[0][0] == "asserted"
        assert int(rows[0][1]) > 1
        page.locator(f"{PANEL} .result-tools select").first.select_option("line")
        assert (
            page.evaluate(
                "Chart.getChart(document.querySelector('.tabPanel.active canvas')).config.type"
            )
            == "line"
        )
        assert sound(shown) == []


def test_triples_are_rows_and_turtle(browser: Browser, site: str) -> None:
    with answered(browser, site, CONSTRUCT) as shown:
        page = shown.page
        assert re.match(r"\d+ triples in", page.inner_text(f"{PANEL} .yasr_response_chip"))
        page.wait_for_selector(f"{PANEL} .result-table a:text-is('Iran')")
        page.click(f"{PANEL} .yasr_btnGroup button:has-text('Raw')")
        assert "text/turtle" in page.inner_text(f"{PANEL} .result-tools")
        assert "id:iran " in page.inner_text(f"{PANEL} .result-raw")
    with answered(browser, site, "CONSTRUCT { ?s ?p ?o } WHERE { ?s <x:none> ?p, ?o }") as shown:
        assert shown.page.inner_text(f"{PANEL} .result-truth") == "No triples"


def test_yes_and_no_are_said(browser: Browser, site: str) -> None:
    for query, word in (("ASK { ?s ?p ?o }", "Yes"), ("ASK { ?s <x:none> ?o }", "No")):
        with answered(browser, site, query) as shown:
            assert shown.page.inner_text(f"{PANEL} .result-truth") == word


# Which view


@pytest.mark.parametrize(
    ("line", "view"),
    [
        ("#defaultView: Network", "Network"),
        ("  # defaultview:TIMELINE", "Timeline"),
        ("#defaultView:BarChart", "Chart"),
        ("#defaultView: raw", "Raw"),
        ("# no default", "Table"),
        ("#defaultView: Map", "Table"),
    ],
)
def test_a_line_chooses_the_view(browser: Browser, site: str, line: str, view: str) -> None:
    with answered(browser, site, f"{line}\n{CHART}") as shown:
        assert selected(shown.page) == view
        if "Map" in line:
            said = shown.page.inner_text(f"{PANEL} .yasr_response_chip")
            assert "Unknown view “Map”" in said


def test_a_view_chosen_by_hand_stays(browser: Browser, site: str) -> None:
    query = f"#defaultView: Chart\n{CHART}"
    with answered(browser, site, query) as shown:
        page = shown.page
        page.click(f"{PANEL} .yasr_btnGroup button:has-text('Raw')")
        page.evaluate("yasgui.getTab().query()")
        page.wait_for_load_state("networkidle")
        assert selected(page) == "Raw"
    with answered(browser, site, query, "raw") as shown:  # what a link restores beats the line
        assert selected(shown.page) == "Raw"


# What is offered


def test_downloads_are_what_they_say(browser: Browser, site: str) -> None:
    with answered(browser, site, LINKS) as shown:
        page = shown.page
        page.click(f"{PANEL} .result-menu >> nth=0")
        page.wait_for_selector(f"{PANEL} .result-files a")
        assert sound(shown) == []
        links = page.locator(f"{PANEL} .result-files a")
        known = page.request.post(f"{site}/snippets", form={"query": LINKS}).json()["formats"]
        assert links.all_inner_texts() == [f".{each['suffix']}" for each in known]
        for place, each in enumerate(known):
            answer = page.request.get(str(links.nth(place).get_attribute("href")))
            assert answer.status == 200, each
            assert answer.headers["content-type"].partition(";")[0] == each["media_type"]
        page.keyboard.press("Escape")
        assert not page.is_visible(f"{PANEL} .result-files")


def test_a_long_query_is_downloaded_by_a_post(browser: Browser, site: str) -> None:
    with answered(browser, site, f"{CHART}\n#{'-' * 7000}") as shown:
        page = shown.page
        page.click(f"{PANEL} .result-menu >> nth=0")
        page.wait_for_selector(f"{PANEL} .result-files button")
        for suffix, start in ((".xlsx", b"PK"), (".csv", b"modality,records")):
            with page.expect_download() as download:
                page.click(f"{PANEL} .result-files button:text-is('{suffix}')")
            assert download.value.suggested_filename == f"answer{suffix}"
            assert download.value.path().read_bytes().startswith(start)
        assert sound(shown) == []


def test_code_is_copied(browser: Browser, site: str) -> None:
    options: dict[str, Any] = {"permissions": ["clipboard-read", "clipboard-write"]}
    with answered(browser, site, CHART, **options) as shown:
        page = shown.page
        page.click(f"{PANEL} .result-menu >> nth=1")
        page.click(f"{PANEL} .result-snippet summary:text-is('R')")
        snippet = page.locator(f"{PANEL} .result-snippet", has_text="R 4.0")
        snippet.locator("button").click()
        page.wait_for_selector(f"{PANEL} button:text-is('Copied')")
        known = page.request.post(f"{site}/snippets", form={"query": CHART}).json()["snippets"]
        assert page.evaluate("navigator.clipboard.readText()") == next(
            each["text"] for each in known if each["file"] == "r.R"
        )
        assert sound(shown) == []


# What went wrong


@pytest.mark.parametrize(
    "body",
    [
        '{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}},',
        '{"head":{"vars":["x"]}}',
        "",
    ],
    ids=["cut", "no-rows", "empty"],
)
def test_a_broken_answer_is_no_table(browser: Browser, site: str, body: str) -> None:
    with tab(browser, site) as shown:

        def spoil(route: Route) -> None:
            kind = "application/sparql-results+json"
            route.fulfill(status=200, content_type=kind, body=body)

        shown.page.route(
            re.compile(r"/sparql$"),
            lambda route: spoil(route) if route.request.method == "POST" else route.fallback(),
        )
        page = shown.open(f"/sparql#query={quote(CHART)}")
        page.wait_for_selector(f"{PANEL} [role=alert]")
        assert "This answer is incomplete" in page.inner_text(f"{PANEL} [role=alert]")
        assert page.locator(f"{PANEL} .result-table").count() == 0
        for view in ("Network", "Timeline", "Chart", "Raw"):
            page.click(f"{PANEL} .yasr_btnGroup button:has-text('{view}')")
            page.wait_for_selector(f"{PANEL} [role=alert]")


def test_labels_that_fail_are_told(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:

        def refuse(route: Route) -> None:
            if "VALUES+%3Fproperty" in (route.request.post_data or ""):
                route.fulfill(status=503, body=json.dumps({}))
            else:
                route.fallback()

        shown.page.route(re.compile(r"/sparql$"), refuse)
        page = shown.open(f"/sparql#query={quote(ODD)}")
        page.wait_for_selector(f"{PANEL} .result-warning")
        assert "labels could not be loaded" in page.inner_text(f"{PANEL} .result-warning")
        assert cells(page)[0][0] == "id:iran"
