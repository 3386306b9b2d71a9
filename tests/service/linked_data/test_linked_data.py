"""Every IRI of Comity leads somewhere, and so does every link: no dead end, no error."""

import re
from collections import defaultdict
from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.networks.formats.rdf import VOCABULARY
from comity.graph.rdf.namespaces import BASE
from comity.service.app import create_app
from comity.service.settings import Settings

# Of a family of like addresses so many, unless all are to be tried.
SAMPLE = 2
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Links(HTMLParser):
    """The links of a page, and the places in it that a link may lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if said.get("id"):
            self.anchors.add(str(said["id"]))
        for name in ("href", "src"):
            if said.get(name) and "canonical" not in (said.get("rel") or ""):
                self.links.append(str(said[name]))


@pytest.fixture(scope="module")
def bundled(article: EmbeddedStore) -> TestClient:
    app = create_app(article, Settings(store="memory"))
    return TestClient(app, follow_redirects=True, headers={"accept": BROWSER})


def sample(family: Sequence[str], *, thorough: bool = False) -> Sequence[str]:
    """Some of a family, the first and the last among them; all where the test is thorough."""
    found = sorted(family)
    if thorough or len(found) <= SAMPLE:
        return found
    return [found[at * (len(found) - 1) // (SAMPLE - 1)] for at in range(SAMPLE)]


def own_iris(store: EmbeddedStore) -> set[str]:
    return {
        term.value
        for quad in store.engine
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)
        if isinstance(term, ox.NamedNode) and term.value.startswith(BASE)
    }


def documents(store: EmbeddedStore, *, thorough: bool) -> list[tuple[str, list[str]]]:
    """The documents that our IRIs stand in, a sample of each family, with the fragments in each."""
    fragments: dict[str, list[str]] = defaultdict(list)
    for iri in sorted(own_iris(store)):
        document, fragment = urldefrag(iri)
        fragments[document] += [fragment] if fragment else []
    families: dict[str, list[str]] = defaultdict(list)
    for document in fragments:
        families[document.removeprefix(BASE).rpartition("/")[0]].append(document)
    # The sources that are quoted are few, and have all that a source can have.
    families["quoted"] = [d for d, found in fragments.items() if "s01" in found]
    found = [
        (document, fragments[document])
        for family in families.values()
        for document in sample(family, thorough=thorough)
    ]
    assert len(found) >= 12
    return found


def test_every_iri_has_a_page(bundled: TestClient, article: EmbeddedStore, thorough: bool) -> None:
    for document, fragments in documents(article, thorough=thorough):
        response = bundled.get("/" + document.removeprefix(BASE))
        assert response.status_code == 200, document
        assert response.headers["content-type"].startswith("text/html"), document
        # A long source has several pages: its scripts go to that of a fragment by `at`.
        missing = sorted(set(fragments) - Links(response.text).anchors)
        for fragment in missing if thorough else sample(missing):
            page = bundled.get(f"{response.url}?at={fragment}")
            assert fragment in Links(page.text).anchors, f"{document}: {fragment}"


def test_every_iri_has_data(bundled: TestClient, article: EmbeddedStore, thorough: bool) -> None:
    for document, fragments in documents(article, thorough=thorough):
        if document == BASE:
            continue  # the home page, a publisher's address
        path = "/" + document.removeprefix(BASE)
        response = bundled.get(path, headers={"accept": "application/n-triples"})
        assert response.status_code == 200, document
        assert response.headers["content-type"] == "application/n-triples", document
        subjects = {q.subject.value for q in ox.parse(response.content, ox.RdfFormat.N_TRIPLES)}
        version = re.fullmatch(rf"{BASE}ontology/[\d.]+", document)
        wanted = {f"{document}#{f}" for f in fragments} | ({document} if not version else set())
        assert wanted <= subjects, sorted(wanted - subjects)[:5]


def family_of(path: str, *, thorough: bool) -> str:
    """What addresses are alike: the same folder, suffix, and names of arguments."""
    parts = urlsplit(path)
    folder, _, name = parts.path.rpartition("/")
    _, dot, suffix = name.partition(".")
    where = folder if folder else parts.path
    if suffix and not thorough:  # a file: what it is asked for by is tried on its page
        return f"{where} {dot}{suffix}"
    names = sorted(field.partition("=")[0] for field in parts.query.split("&") if field)
    return " ".join((where, dot + suffix, *names))


def crawl(client: TestClient, most: int, *, thorough: bool) -> dict[str, int]:
    """Follow the links from the home page on, at `most` so many of a family; gives how many of each were tried."""
    pending, seen = ["/"], {"/": "the start"}
    pages: dict[str, Links | None] = {}
    fragments: dict[str, set[tuple[str, str]]] = defaultdict(set)
    tried: dict[str, int] = defaultdict(int)
    broken: list[str] = []
    while pending:
        path = pending.pop(0)
        family = family_of(path, thorough=thorough)
        if tried[family] >= most:
            continue
        tried[family] += 1
        response = client.get(path)
        # Of what is missing on this machine a problem may tell (501), and of a network that is too
        # small for a format whose link says from how many nodes on it is (422).
        too_small = response.status_code == 422 and "nodes" in response.text
        if response.status_code not in (200, 501) and not too_small:
            broken.append(f"{path}: {response.status_code}, {seen[path]}")
        if not response.headers["content-type"].startswith("text/html"):
            pages[path] = None
            continue
        pages[path] = links = Links(response.text)
        for link in links.links:
            whole = urljoin(str(response.url), link)
            if urlsplit(whole).netloc != "testserver":
                continue
            address, fragment = urldefrag(whole)
            target = address.removeprefix("http://testserver")
            if fragment:
                fragments[target].add((unquote(fragment), path))
            if target not in seen:
                seen[target] = f"linked from {path}"
                pending.append(target)
    for target, wanted in fragments.items():
        if found := pages.get(target):
            for fragment, origin in wanted:
                if fragment not in found.anchors:
                    broken.append(f"{origin} links to {target}#{fragment}")
    assert not broken, "\n".join(broken)
    return tried


@pytest.mark.slow
def test_every_link_leads_somewhere(bundled: TestClient) -> None:
    tried = crawl(bundled, 6, thorough=True)
    assert len(tried) > 30
    for family in ("/page ", "/sources ", "/ontology ", "/queries ", "/network ", "/why  o p s"):
        assert tried[family], f"{family} was not reached from the home page: {sorted(tried)}"


def test_what_the_rdf_of_networks_names_leads_somewhere(bundled: TestClient) -> None:
    for view in ("actors", "proposals", "ontology"):
        response = bundled.get(f"/network/{view}.ttl")
        families: dict[str, list[str]] = defaultdict(list)
        for quad in ox.parse(response.content, ox.RdfFormat.TURTLE):
            for term in (quad.subject, quad.predicate, quad.object):
                if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
                    families[term.value.removeprefix(BASE).partition("/")[0]].append(term.value)
        assert "edge" in families
        for family in families.values():
            for iri in sample(family):
                path, fragment = urldefrag(iri.removeprefix(BASE))
                response = bundled.get(f"/{path}")
                assert response.status_code == 200, iri
                # What a view's own columns are called is told by the view alone.
                if fragment in VOCABULARY:
                    assert fragment in Links(response.text).anchors, iri


def test_no_page_names_an_iri_of_ours_that_it_does_not_link(bundled: TestClient) -> None:
    """What a page shows as a mere text with a tooltip has no page: none of these is ours."""
    for path in ("/page/iran", "/sources/moscow-tehran-relations", "/why?s=iran&p=a&o=State"):
        titles = re.findall(r'<span title="([^"]*)"', bundled.get(path).text)
        assert not [title for title in titles if title.startswith(BASE)]
