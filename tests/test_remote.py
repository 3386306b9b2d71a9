"""Remote stores, over engines that no one here wrote: the same answers as the embedded store's."""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pytest
from engines import Engine, oxigraph, virtuoso

from comity.graph import errors, remote_data
from comity.graph.bundle import is_lagging
from comity.graph.derivation import derivation
from comity.graph.embedded import EmbeddedStore
from comity.graph.namespaces import GRAPH
from comity.graph.remote import RemoteStore
from comity.graph.remote_http import Endpoint
from comity.graph.resources import queries_folder
from comity.graph.rules import rules_folder
from comity.graph.solutions import read
from comity.graph.store import Dataset, Query, ResultFormat, Store, Whole
from comity.graph.written import read_triple

FILES: Final = sorted(
    file
    for file in (*queries_folder().rglob("*.rq"), *rules_folder().glob("*.rq"))
    if file.parent.name != "checks"  # of the bundle itself, not of a store
)
NUMBERS: Final = ("integer", "decimal", "double", "float")
TOKEN: Final = {"Authorization": "Bearer secret"}
G: Final = "http://example.org/g"


@pytest.fixture(scope="module", params=["oxigraph"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """An engine with the bundled graphs, for tests that leave these as they are."""
    start = {"oxigraph": oxigraph, "virtuoso": virtuoso}[request.param]
    with start(tmp_path_factory.mktemp("engine") / "home") as engine:
        with closing(RemoteStore(engine.endpoint)) as store:
            remote_data.load(store, [], with_bundle=True)
        yield engine


@pytest.fixture
def remote(engine: Engine) -> Iterator[RemoteStore]:
    with closing(RemoteStore(engine.endpoint)) as store:
        yield store


def ask(store: Store, text: str, **said: Any) -> bytes:
    async def answer() -> bytes:
        async with await store.query(Query(text, **said)) as found:
            return b"".join([chunk async for chunk in found])

    return asyncio.run(answer())


def cell(term: dict[str, Any]) -> object:
    """A term, numbers as values: engines write them in ways of their own."""
    if term["type"] == "bnode":
        return "blank"
    kind = term.get("datatype", "").rpartition("#")[2]
    if kind in NUMBERS:
        return float(term["value"])
    return (term["value"], kind, term.get("xml:lang", "").lower())


def rows(body: bytes) -> object:
    """What a table says, in an order of ours."""
    found = read(body)
    if found.boolean is not None:
        return found.boolean
    return sorted(str(sorted((k, cell(v)) for k, v in row.items())) for row in found.rows)


def says(store: Store, text: str) -> object:
    body = ask(store, text, graph=ResultFormat.N_TRIPLES)
    if body[:1] == b"{":
        return rows(body)
    return sorted(re.sub(rb"_:\w+", b"_:b", body).splitlines())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_query_gives_the_same(
    file: Path, engine: Engine, remote: RemoteStore, article: EmbeddedStore
) -> None:
    text = file.read_text()
    assert says(remote, text) == says(article, text)


@pytest.mark.parametrize(
    "triple",
    [
        ("turkey", "memberOf", "astana-format"),
        ("id:zarif-visit-to-moscow-2021-01", "a", "comity:Event"),
        ("id:russia", "comity:jointPositionWith", "id:iran"),
        ("id:iran", "comity:partyTo", "id:jcpoa"),
    ],
)
def test_why_gives_the_same(
    triple: tuple[str, str, str], remote: RemoteStore, article: EmbeddedStore
) -> None:
    found = derivation(article, read_triple(*triple))
    assert found is not None
    assert derivation(remote, read_triple(*triple)) == found
    nothing = read_triple("id:iran", "memberOf", "id:nato")
    assert derivation(remote, nothing) is None


def test_the_derived_graph_is_the_same(remote: RemoteStore, article: EmbeddedStore) -> None:
    name = ox.NamedNode(GRAPH + "derived")
    found = {quad.triple for quad in remote.quads(name.value)}
    assert found == {q.triple for q in article.engine.quads_for_pattern(None, None, None, name)}
    assert not is_lagging(remote)
    assert not remote_data.install(remote)  # it is there


FORMATS: Final = {
    "SELECT ?s { ?s a <https://w3id.org/comity/ontology#Correction> }": (
        *(ResultFormat.JSON, ResultFormat.XML, ResultFormat.CSV, ResultFormat.TSV),
    ),
    "ASK { ?s ?p ?o }": (ResultFormat.JSON, ResultFormat.XML),
    "CONSTRUCT WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#comment> ?o }": (
        *(ResultFormat.TURTLE, ResultFormat.N_TRIPLES, ResultFormat.RDF_XML),
        *(ResultFormat.JSON_LD, ResultFormat.TRIG, ResultFormat.N_QUADS),
    ),
}


@pytest.mark.parametrize("text", FORMATS)
def test_every_format(text: str, remote: RemoteStore, article: EmbeddedStore) -> None:
    for format in FORMATS[text]:
        said = {"table" if format.is_table else "graph": format}
        found, wanted = ask(remote, text, **said), ask(article, text, **said)
        if format.is_table:
            assert sorted(found.split()) == sorted(wanted.split()) or len(found) == len(wanted)
            continue
        kind = ox.RdfFormat.from_media_type(format.media_type)
        assert set(ox.parse(found, kind)) == set(ox.parse(wanted, kind))


def test_whole_graphs(remote: RemoteStore, article: EmbeddedStore) -> None:
    one = Whole(GRAPH + "issues")
    found, wanted = (
        {*ask(s, "", graph=ResultFormat.N_TRIPLES, whole=one).splitlines()}
        for s in (remote, article)
    )
    assert found == wanted
    with pytest.raises(errors.NoSuchGraph):
        ask(remote, "", whole=Whole(GRAPH + "none"))
    everything = ask(remote, "", graph=ResultFormat.N_QUADS, whole=Whole(None))
    assert {*everything.splitlines()} >= {
        *ask(article, "", graph=ResultFormat.N_QUADS, whole=Whole(None)).splitlines()
    } - {line for line in everything.splitlines() if b"/graph/bundle>" in line}


COUNT: Final = "SELECT (COUNT(*) AS ?n) {} {{ ?s ?p ?o }}"


def count(store: Store, dataset: Dataset | None = None, text: str = "") -> int:
    found = read(ask(store, COUNT.format(text), dataset=dataset))
    return int(found.rows[0]["n"]["value"])


def test_datasets(remote: RemoteStore, article: EmbeddedStore) -> None:
    issues, places = GRAPH + "issues", GRAPH + "places"
    for dataset, text in (
        (None, f"FROM <{issues}>"),
        (None, f"FROM <{issues}> FROM <{places}>"),
        (Dataset((issues,)), ""),
        (Dataset((issues, places)), f"FROM <{GRAPH}states>"),
        (Dataset((), (issues,)), ""),
    ):
        assert count(remote, dataset, text) == count(article, dataset, text), (dataset, text)


@pytest.mark.parametrize(
    "text",
    [
        "DEFINE sql:log-enable 2 SELECT * { ?s ?p ?o }",
        "SELECT (bif:now() AS ?x) { }",
        "SELECT (<bif:now>() AS ?x) { }",
        "SELECT (<b\\u0069f:now>() AS ?x) { }",
        "PREFIX f: <bif:> SELECT (f:now() AS ?x) { }",
        "PREFIX f: <bi> SELECT (f:f:now() AS ?x) { }",
        "SELECT (sql:now() AS ?x) { }",
        "SELECT (<SQL:now>() AS ?x) { }",
        "SELECT (<http://www.openlinksw.com/schemas/bif#now>() AS ?x) { }",
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o FILTER(1<'>bif:now()') ?s <bif:x> ?o }",
    ],
)
def test_what_is_refused_before_it_goes_out(text: str) -> None:
    nowhere = RemoteStore(Endpoint("http://127.0.0.1:1/sparql"))
    with closing(nowhere), pytest.raises((errors.NotAllowed, errors.QuerySyntaxError)):
        ask(nowhere, text)


def test_strings_go_out_as_strings(remote: RemoteStore) -> None:
    text = r'''SELECT ?x { VALUES ?x { "a\u0022b#" 'c\\d\n\'e"' """f"g
        # no comment""" "é😀" "\U0001F600" } } # a comment '"'''
    found = {row["x"]["value"] for row in read(ask(remote, text)).rows}
    assert found == {'a"b#', "c\\d\n'e\"", 'f"g\n        # no comment', "é😀", "😀"}


def test_a_base(remote: RemoteStore) -> None:
    text = "SELECT ?x { VALUES ?x { <iran> } }"
    found = read(ask(remote, text, base="https://w3id.org/comity/id/")).rows
    assert [row["x"]["value"] for row in found] == ["https://w3id.org/comity/id/iran"]


ENDLESS: Final = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) != STR(?h)) }"
)


def test_a_time_limit(remote: RemoteStore) -> None:
    began = time.monotonic()
    with pytest.raises(errors.QueryTimeout):
        ask(remote, ENDLESS, timeout=0.5)
    assert time.monotonic() - began < 10
    assert ask(remote, "ASK { }", timeout=20)


def test_a_reader_that_goes(remote: RemoteStore) -> None:
    async def leave() -> None:
        asking = asyncio.ensure_future(remote.query(Query(ENDLESS, timeout=60)))
        await asyncio.sleep(0.3)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    began = time.monotonic()
    asyncio.run(leave())
    remote.close()
    for thread in remote._threads._threads:  # the connection is cut, so that none waits
        thread.join(10)
        assert not thread.is_alive()
    assert time.monotonic() - began < 15
