"""RDF of networks in its readers: rdflib, pyoxigraph, pyld; and in the reasoner."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox
import pytest
import read_rdf
import sample as networks
from hypothesis import example, given, settings
from outside import held, ordered
from read_rdf import RDF, XSD, Triples
from texts import EDGES, NODES, fill

from comity.graph.errors import QueryTimeout
from comity.graph.installed import ontology_folder
from comity.graph.networks.elements import Header
from comity.graph.networks.formats import rdf
from comity.graph.networks.formats.rdf import EDGE, NETWORK, NODE, RELATION
from comity.graph.networks.model import Network
from comity.graph.rdf.namespaces import COMITY, ID, SOURCE
from comity.graph.reasoning.axioms import TYPE, read_axioms
from comity.graph.reasoning.closure import close

Write = Callable[[Network, IO[bytes]], None]
READERS: list[tuple[Write, Callable[[bytes], Triples]]] = [
    (rdf.write_turtle, read_rdf.turtle),
    (rdf.write_turtle, read_rdf.rdflib_turtle),
    (rdf.write_jsonld, read_rdf.jsonld),
    (rdf.write_jsonld, read_rdf.rdflib_jsonld),
    (rdf.write_jsonld, read_rdf.pyld_jsonld),
]


def written(network: Network, write: Write = rdf.write_turtle) -> bytes:
    out = io.BytesIO()
    write(network, out)
    return out.getvalue()


@pytest.fixture(params=["sample", "merged"])
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(("write", "read"), READERS)
def test_every_node_and_edge_is_read(
    network: Network, write: Write, read: Callable[[bytes], Triples]
) -> None:
    assert ordered(read_rdf.read(read(written(network, write)))) == held(network)


@pytest.mark.parametrize(("write", "read"), READERS[1:])
def test_all_readers_read_the_same(
    network: Network, write: Write, read: Callable[[bytes], Triples]
) -> None:
    assert read_rdf.same(read(written(network, write)), read_rdf.turtle(written(network)))


@pytest.mark.parametrize("write", [rdf.write_turtle, rdf.write_jsonld])
def test_equal_networks_make_equal_bytes(sample: Network, write: Write) -> None:
    with Network(networks.HEADER) as again:
        networks.fill(again)
        assert written(again, write) == written(sample, write)


def values(triples: Triples, subject: str, property_: str) -> set[str]:
    return {
        str(t.object)
        for t in triples
        if t.subject == ox.NamedNode(subject) and t.predicate == ox.NamedNode(property_)
    }


def edges(network: Network, label: str) -> list[str]:
    return [EDGE + edge.id for edge in network.edges() if edge.label == label]


def test_what_is_read(sample: Network) -> None:
    triples = read_rdf.turtle(written(sample))
    assert values(triples, f"{ID}namibia", RDF + "type") == {f"<{COMITY}State>"}
    assert values(triples, f"{ID}namibia", f"{COMITY}isoAlpha3") == {'"NAM"'}
    assert values(triples, f"{ID}namibia", f"{NETWORK}iso2") == {'"NA"'}
    (planned,) = edges(sample, "meets (planned)")
    assert values(triples, planned, RDF + "predicate") == {f"<{RELATION}meets>"}
    assert values(triples, planned, f"{NETWORK}modality") == {f"<{COMITY}planned>"}
    assert values(triples, planned, f"{NETWORK}contemplated") == {f'"true"^^<{XSD}boolean>'}
    (fact,) = edges(sample, "recognises")
    record = f"<{SOURCE}moscow-tehran-relations#f24.3>"
    assert values(triples, fact, "http://www.w3.org/ns/prov#wasDerivedFrom") == {record}
    assert values(triples, fact, f"{NETWORK}start") == {f'"1990-03-21"^^<{XSD}date>'}
    assert values(triples, fact, f"{NETWORK}end") == set()
    (told,) = edges(sample, "put forward")
    assert values(triples, told, RDF + "predicate") == {f"<{COMITY}putForward>"}
    sources = {f"<{SOURCE}one>", f"<{SOURCE}two>"}
    assert values(triples, told, f"{COMITY}citation") == sources
    (says,) = edges(sample, "says")
    text = ox.Literal("a mere text\nof two lines\x07")
    assert values(triples, says, RDF + "object") == {str(text)}
    assert values(triples, says, f"{NETWORK}start") == {f'"-0431-01-01"^^<{XSD}date>'}


def test_merged_edges_keep_all_that_they_are_made_of(merged: Network) -> None:
    triples = read_rdf.turtle(written(merged))
    (pair,) = edges(merged, "recognises | meets")
    assert values(triples, pair, f"{NETWORK}modality") == {f"<{COMITY}asserted>"}
    assert values(triples, pair, RDF + "predicate") == {
        f"<{RELATION}recognises>",
        f"<{RELATION}meets>",
    }
    assert values(triples, pair, f"{NETWORK}contemplated") == {f'"false"^^<{XSD}boolean>'}
    spells = {'"1990-03-21/.."', '"1992-04-27/1992-04-27"'}
    assert values(triples, pair, f"{NETWORK}spell") == spells


def test_the_network_says_where_it_is_from(sample: Network) -> None:
    triples = read_rdf.turtle(written(sample))
    header = networks.HEADER
    dcterms = "http://purl.org/dc/terms/"
    assert values(triples, header.url, f"{dcterms}license") == {f"<{header.licence}>"}
    assert values(triples, header.url, f"{dcterms}created") == {f'"2026-11-24"^^<{XSD}date>'}
    assert values(triples, header.url, f"{NETWORK}release") == {'"abc123"'}
    (query,) = values(triples, header.url, f"{NETWORK}query")
    assert ox.Literal(header.query) in {t.object for t in triples} and "FILTER" in query


def test_with_the_ontology_no_edge_becomes_a_record(network: Network) -> None:
    """Nor does a thing become what its class does not make it."""
    engine = ox.Store()
    engine.load(path=ontology_folder() / "comity.ttl", format=ox.RdfFormat.TURTLE)
    engine.load(written(network), format=ox.RdfFormat.TURTLE)
    before = _types(engine)
    close(engine, read_axioms(engine))
    after = _types(engine)
    added = {(thing, kind) for thing, kind in after - before if thing.startswith((EDGE, ID))}
    # Of the class that it has, with those above it; and what it cites is a source.
    assert added == {
        (f"{ID}{state}", f"{COMITY}Agent")
        for state in ("namibia", "cote-d-ivoire", "iran", "russia")
    }
    same = ox.NamedNode("http://www.w3.org/2002/07/owl#sameAs")
    assert not list(engine.quads_for_pattern(None, same, None))


def _types(engine: ox.Store) -> set[tuple[str, str]]:
    found = engine.quads_for_pattern(None, TYPE, None)
    return {
        (quad.subject.value, quad.object.value)
        for quad in found
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode)
    }


def test_json_reads_without_rdf(sample: Network) -> None:
    """What may be several is always an array; terms of the ontology go by their names."""
    document = json.loads(written(sample, rdf.write_jsonld))
    things = {thing["@id"]: thing for thing in document["@graph"]}
    (told,) = edges(sample, "put forward")
    assert things[told]["predicate"] == ["putForward"]
    assert things[told]["modality"] == ["asserted"]
    assert things[told]["citation"] == [f"{SOURCE}one", f"{SOURCE}two"]
    assert things[told]["weight"] == 1 and things[told]["contemplated"] is False
    (fact,) = edges(sample, "recognises")
    assert things[fact]["citation"] == [f"{SOURCE}one"]
    assert things[f"{ID}namibia"]["@type"] == ["State"]
    assert things[f"{ID}iran"]["population"] == 88.5e6


def test_what_is_no_iri_gets_one() -> None:
    with Network(Header("x", url="no address", licence="no IRI")) as network:
        bad = network.add_node("uri", "https://example.org/a b<>")
        blank = network.add_node("bnode", "b0")
        text = network.add_node("literal", "a text\x00")
        alone = network.add_node("literal", "alone")
        own = network.add_node("uri", f"{EDGE}rel_1", label="an edge of another network")
        network.add_edge(bad, blank, "1", iri="no IRI", citation="nor | this", type="a b")
        network.add_edge(text, own, "2", type="urn:x:y", status="odd", modality="weight")
        assert alone
        for write, read in READERS:
            assert ordered(read_rdf.read(read(written(network, write)))) == held(network)
        triples = read_rdf.turtle(written(network))
    ids = [t.subject.value for t in triples if isinstance(t.subject, ox.NamedNode)]
    assert len({id for id in ids if id.startswith(NODE)}) == 2
    objects = {str(t.object) for t in triples}
    assert {'"https://example.org/a b<>"', '"no IRI"', '"nor"', '"odd"', '"weight"'} <= objects
    assert {f"<{RELATION}a%20b>", "<urn:x:y>"} <= objects


def test_attributes_do_not_take_the_names_of_others() -> None:
    names = [
        "subject",
        "node",
        "Statement",
        "network",
        "@id",
        "x:y",
        "votes",
        "ü",
        "spell",
        "",
        "a.",
    ]
    with Network(Header("x")) as network:
        one = network.add_node("uri", f"{ID}a", extra=dict.fromkeys(names, "node"))
        numbers = {name: 1.5 for name in names if name != "votes"}
        network.add_edge(one, one, "", extra={**numbers, "votes": 2**60})
        turtle = read_rdf.turtle(written(network))
        for write, read in READERS:
            found = read(written(network, write))
            assert ordered(read_rdf.read(found)) == held(network)
            assert read_rdf.same(found, turtle)
        # Readers in JavaScript would round such a number.
        assert json.dumps(str(2**60)).encode() in written(network, rdf.write_jsonld)
    assert len([t for t in turtle if t.object == ox.Literal("node")]) == len(names)


@pytest.mark.parametrize("name", ["role", "status", "start", "citation", "Statement", "opposes"])
def test_a_term_of_the_ontology_stays_what_it_is(name: str) -> None:
    """Also where JSON-LD has the same name for something else."""
    with Network(Header("x")) as network:
        one = network.add_node("uri", f"{ID}a")
        network.add_edge(one, one, "", type=name, modality="planned", role=name)
        turtle = read_rdf.turtle(written(network))
        for write, read in READERS:
            assert read_rdf.same(read(written(network, write)), turtle)


def test_a_deadline_ends_it(sample: Network) -> None:
    sample.deadline = 0
    for write in (rdf.write_turtle, rdf.write_jsonld):
        with pytest.raises(QueryTimeout):
            written(sample, write)


def test_an_empty_network_is_one() -> None:
    with Network(Header("")) as network:
        for write, read in READERS:
            found = read(written(network, write))
            assert read_rdf.read(found) == (set(), [])
            assert len(read_rdf.statements(found)) == 0 and found


@given(NODES, EDGES)
@settings(max_examples=60, deadline=None)
@example([("a", "\x00\ud7ff\ufffe\x85\u2028", {}), ("@type", "_:b", {})], [{"label": "x"}])
@example([("a", "a", {"n": 1e308, "m": 0.1 + 0.2, "k": -0.0, "l": 1e-320})], [{"n": 2**62}])
def test_any_text_is_read_as_it_is(nodes: Any, edges: Any) -> None:
    with Network(Header(nodes[0][1])) as network:
        fill(network, nodes, edges)
        turtle = read_rdf.turtle(written(network))
        assert ordered(read_rdf.read(turtle)) == held(network)
        for node in network.nodes():
            if node.iri:
                label = ox.Literal(node.label)
                assert label in {t.object for t in turtle if t.predicate.value.endswith("#label")}
                said = {t.object for t in turtle}
                assert not [v for v in node.extra.values() if ox.Literal(v) not in said]
        for write, read in READERS[1:]:
            assert read_rdf.same(read(written(network, write)), turtle), read


def test_the_context_stands_in_the_file(sample: Network, tmp_path: Path) -> None:
    context = json.loads(written(sample, rdf.write_jsonld))["@context"]
    assert not [value for value in context.values() if isinstance(value, str) and "json" in value]
    sets = {name for name, term in context.items() if "@container" in str(term)}
    assert sets == {
        *("record", "citation", "node", "spell"),
        *("predicate", "modality", "stance", "status", "role"),
    }
