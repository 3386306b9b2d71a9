"""The page Ask: a query written, run, stopped, shared, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from service_process import served
from tab import WIDTHS, Tab, tab

QUERY = "SELECT ?s WHERE { ?s a <https://w3id.org/comity/ontology#State> } LIMIT 3"
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
expect.set_options(timeout=30_000)
TOKEN = {"Authorization": "Bearer secret"}
VALUE = "document.querySelector('.tabPanel.active .CodeMirror').CodeMirror.getValue()"


@pytest.fixture
def ask(browser: Browser, site: str) -> Iterator[Tab]:
    """The page with an empty editor, once the schema is there."""
    with tab(browser, site) as shown:
        shown.open("/sparql")
        write(shown.page, "")
        yield shown


def write(page: Page, text: str) -> None:
    """Put text into the editor by keys, all at once: nothing is proposed."""
    page.click(".tabPanel.active .CodeMirror-lines")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)
    page.keyboard.press("Escape")
    page.click(".tabPanel.active .CodeMirror-lines")
    page.keyboard.press("Control+End")


def keys(page: Page, text: str) -> None:
    page.keyboard.type(text, delay=25)


def pick(page: Page, first: str, key: str = "Enter") -> None:
    """Take the first of what is proposed, which has to be this."""
    expect(page.locator(".CodeMirror-hint-active b")).to_have_text(first)
    page.keyboard.press(key)


def text_of(page: Page) -> str:
    return str(page.evaluate(VALUE))


def run(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".tabPanel.active[data-state=done]")


def test_three_joins_are_written_by_completion_alone(ask: Tab) -> None:
    """Each name is picked from the list, and nobody asks the service anything meanwhile."""
    page, asked = ask.page, list[str]()
    page.on("request", lambda request: asked.append(request.url))
    keys(page, "SELECT * WHERE { ?p a posit")
    pick(page, "comity:Position")
    keys(page, "; sta")
    pick(page, "comity:stance")
    keys(page, "oppo")
    pick(page, "comity:opposed")
    keys(page, "; hold")
    pick(page, "comity:holder")
    pick(page, "?holder", "Tab")
    keys(page, " ; evi")
    pick(page, "comity:evidence")
    pick(page, "?evidence", "Tab")
    keys(page, " . ?evi")
    pick(page, "?evidence")
    keys(page, " wor")
    pick(page, "comity:words")
    pick(page, "?words", "Tab")
    keys(page, " }")
    assert asked == []
    assert text_of(page).startswith("PREFIX comity: <https://w3id.org/comity/ontology#>\n")
    run(page)
    expect(page.locator(".yasr")).to_contain_text("oppose linking progress")
    assert len(asked) >= 1


def test_what_is_proposed_fits_the_class_and_says_what_it_means(ask: Tab) -> None:
    page = ask.page
    keys(page, "SELECT * { ?m a comity:Meeting ; ")
    hints = page.locator(".CodeMirror-hint")
    expect(hints.first).to_be_visible()
    of_meetings = hints.locator("b").all_text_contents()
    page.keyboard.press("Escape")
    write(page, "")
    keys(page, "SELECT * { ?x comity:stance ?s ; ")  # by its property alone it is a position
    expect(hints.first).to_be_visible()
    of_positions = hints.locator("b").all_text_contents()
    assert "comity:holder" in of_positions
    assert "comity:holder" not in of_meetings
    expect(hints.filter(has_text="comity:holder")).to_contain_text("Whose statement")
    # Where nothing is typed, Enter is a new line, until one goes to a candidate.
    page.keyboard.press("Enter")
    assert re.search(r";\s*\n\s*$", text_of(page))


def test_the_values_of_a_closed_list_are_proposed(ask: Tab) -> None:
    page = ask.page
    keys(page, "SELECT * { ?r comity:modality ")
    hints = page.locator(".CodeMirror-hint b")
    expect(hints.first).to_be_visible()
    assert {"comity:hoped", "comity:planned", "comity:asserted"} <= set(hints.all_text_contents())


def test_things_are_looked_up_once_the_writer_rests(ask: Tab) -> None:
    page, asked = ask.page, list[str]()
    page.on("request", lambda request: asked.append(request.url))
    keys(page, "SELECT * { ?p comity:holder id:iran")
    pick(page, "id:iran")
    asked = [url for url in asked if "/static/" not in url]  # a typeface for Iran's own name
    assert len(asked) == 1 and "/search.json" in asked[0]
    assert "PREFIX id: <https://w3id.org/comity/id/>" in text_of(page)


def test_a_term_says_what_it_means(ask: Tab) -> None:
    page = ask.page
    write(page, "PREFIX comity: <https://w3id.org/comity/ontology#>\nASK { ?p comity:holder ?h }")
    name = page.locator(".cm-string-2, .cm-variable-3").get_by_text("holder", exact=False).first
    name.hover()
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("Whose statement")
    expect(tip).to_contain_text("property · of comity:Record · range: comity:Agent")
    address = tip.locator("a").get_attribute("href")
    assert address and httpx.get(address, follow_redirects=True).status_code == 200
    tip.hover()  # it stays while the pointer is on it
    page.wait_for_timeout(700)
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    name.click()
    expect(page.locator(".ask-term")).to_contain_text("Whose statement")


def test_a_thing_says_what_it_is(ask: Tab) -> None:
    page = ask.page
    write(page, "PREFIX id: <https://w3id.org/comity/id/>\nASK { id:iran ?p ?o }")
    page.locator(".CodeMirror-line").get_by_text("iran").first.click()
    expect(page.locator(".ask-term")).to_contain_text("Iran")
    expect(page.locator(".ask-term")).to_contain_text("state")


def test_the_gallery_gives_a_query_with_its_parameters(ask: Tab) -> None:
    page = ask.page
    page.get_by_role("button", name="Queries", exact=True).click()
    dialog = page.locator("#gallery")
    expect(dialog.locator("h3").first).to_be_visible()
    everything = dialog.locator(".entry:visible").count()
    dialog.locator("input").fill("agreements two agents")
    assert 0 < dialog.locator(".entry:visible").count() < everything
    ask.picture("ask-gallery")
    assert ask.trouble() == []
    dialog.locator(".entry:visible").get_by_text("Agreements that involve two agents").click()
    expect(dialog).to_be_hidden()
    page.wait_for_function(f"{VALUE}.includes('VALUES ?a')")
    run(page)
    assert ask.trouble() == []


def test_an_error_stands_at_its_place(ask: Tab) -> None:
    page = ask.page
    write(page, "SELECT * WHERE {\n  ?s é ?o .\n}")
    page.keyboard.press("Control+Enter")
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("Not SPARQL")
    expect(problem).to_contain_text("Variables begin with ?")
    expect(page.locator(".ask-error")).to_have_text("é")
    problem.get_by_role("button", name="line 2, column 6").click()
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate(VALUE.replace("getValue", "getSelection")) == "é"
    assert "400" in ask.failed.pop()
    ask.errors.clear()
    ask.sound("ask-error", [1280])
    write(page, QUERY)
    run(page)
    expect(problem).to_have_count(0)
    expect(page.locator(".ask-error")).to_have_count(0)


def test_as_many_rows_as_the_limit_is_said(ask: Tab) -> None:
    write(ask.page, QUERY)
    run(ask.page)
    expect(ask.page.locator(".ask-said")).to_contain_text("LIMIT 3 reached: there may be more")
    write(ask.page, QUERY.replace("LIMIT 3", ""))
    run(ask.page)
    expect(ask.page.locator(".ask-said")).to_be_empty()


def test_a_link_restores_query_and_answer(browser: Browser, site: str, ask: Tab) -> None:
    write(ask.page, QUERY)
    run(ask.page)
    address = ask.page.evaluate("location.href")
    assert address.startswith(f"{site}/sparql#query=")
    for path in (
        address.removeprefix(site),
        f"/sparql?{urlencode({'query': QUERY})}",
        f"/sparql#query={quote(QUERY)}&view=table",
    ):
        with tab(browser, site) as shown:
            page = shown.open(path)
            page.wait_for_selector(".tabPanel.active[data-state=done]")
            assert text_of(page) == QUERY
            expect(page.locator(".tabPanel.active .yasr")).to_contain_text("3 rows")
            page.reload()
            page.wait_for_selector(".tabPanel.active[data-state=done]")
            # It is not opened again; and the page that has it as its own begins with it.
            tabs = 1 if "?" in path else 2
            expect(page.locator(".ask-tabs .tab-name")).to_have_count(tabs)
            assert shown.errors == []


@pytest.mark.parametrize("width", WIDTHS)
def test_an_example_runs(browser: Browser, site: str, width: int) -> None:
    with tab(browser, site, width) as shown:
        page = shown.open("/sparql")
        page.locator(".ask-examples").evaluate("details => (details.open = true)")
        examples = page.locator("a[data-example]")
        assert examples.count() == 6
        for number in range(6):
            name = examples.nth(number).inner_text()
            examples.nth(number).click()
            page.wait_for_selector(".tabPanel.active[data-state=done]")
            assert page.get_by_role("alert").count() == 0, name
        shown.sound("ask-example", [width])


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_is_open_to_everyone(browser: Browser, site: str, width: int) -> None:
    with tab(browser, site, width) as shown:
        page = shown.open("/sparql")
        write(page, "")
        keys(page, "SELECT * { ?r a comity:Position ; ")
        expect(page.locator(".CodeMirror-hint").first).to_be_visible()
        shown.sound("ask-list", [width], whole=False)


@pytest.mark.parametrize("how", ["button", "key"])
def test_a_query_that_is_stopped_is_stopped_in_the_service(
    browser: Browser, tmp_path: Path, how: str
) -> None:
    with served(tmp_path / "log", COMITY_TOKEN="secret") as service:
        running = f"{service.address}/running"
        with tab(browser, service.address) as shown:
            page = shown.open("/sparql")
            write(page, HEAVY)
            page.keyboard.press("Control+Enter")
            expect(page.locator(".ask-clock")).to_have_text(re.compile(r"^\d+\.\d s"))
            page.wait_for_timeout(500)
            assert len(httpx.get(running, headers=TOKEN).json()["queries"]) == 1
            if how == "button":
                page.get_by_role("button", name="Stop").click()
            else:
                page.keyboard.press("Escape")
            expect(page.locator(".ask-said")).to_contain_text("Stopped after")
            for _ in range(50):
                if not httpx.get(running, headers=TOKEN).json()["queries"]:
                    break
                page.wait_for_timeout(100)
            assert httpx.get(running, headers=TOKEN).json()["queries"] == []
            expect(page.locator(".yasr")).to_be_hidden()
            write(page, QUERY)
            run(page)
            expect(page.locator(".yasr")).to_be_visible()


def test_a_limit_is_said_and_never_shown_as_an_answer(browser: Browser, tmp_path: Path) -> None:
    with (
        served(tmp_path / "log", COMITY_TIMEOUT="1") as service,
        tab(browser, service.address) as shown,
    ):
        page = shown.open("/sparql")
        write(page, HEAVY)
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("alert")).to_contain_text("Time limit reached")
        expect(page.locator(".yasr")).to_be_hidden()
        service.process.kill()
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("alert")).to_contain_text("can't be reached")


def test_without_javascript_the_form_asks(browser: Browser, site: str) -> None:
    with tab(browser, site, java_script_enabled=False) as shown:
        page = shown.page
        page.goto(f"{site}/sparql?{urlencode({'query': QUERY})}")
        assert page.locator("#text").input_value() == QUERY
        with page.expect_response(lambda answer: "format=json" in answer.url) as answered:
            page.get_by_role("button", name="Run").click()
        assert answered.value.headers["content-type"] == "application/sparql-results+json"
