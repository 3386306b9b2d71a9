"""The guide: READMEs as pages, with links that lead somewhere and no HTML of their own."""

from collections.abc import Iterator

import pytest
from lxml import html
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.pages.site.guide import FILES
from comity.service.pages.site.markdown import render
from comity.service.settings import Settings

NAMES = [f"/guide/{name}".rstrip("/") for name in FILES]


@pytest.fixture(scope="module")
def bundled(article: EmbeddedStore) -> Iterator[TestClient]:
    with TestClient(create_app(article, Settings(store="memory"))) as client:
        yield client


def read(client: TestClient, path: str) -> html.HtmlElement:
    response = client.get(path, headers={"accept": "text/html"})
    assert response.status_code == 200, path
    return html.fromstring(response.text)


@pytest.mark.parametrize("path", NAMES)
def test_links_and_pictures_lead_somewhere(bundled: TestClient, path: str) -> None:
    article = read(bundled, path).cssselect("article")[0]
    targets = [link.get("href") for link in article.cssselect("a")]
    assert len(targets) > 10 or path != "/guide"
    for target in targets + [picture.get("src") for picture in article.cssselect("img")]:
        address, _, anchor = target.removeprefix("http://testserver").partition("#")
        if address.startswith(("https://", "http://")):
            continue
        found = bundled.get(address or path, headers={"accept": "text/html"})
        assert found.status_code == 200, target
        if anchor:
            assert html.fromstring(found.text).cssselect(f'[id="{anchor}"]'), target


@pytest.mark.parametrize("path", NAMES)
def test_a_page_lists_all_pages_and_its_own_sections(bundled: TestClient, path: str) -> None:
    page = read(bundled, path)
    listed = [link.get("href") for link in page.cssselect(".pages a")]
    assert listed == NAMES
    (here,) = page.cssselect(".pages [aria-current]")
    assert here.get("href") == path
    sections = [link.get("href") for link in page.cssselect(".index details a")]
    assert sections == [f"#{heading.get('id')}" for heading in page.cssselect("article h2")]


def test_addresses_are_those_of_the_service(article: EmbeddedStore) -> None:
    settings = Settings(store="memory", base="https://graph.example.org/below")
    with TestClient(create_app(article, settings)) as client:
        text = client.get("/guide/queries").text
        deploy = client.get("/guide/deploy").text
    assert "https://graph.example.org/below/queries/positions-of.csv" in text
    assert 'href="/below/guide/graph#networks"' in text
    assert "127.0.0.1:8000" not in text
    # but for what the operator does on the machine itself
    assert "http://127.0.0.1:8000/health/ready" in deploy


def test_an_unknown_page(client: TestClient) -> None:
    found = client.get("/guide/attic")
    assert found.status_code == 404
    assert found.json()["hint"]


def test_markup_of_a_document_is_no_markup_of_the_page() -> None:
    text = "# <b>A</b> `<i>`\n\n<script>alert(1)</script>\n\n<!-- a note -->\n\n```sh\n<em>\n```\n"
    found = render(text, str)
    assert found.html == (
        '<h1 id="a-i">A <code>&lt;i&gt;</code></h1>\n'
        '<pre tabindex="0"><code class="language-sh">&lt;em&gt;\n</code></pre>\n'
    )


def test_a_link_without_an_address_is_text() -> None:
    found = render(
        "[one](kept.md) [two](../gone.md)", lambda target: {"kept.md": "/kept"}.get(target)
    )
    assert found.html == '<p><a href="/kept">one</a> <span>two</span></p>\n'


def test_tables_have_no_styles_and_no_empty_heads() -> None:
    found = render("| | n |\n|---|---:|\n| a | 1 |\n\n| | |\n|---|---|\n| b | c |\n", str).html
    assert "style=" not in found
    assert "<th></th>" not in found
    assert found.count("<thead>") == 1
    assert '<td class="number">1</td>' in found


def test_headings_of_one_name_have_anchors_of_their_own() -> None:
    found = render("# A b\n\n## A b\n\n## C, d!\n", str)
    assert [heading.anchor for heading in found.headings] == ["a-b", "a-b-1", "c-d"]
