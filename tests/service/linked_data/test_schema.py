"""What there is in a store: counted rightly, once for each data version, kept over a restart."""

import asyncio
import json
import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx
import places
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from comity.graph.descriptions.dataset import schema
from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import Busy, QueryTimeout, WriteConflict
from comity.graph.rdf.namespaces import COMITY, PREFIXES
from comity.graph.store.interface import Answer
from comity.graph.store.solutions import Solutions, solve
from comity.service.app import create_app
from comity.service.linked_data.schema import Schemas
from comity.service.settings import Settings

RDF_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
TERMS = [ox.NamedNode(f"urn:{letter}") for letter in "abcde"]
VALUES = [*TERMS, ox.Literal("x"), ox.Literal(1), ox.Literal("x", language="en"), ox.BlankNode("b")]
TRIPLES = st.tuples(
    st.sampled_from([*TERMS, ox.BlankNode("b")]),
    st.sampled_from([*TERMS, RDF_TYPE]),
    st.sampled_from(VALUES),
)
GRAPH = ox.NamedNode("urn:graph")


def count(store: EmbeddedStore) -> dict[str, Any]:
    return asyncio.run(schema.count(partial(solve, store)))[0]


def by_name(terms: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {term["name"]: term for term in terms}


def test_what_it_says_of_the_bundle(article: EmbeddedStore) -> None:
    found = count(article)
    position = by_name(found["classes"])["comity:Position"]
    assert position["label"] == {"en": "position"}
    assert position["subClassOf"] == [COMITY + "Record"]
    assert "take a stance" in position["definition"]["en"]
    assert position["usage"]["en"].startswith("f39.1")
    assert "#f" in position["example"]
    assert "comity:stance" in by_name(position["properties"])
    assert position["values"] == []
    stances = by_name(by_name(found["classes"])["comity:Stance"]["values"])
    assert len(stances) == 6
    assert stances["comity:opposed"]["label"] == {"en": "opposed"}
    assert "against" in stances["comity:opposed"]["definition"]["en"]
    assert sum(len(each["values"]) for each in found["classes"]) < 120  # lists alone, no things
    earliest = by_name(found["properties"])["comity:earliest"]
    assert earliest["domain"] == [COMITY + "Record"]
    assert earliest["range"] == [PREFIXES["xsd"] + "dateTime"]
    assert [each["name"] for each in earliest["datatypes"]] == ["xsd:dateTime"]
    holder = by_name(found["properties"])["comity:holder"]
    assert {"comity:State", "comity:Person"} <= by_name(holder["classes"]).keys()
    assert holder["datatypes"] == []
    assert by_name(found["properties"])["comity:memberOf"]["subPropertyOf"] == [
        COMITY + "participatesIn"
    ]
    assert found["prefixes"]["comity"] == COMITY
    assert sum(graph["triples"] for graph in found["graphs"]) == found["triples"]


@settings(deadline=None, max_examples=40)
@given(st.sets(TRIPLES, max_size=25))
def test_the_counts_are_those_of_any_graph(
    triples: set[tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, Any]],
) -> None:
    engine = ox.Store()
    engine.extend(ox.Quad(s, p, o, GRAPH) for s, p, o in triples)

    async def ask(text: str) -> Solutions:
        return schema_solutions(engine, text)

    found, _ = asyncio.run(schema.count(ask))
    quads = list(engine)
    types: dict[Any, list[ox.NamedNode]] = {}
    for quad in quads:
        if quad.predicate == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
            types.setdefault(quad.subject, []).append(quad.object)
    instances = Counter(cls.value for of in types.values() for cls in of)
    properties = Counter(quad.predicate.value for quad in quads)
    uses = Counter(
        (cls.value, q.predicate.value) for q in quads for cls in types.get(q.subject, ())
    )
    ranges = Counter(
        (q.predicate.value, cls.value) for q in quads for cls in types.get(q.object, ())
    )
    datatypes = Counter(
        (q.predicate.value, q.object.datatype.value)
        for q in quads
        if isinstance(q.object, ox.Literal)
    )
    assert found["triples"] == len(quads)
    assert {c["iri"]: c["count"] for c in found["classes"] if c["count"]} == instances
    assert {p["iri"]: p["count"] for p in found["properties"]} == properties
    assert {
        (c["iri"], p["iri"]): p["count"] for c in found["classes"] for p in c["properties"]
    } == uses
    for member, expected in (("classes", ranges), ("datatypes", datatypes)):
        assert {
            (p["iri"], of["iri"]): of["count"] for p in found["properties"] for of in p[member]
        } == expected


def schema_solutions(engine: ox.Store, text: str) -> Solutions:
    found = engine.query(text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    document = json.loads(found.serialize(format=ox.QueryResultsFormat.JSON) or b"")
    return Solutions(document["head"]["vars"], document["results"]["bindings"], "1")


def test_data_that_change_meanwhile_are_not_mixed(store: EmbeddedStore) -> None:
    answers = iter(range(100))

    async def ask(text: str) -> Solutions:
        found = await solve(store, text)
        return Solutions(found.columns, found.rows, str(next(answers) // 3))

    with pytest.raises(WriteConflict):
        asyncio.run(schema.count(ask))


def test_the_route(client: TestClient) -> None:
    response = client.get("/schema.json")
    assert response.headers["content-type"] == "application/json"
    document = response.json()
    assert document["data"] == response.headers["comity-data-version"]
    assert "comity:State" in by_name(document["classes"])
    described = client.get("/openapi.json").json()["paths"]["/schema.json"]["get"]["responses"]
    Draft202012Validator(described["200"]["content"]["application/json"]["schema"]).validate(
        document
    )


def test_an_empty_store_has_a_schema(empty: EmbeddedStore) -> None:
    client = TestClient(create_app(empty, Settings(store="memory", bundled=False)))
    document = client.get("/schema.json").json()
    assert (document["triples"], document["classes"]) == (0, [])


def test_it_follows_writes(empty: EmbeddedStore, tmp_path: Path) -> None:
    client = TestClient(create_app(empty, Settings(store="memory", bundled=False)))
    for number in (1, 2):
        file = tmp_path / f"{number}.ttl"
        file.write_text(f"<urn:thing{number}> a <urn:Class{number}> .")
        load(empty, [file])
        document = client.get("/schema.json").json()
        assert [each["iri"] for each in document["classes"]] == [
            f"urn:Class{n}" for n in range(1, number + 1)
        ]
        assert document["data"] == empty.version
    with empty.writing() as engine:
        engine.add(ox.Quad(TERMS[0], RDF_TYPE, TERMS[1]))
    assert "urn:b" in {each["iri"] for each in client.get("/schema.json").json()["classes"]}


def test_it_is_counted_once_for_many(store: EmbeddedStore) -> None:
    counting = Slow(store, hold=0.0)

    async def ask() -> None:
        kept = Schemas(counting)
        first = await asyncio.gather(*(kept.current(10) for _ in range(20)))
        assert len({each.body for each in first}) == 1
        await kept.current(10)

    asyncio.run(ask())
    assert counting.asked == len(schema._QUERIES)


class Versioned:
    """An answer that says to belong to another data version."""

    def __init__(self, answer: Answer, version: str) -> None:
        self._answer, self.format, self.version = answer, answer.format, version

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._answer)

    async def aclose(self) -> None:
        await self._answer.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()


class Slow:
    """A store of any version that keeps its answers back for a while, and has no folder."""

    def __init__(self, store: EmbeddedStore, hold: float) -> None:
        self._store, self._hold = store, hold
        self.asked = 0
        self.version = "1"
        self.location = store.location
        self.is_cacheable = True

    async def query(self, query: Any) -> Any:
        self.asked += 1
        await asyncio.sleep(self._hold)
        return Versioned(await self._store.query(query), self.version)

    def close(self) -> None: ...


def test_an_older_one_is_given_while_counting(store: EmbeddedStore) -> None:
    slow = Slow(store, hold=0.0)

    async def ask() -> None:
        kept = Schemas(slow)
        assert (await kept.current(10)).version == "1"
        slow._hold, slow.version = 30.0, "2"
        began = time.monotonic()
        assert (await kept.current(30)).version == "1"
        assert time.monotonic() - began < 20  # patience is 2 s

    asyncio.run(ask())


def test_without_an_older_one_it_says_that_it_counts(store: EmbeddedStore) -> None:
    slow = Slow(store, hold=30.0)

    async def ask() -> None:
        with pytest.raises(Busy, match="being counted"):
            await Schemas(slow).current(0.05)

    asyncio.run(ask())


def test_a_failure_is_told_and_tried_again(store: EmbeddedStore) -> None:
    slow = Slow(store, hold=0.0)
    answer = slow.query

    async def fails(query: Any) -> Any:
        raise QueryTimeout("it took longer")

    async def ask() -> None:
        kept = Schemas(slow)
        slow.query = fails  # type: ignore[method-assign]
        with pytest.raises(QueryTimeout):
            await kept.current(10)
        slow.query = answer  # type: ignore[method-assign]
        assert (await kept.current(10)).version == "1"

    asyncio.run(ask())


def test_it_is_kept_beside_the_data(tmp_path: Path) -> None:
    def get(store: EmbeddedStore) -> dict[str, Any]:
        client = TestClient(create_app(store, Settings(store=str(folder), bundled=False)))
        found = client.get("/schema.json").json()
        assert isinstance(found, dict)
        return found

    folder, data = tmp_path / "store", tmp_path / "data.ttl"
    data.write_text("<urn:thing> a <urn:Class> .")
    with closing(open_embedded(folder, bundled=False)) as store:
        load(store, [data])
        first = get(store)
    (kept,) = folder.glob("schema.*")
    kept.write_text(kept.read_text().replace("urn:Class", "urn:Kept"))
    with closing(open_embedded(folder, bundled=False)) as store:
        again = get(store)
        assert [each["iri"] for each in again["classes"]] == ["urn:Kept"]
        assert again["data"] == store.version != first["data"]
        load(store, [data])
        assert [each["iri"] for each in get(store)["classes"]] == ["urn:Class"]
    (kept,) = folder.glob("schema.*")
    kept.write_text("{")
    with closing(open_embedded(folder, bundled=False)) as store:
        assert [each["iri"] for each in get(store)["classes"]] == ["urn:Class"]


def test_a_service_counts_by_itself_and_after_a_write(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    command = [str(places.COMITY), "serve", "--port", "0"]
    environment = os.environ | {
        "COMITY_STORE": str(folder),
        "COMITY_TOKEN": "t",
        "COMITY_BUNDLED": "off",
    }
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as service:
        try:
            assert service.stderr
            found = re.search(r"http://\S+?(?=/? )", service.stderr.readline())
            assert found
            for name in ("a", "b"):
                update = f"INSERT DATA {{ GRAPH <urn:g> {{ <urn:x> a <urn:{name}> }} }}"
                headers = {"Authorization": "Bearer t"}
                done = httpx.post(f"{found[0]}/update", data={"update": update}, headers=headers)
                assert done.status_code == 204, done.text
                deadline = time.monotonic() + 60
                # The file of the data before goes away meanwhile, and a new one comes under another name.
                while f"urn:{name}" not in "".join(_texts(folder, "schema.*")):
                    assert time.monotonic() < deadline, "nothing was counted"
                    time.sleep(0.1)
        finally:
            service.send_signal(signal.SIGTERM)


def _texts(folder: Path, pattern: str) -> Iterator[str]:
    for path in folder.glob(pattern):
        with suppress(FileNotFoundError):
            yield path.read_text()
