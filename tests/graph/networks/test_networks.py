"""The network model, and how answers fill it."""

import asyncio
import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.graph.descriptions.ontology.vocabulary import depth, is_symmetric
from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.errors import NotAcceptable, ParameterError, QueryTimeout
from comity.graph.networks.build import Neighbourhood, build
from comity.graph.networks.elements import (
    EDGE_FIELDS,
    NODE_FIELDS,
    Edge,
    Header,
    Node,
    edge_values,
    node_values,
)
from comity.graph.networks.from_answer import Ends, date, fill_solutions, fill_triples
from comity.graph.networks.identifiers import edge_id, node_id
from comity.graph.networks.model import Network
from comity.graph.networks.palette import node_style
from comity.graph.networks.subset import around
from comity.graph.rdf.namespaces import COMITY, ID
from comity.graph.store.interface import Query, ResultFormat
from comity.graph.store.solutions import solve

PREFIXES = f"PREFIX comity: <{COMITY}> PREFIX id: <{ID}> "


def table(*rows: Mapping[str, object]) -> io.BytesIO:
    """SPARQL JSON: a value that has a colon is an IRI, a number a number."""

    def cell(value: object) -> dict[str, str]:
        if isinstance(value, int | float):
            kind = "integer" if isinstance(value, int) else "double"
            type_ = f"http://www.w3.org/2001/XMLSchema#{kind}"
            return {"type": "literal", "value": str(value), "datatype": type_}
        if str(value).startswith(("http", "urn:")):
            return {"type": "uri", "value": str(value)}
        return {"type": "literal", "value": str(value)}

    names = list(dict.fromkeys(name for row in rows for name in row))
    bindings = [{name: cell(value) for name, value in row.items()} for row in rows]
    document = {"head": {"vars": names}, "results": {"bindings": bindings}}
    return io.BytesIO(json.dumps(document).encode())


@contextmanager
def of(*rows: Mapping[str, object], ends: Ends | None = None) -> Iterator[Network]:
    with Network(Header("test")) as network:
        fill_solutions(network, table(*rows), ends)
        yield network


@contextmanager
def of_triples(text: str) -> Iterator[Network]:
    with Network(Header("test")) as network:
        fill_triples(network, io.BytesIO(text.encode()))
        yield network


def nodes(network: Network) -> dict[str, Node]:
    return {node.id: node for node in network.nodes()}


def pairs(network: Network) -> list[tuple[str, str, str]]:
    return [(edge.source, edge.type, edge.target) for edge in network.edges()]


class TestIdentifiers:
    def test_a_thing_keeps_its_slug(self) -> None:
        assert node_id("uri", ID + "cote-d-ivoire") == "cote-d-ivoire"
        assert node_id("uri", COMITY + "Meeting") == "comity_Meeting"

    def test_what_is_lost_in_ascii_is_in_the_hash(self) -> None:
        one = node_id("uri", "https://example.org/ü")
        assert one != node_id("uri", "https://example.org/ö")
        assert one.startswith("iri_")

    @given(
        st.lists(st.tuples(st.sampled_from(["uri", "literal", "bnode"]), st.text()), unique=True)
    )
    def test_they_are_ascii_and_apart(self, terms: list[tuple[str, str]]) -> None:
        found = [node_id(kind, value) for kind, value in terms]
        assert len(set(found)) == len(terms)
        for each in found:
            assert each.isascii() and each.replace("_", "").replace("-", "").isalnum()
            assert not each.startswith("rel_")

    @given(st.text(), st.sampled_from([ID, COMITY, "https://w3id.org/comity/source/", "urn:"]))
    def test_iris_of_our_own_are_apart_too(self, local: str, base: str) -> None:
        assert node_id("uri", base + local) != node_id("uri", base + local + "-")
        assert len(node_id("uri", base + local)) <= 80

    def test_those_of_edges_begin_so(self) -> None:
        assert edge_id("x").startswith("rel_") and edge_id("x") != edge_id("y")


class TestPalette:
    def test_a_class_has_the_style_of_the_nearest_above(self) -> None:
        assert node_style("Meeting").group == "event"
        assert node_style("State").group == "state"
        assert node_style("nothing known").group == "other"

    def test_what_is_contemplated_is_no_event(self) -> None:
        assert node_style("ContemplatedEvent").group == "proposition"

    def test_lower_is_deeper(self) -> None:
        assert depth("Meeting") > depth("Event") > depth("unknown") == 0


class TestModel:
    @pytest.mark.parametrize(
        ("iri", "label"),
        [("urn:x:ü", "urn:x:ü"), (ID + "nobody", "nobody"), (COMITY + "says", "comity:says")],
    )
    def test_what_has_no_name_is_called_by_its_iri(self, iri: str, label: str) -> None:
        with Network(Header("test")) as network:
            network.add_node("uri", iri)
            (node,) = network.nodes()
        assert node.label == label

    def test_no_attribute_is_empty(self, sample: Network) -> None:
        for values in (*map(node_values, sample.nodes()), *map(edge_values, sample.edges())):
            assert all(value is not None and value != "" for value in values.values())

    def test_one_name_one_type(self, sample: Network) -> None:
        types: dict[str, type] = {"string": str, "integer": int, "double": float, "boolean": bool}
        known = {f.name: types[f.type] for f in NODE_FIELDS}
        known |= {a.name: types[a.type] for a in sample.node_attributes}
        assert sample.node_count and sample.edge_count
        for node in sample.nodes():
            assert all(type(value) is known[name] for name, value in node_values(node).items())
        known = {f.name: types[f.type] for f in EDGE_FIELDS}
        known |= {a.name: types[a.type] for a in sample.edge_attributes}
        for edge in sample.edges():
            assert all(type(value) is known[name] for name, value in edge_values(edge).items())

    def test_a_record_told_twice_is_one_edge_with_both_quotations(self, sample: Network) -> None:
        (edge,) = [e for e in sample.edges() if e.type == "putForward"]
        assert edge.evidence == "first | second"
        assert edge.sources == 2

    def test_what_is_planned_says_so(self, sample: Network) -> None:
        (edge,) = [e for e in sample.edges() if e.contemplated]
        assert edge.label == "meets (planned)"

    def test_merging_keeps_facts_and_hopes_apart(self, merged: Network) -> None:
        facts, hope = (e for e in merged.edges() if e.target == "cote-d-ivoire")
        assert (facts.relations, facts.weight, facts.contemplated) == (2, 2.0, False)
        assert facts.spells == (("1990-03-21", None), ("1992-04-27", "1992-04-27"))
        assert (facts.start, facts.end, facts.label) == ("1990-03-21", None, "recognises | meets")
        assert (hope.relations, hope.weight, hope.contemplated) == (1, 2.5, True)
        assert merged.edge_count == len(list(merged.edges())) == 7

    def test_counts(self, sample: Network) -> None:
        assert sample.node_count == len(list(sample.nodes())) == 7
        assert sample.edge_count == len(list(sample.edges())) == 8

    def test_every_node_has_a_place_of_its_own(self, sample: Network) -> None:
        sample.place([("iran", 1.0, 2.0)])
        places = {(node.x, node.y) for node in sample.nodes()}
        assert len(places) == 7 and (1.0, 2.0) in places

    def test_work_past_the_deadline_ends(self, sample: Network) -> None:
        sample.deadline = time.monotonic() - 1
        with pytest.raises(QueryTimeout):
            list(sample.edges())
        with pytest.raises(QueryTimeout):
            list(sample.nodes())


class TestRows:
    def test_each_row_is_an_edge(self) -> None:
        row = {"source": ID + "iran", "target": ID + "russia", "type": COMITY + "metWith"}
        with of(row | {"start": "2021-01-26T00:00:00Z", "votes": 3, "weight": 2}) as network:
            (edge,) = network.edges()
        assert (edge.source, edge.type, edge.target) == ("iran", "metWith", "russia")
        assert (edge.start, edge.weight, edge.extra) == ("2021-01-26", 2.0, {"votes": 3})
        assert edge.label == "met with"

    def test_equal_rows_stay_apart(self) -> None:
        row: dict[str, object] = {"source": ID + "iran", "target": ID + "russia"}
        with of(row, row, row) as network:
            assert network.edge_count == 3
            assert len({edge.id for edge in network.edges()}) == 3

    def test_rows_of_one_record_are_one_edge(self) -> None:
        row: dict[str, object] = {"source": ID + "a", "target": ID + "b", "record": ID + "r"}
        with of(row | {"words": "one"}, row | {"words": "two"}, row | {"words": "one"}) as network:
            (edge,) = network.edges()
        assert edge.evidence == "one | two" and edge.iri == ID + "r"

    @pytest.mark.parametrize("statuses", [("intended", "said"), ("said", "intended", "said")])
    def test_statuses_of_one_record_stand_in_one_order(self, statuses: tuple[str, ...]) -> None:
        """Else a network and its label would be another each time that the engine is asked."""
        row: dict[str, object] = {"source": ID + "a", "target": ID + "b", "record": ID + "r"}
        with of(*(row | {"status": status} for status in statuses)) as network:
            (edge,) = network.edges()
        assert edge.status == "intended | said" and edge.contemplated

    def test_a_source_alone_is_a_node(self) -> None:
        with of({"source": ID + "a", "target": ID + "b"}, {"source": ID + "c"}) as network:
            assert network.node_count == 3 and network.edge_count == 1

    def test_texts_may_be_nodes(self) -> None:
        with of({"source": "Côte d'Ivoire", "target": "Namibia"}) as network:
            assert {node.label for node in network.nodes()} == {"Côte d'Ivoire", "Namibia"}
            assert all(node.iri is None for node in network.nodes())

    def test_columns_of_a_node(self) -> None:
        row = {"source": ID + "a", "target": ID + "b", "source_label": "A", "target_size": 2.5}
        with of(row | {"source_class": COMITY + "State"}) as network:
            found = nodes(network)
        assert (found["a"].label, found["a"].cls, found["b"].extra) == ("A", "State", {"size": 2.5})

    def test_a_status_or_a_hope_makes_it_no_fact(self) -> None:
        row: dict[str, object] = {"source": ID + "a", "target": ID + "b"}
        with of(
            row | {"modality": COMITY + "asserted"},
            row | {"modality": COMITY + "hoped"},
            row | {"modality": COMITY + "asserted", "status": COMITY + "scheduled"},
        ) as network:
            found = [(edge.contemplated, edge.label) for edge in network.edges()]
        assert found == [
            (False, "related"),
            (True, "related (hoped)"),
            (True, "related (scheduled)"),
        ]

    def test_without_ends_the_first_thing_is_the_middle_of_a_star(self) -> None:
        row = {"holder": ID + "iran", "stance": COMITY + "opposed", "on": ID + "linkage"}
        with of(row | {"source": "https://w3id.org/comity/source/x", "place": ID + "moscow"}) as it:
            assert pairs(it) == [("iran", "opposed", "linkage"), ("iran", "opposed", "moscow")]
            assert next(it.edges()).citation == "https://w3id.org/comity/source/x"

    def test_ends_that_a_file_names(self) -> None:
        row: dict[str, object] = {"a": ID + "a", "b": ID + "b", "c": ID + "c"}
        with of(row, ends=Ends("c", "a")) as network:
            assert [(e.source, e.target) for e in network.edges()] == [("c", "a")]
            assert next(network.edges()).extra == {"b": "id:b"}

    def test_a_name_that_is_taken_moves_aside(self) -> None:
        with of({"source": ID + "a", "target": ID + "b", "id": 7, "iri": "x"}) as network:
            assert next(network.edges()).extra == {"id_": 7, "iri_": "x"}

    def test_types_that_differ_become_one(self) -> None:
        row: dict[str, object] = {"source": ID + "a", "target": ID + "b"}
        with of(row | {"v": 1}, row | {"v": 2.5}, row | {"w": 1}, row | {"w": "x"}) as network:
            assert {a.name: a.type for a in network.edge_attributes} == {
                "v": "double",
                "w": "string",
            }
            assert [e.extra for e in network.edges()] == [
                {"v": 1.0},
                {"v": 2.5},
                {"w": "1"},
                {"w": "x"},
            ]

    def test_only_texts_and_no_ends_are_no_network(self) -> None:
        with pytest.raises(NotAcceptable, match="not a network"), of({"a": "x", "n": 3}):
            pass

    def test_no_rows_are_an_empty_network(self) -> None:
        with of() as network:
            assert network.node_count == 0

    def test_a_boolean_is_no_network(self) -> None:
        with Network(Header("test")) as network, pytest.raises(NotAcceptable, match="yes or no"):
            fill_solutions(network, io.BytesIO(b'{"head": {}, "boolean": true}'))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2021-02-22T00:00:00Z", "2021-02-22", "2021-02-22"),
        ("2021-02-22", "2021-02-22", "2021-02-22"),
        ("2021-02", "2021-02-01", "2021-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("1648", "1648-01-01", "1648-12-31"),
        ("-0431", "-0431-01-01", "-0431-12-31"),
        ("2021-02-22+03:30", "2021-02-22", "2021-02-22"),
        ("last spring", "last spring", "last spring"),
    ],
)
def test_dates(text: str, first: str, last: str) -> None:
    assert date(text, last=False) == first
    assert date(text, last=True) == last


class TestTriples:
    def test_links_are_edges_and_literals_attributes(self) -> None:
        with of_triples(
            "<urn:a> <urn:p/knows> <urn:b> .\n"
            '<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "A" .\n'
            '<urn:a> <urn:p/size> "3"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
            '<urn:b> <urn:p/motto> "one" .\n<urn:b> <urn:p/motto> "two" .\n'
            f"<urn:b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{COMITY}State> .\n"
            f"<urn:b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{COMITY}Agent> .\n"
        ) as network:
            a, b = network.nodes()
            assert [edge.type for edge in network.edges()] == ["knows"]
        assert (a.label, a.extra) == ("A", {"size": 3})
        assert (b.cls, b.extra) == ("State", {"motto": "one | two"})

    @pytest.mark.parametrize(
        ("classes", "cls", "label", "group"),
        [
            (["https://schema.org/Person"], "https://schema.org/Person", "person", "other"),
            (["http://xmlns.com/foaf/0.1/Person"], "foaf:Person", "foaf:Person", "other"),
            ([COMITY + "Person", "https://schema.org/Person"], "Person", "person", "person"),
            (["urn:x/State", COMITY + "Organ"], "Organ", "organ", "organisation"),
        ],
    )
    def test_a_class_is_known_by_its_iri(
        self, classes: list[str], cls: str, label: str, group: str
    ) -> None:
        """A class of others that is called as one of ours does not look like it."""
        type_ = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
        for order in (classes, classes[::-1]):
            with of_triples("".join(f"<urn:a> <{type_}> <{c}> .\n" for c in order)) as network:
                (node,) = network.nodes()
            assert (node.cls, node.class_label, node.group) == (cls, label, group)

    def test_a_symmetric_property_told_in_both_directions_is_one_edge(self) -> None:
        assert is_symmetric(COMITY + "metWith") and not is_symmetric(COMITY + "memberOf")
        both = f"<urn:b> <{COMITY}{{0}}> <urn:a> .\n<urn:a> <{COMITY}{{0}}> <urn:b> .\n"
        with of_triples(both.format("metWith")) as network:
            assert [edge.directed for edge in network.edges()] == [False]
        with of_triples(both.format("memberOf")) as network:
            assert [edge.directed for edge in network.edges()] == [True, True]

    def test_a_record_is_an_edge_and_what_stands_beside_it_another(self) -> None:
        with of_triples(
            f"<urn:moscow> <{COMITY}capitalOf> <urn:russia> .\n"
            f"<urn:r> <{COMITY}modality> <{COMITY}asserted> .\n"
            f"<urn:r> <{COMITY}participant> <urn:russia> .\n"
            f"<urn:r> <{COMITY}participant> <urn:iran> .\n"
        ) as network:
            found = sorted((edge.type, edge.directed) for edge in network.edges())
        assert found == [("capitalOf", True), ("togetherWith", False)]

    @pytest.mark.parametrize(
        ("language", "label"),
        [("en", "Tehran"), ("ru", "Тегеран"), ("ru-RU", "Тегеран"), ("ky", "Tehran")],
    )
    def test_of_several_labels_that_in_the_language_stays(self, language: str, label: str) -> None:
        of = "<urn:a> <http://www.w3.org/2000/01/rdf-schema#label>"
        lines = [f'{of} "تهران"@fa .', f'{of} "Tehran"@en .', f'{of} "Тегеран"@ru .']
        record = f"<urn:r> <{COMITY}modality> <{COMITY}asserted> ."
        for each in (lines, lines[::-1], [*lines, record]):
            with Network(Header("test")) as network:
                fill_triples(network, io.BytesIO("\n".join(each).encode()), language)
                assert nodes(network)["iri_urn_a_" + node_id("uri", "urn:a")[-8:]].label == label

    @pytest.mark.parametrize(("told", "kept"), [(float("inf"), "inf"), ("heavy", "heavy")])
    def test_a_weight_that_is_no_number_is_an_attribute(self, told: object, kept: str) -> None:
        with of({"source": "urn:a", "target": "urn:b", "weight": told}) as network:
            (edge,) = network.edges()
        assert (edge.weight, edge.extra) == (1.0, {"weight_": kept})

    def test_blank_nodes_are_nodes(self) -> None:
        with of_triples("_:x <urn:p> <urn:b> .") as network:
            assert [node.iri for node in network.nodes()] == [None, "urn:b"]

    def test_a_triple_that_is_spoken_of_is_a_proposition_and_no_edge(self) -> None:
        with of_triples(
            f"_:r <urn:reifies> <<( <{ID}iran> <{COMITY}metWith> <{ID}iraq> )>> .\n"
            '_:r <urn:says> <<( <urn:a> <urn:p> <<( <urn:b> <urn:q> "x" )>> )>> .\n'
        ) as network:
            labels = {node.id: node.label for node in network.nodes()}
            found = [(labels[e.source], e.type, labels[e.target]) for e in network.edges()]
            facts = [edge.type for edge in network.edges() if not edge.contemplated]
            groups = {node.label: node.group for node in network.nodes()}
        meeting, nested = "iran met with iraq", "urn:a urn:p (urn:b urn:q x)"
        assert (meeting, "subject", labels["iran"]) in found
        assert (meeting, "object", labels["iraq"]) in found
        assert (nested, "object", "urn:b urn:q x") in found
        assert groups[meeting] == groups[nested] == "proposition"
        assert sorted(type for _, type, _ in found).count("subject") == 3
        assert not any({labels["iran"], labels["iraq"]} == {a, b} for a, _, b in found)
        assert facts == ["urn:reifies", "urn:says"]  # until the whole network is known, see below


def network_of(store: EmbeddedStore, text: str, **options: object) -> Network:
    query = Query(PREFIXES + text, ResultFormat.JSON, ResultFormat.N_TRIPLES, timeout=30)
    found = build(store, query, Header("test"), partial(solve, store), **options)  # type: ignore[arg-type]
    return asyncio.run(found)


class TestBuilding:
    def test_a_hope_is_marked_though_the_query_does_not_say_so(
        self, article: EmbeddedStore
    ) -> None:
        content = "?record comity:modality comity:hoped ; comity:content ?c . ?c comity:contentAgent ?source ; comity:contentObject ?target"
        for text in (
            f"SELECT ?source ?target ?record WHERE {{ {content} }}",
            "CONSTRUCT { ?c ?p ?o } WHERE { ?r comity:modality comity:hoped ; comity:content ?c . ?c ?p ?o }",
            "SELECT ?source (?c AS ?target) WHERE { ?r comity:holder ?source ; comity:content ?c }",
        ):
            with network_of(article, text) as network:
                assert network.edge_count
                assert all(edge.contemplated for edge in network.edges()), text

    @pytest.mark.parametrize(
        "text",
        [
            "CONSTRUCT { id:irna comity:says <<( id:iran comity:metWith id:iraq )>> } WHERE {}",
            """SELECT (id:irna AS ?source) (<<( id:iran comity:metWith id:iraq )>> AS ?target)
              (<<( id:a id:b id:c )>> AS ?words) (<<( id:a id:b id:c )>> AS ?note) {}""",
        ],
    )
    def test_no_edge_of_a_triple_term_is_a_fact(self, article: EmbeddedStore, text: str) -> None:
        with network_of(article, text) as network:
            assert {node.id[:7] for node in network.nodes()} == {"irna", "iran", "iraq", "triple_"}
            edges = list(network.edges())
        assert len(edges) == 3 and all(edge.contemplated for edge in edges)
        if "words" in text:
            (said,) = (edge for edge in edges if edge.evidence)
            assert (said.evidence, said.extra) == ("a b c", {"note": "a b c"})

    def test_a_description_is_in_the_language(self, article: EmbeddedStore) -> None:
        for language, label in (("en", "Iran"), ("ru", "Иран"), ("fa", "ایران")):
            with network_of(article, "DESCRIBE id:iran", language=language) as network:
                assert nodes(network)["iran"].label == label

    def test_labels_and_classes_come_from_the_store(self, article: EmbeddedStore) -> None:
        text = "SELECT ?source ?target WHERE { VALUES ?source { id:iran } VALUES ?target { id:jcpoa } }"
        with network_of(article, text) as network:
            found = nodes(network)
        assert (found["iran"].label, found["iran"].cls, found["iran"].iso3) == (
            "Iran",
            "State",
            "IRN",
        )
        assert found["jcpoa"].group == "agreement"
        with network_of(article, text, language="ru") as network:
            assert nodes(network)["iran"].label == "Иран"

    def test_records_of_a_construct_become_edges(self, article: EmbeddedStore) -> None:
        text = "CONSTRUCT { ?r ?p ?o } WHERE { ?r a comity:Position ; ?p ?o }"
        with network_of(article, text) as network:
            edges = list(network.edges())
            found = nodes(network)
        assert ("iran", "opposed") in {(e.source, e.stance) for e in edges}
        assert {e.iri for e in edges if e.iri}
        assert not [node for node in found.values() if node.cls == "Position"]

    def test_a_table_that_names_records_stands_for_them(self, article: EmbeddedStore) -> None:
        text = "SELECT ?stance ?record WHERE { ?record a comity:Position ; comity:stance ?stance }"
        with network_of(article, text) as network:
            edges = list(network.edges())
        found = {(e.source, e.stance, e.target) for e in edges}
        assert ("iran", "opposed", "gulf-security-jcpoa-linkage") in found
        assert all(
            e.iri and e.evidence for e in edges if e.stance and "moscow-tehran" in str(e.iri)
        )

    def test_a_neighbourhood(self, article: EmbeddedStore) -> None:
        text = (
            "SELECT ?source ?target WHERE { VALUES (?source ?target)"
            " { (id:a id:b) (id:b id:c) (id:d id:c) (id:d id:e) } }"
        )
        for hops, wanted in ((0, "a"), (1, "ab"), (2, "abc"), (3, "abcd"), (9, "abcde")):
            with network_of(article, text, neighbourhood=Neighbourhood(ID + "a", hops)) as network:
                assert "".join(nodes(network)) == wanted
        with pytest.raises(ParameterError, match="not in this network"):
            network_of(article, text, neighbourhood=Neighbourhood(ID + "z", 1))

    def test_around_names_what_is_missing(self, sample: Network) -> None:
        assert around(sample, [ID + "iran", ID + "nowhere"], 1) == [ID + "nowhere"]
        assert set(nodes(sample)) == {"iran", "russia", "hormuz-peace-initiative"}
        assert all(isinstance(edge, Edge) for edge in sample.edges())


def test_the_work_grows_as_the_edges_do(
    empty: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand edges once took minutes: each record was looked for among all edges."""
    steps = []

    class Counting(Network):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self._db.set_progress_handler(lambda: steps.append(1), 100)

    monkeypatch.setattr("comity.graph.networks.build.Network", Counting)
    file = tmp_path / "records.nt"
    lines = (f"<urn:r{n}> <{COMITY}modality> <{COMITY}hoped> .\n" for n in range(4000))
    file.write_text("".join(lines), encoding="utf-8")
    load(empty, [file])
    counts = []
    for limit in (2000, 4000):
        steps.clear()
        text = "SELECT (?r AS ?source) (id:iran AS ?target) (?r AS ?record)"
        with network_of(empty, f"{text} {{ ?r comity:modality ?m }} LIMIT {limit}") as network:
            assert network.edge_count == limit
            assert all(edge.modality == "hoped" for edge in network.edges())
        counts.append(len(steps))
    assert counts[1] < 3 * counts[0]


class TestDirection:
    """A table says by its types, or by ?directed, what has no direction."""

    @pytest.mark.parametrize(
        ("row", "directed"),
        [
            ({}, True),
            ({"type": COMITY + "metWith"}, False),
            ({"type": COMITY + "metWith", "directed": "true"}, True),
            ({"type": "metWith"}, True),
            ({"type": "metWith", "directed": "false"}, False),
        ],
    )
    def test_of_a_row(self, row: dict[str, str], directed: bool) -> None:
        cells = {"source": "urn:a", "target": "urn:b", **row}
        document = json.loads(table(cells).read())
        for cell in document["results"]["bindings"][0].items():
            if cell[0] == "directed":
                cell[1]["datatype"] = "http://www.w3.org/2001/XMLSchema#boolean"
        with Network(Header("test")) as network:
            fill_solutions(network, io.BytesIO(json.dumps(document).encode()))
            (edge,) = network.edges()
        assert edge.directed is directed and "directed" not in edge.extra


class TestLabelsOfEdges:
    """In the language that is asked for, where the store has a label of the type."""

    @pytest.mark.parametrize(
        ("language", "expected"),
        [
            ("fa", ["met with", "متحد"]),
            ("ru", ["встретились", "ally of"]),
            ("en", ["met with", "ally of"]),
        ],
    )
    def test_in_a_language(self, empty: EmbeddedStore, language: str, expected: list[str]) -> None:
        label = "<http://www.w3.org/2000/01/rdf-schema#label>"
        with empty.writing() as engine:
            engine.update(
                f"""{PREFIXES} INSERT DATA {{ GRAPH <urn:g> {{
                comity:metWith {label} "encountered"@en , "встретились"@ru .
                <urn:alliedWith> {label} "ally of"@en , "متحد"@fa . }} }}"""
            )
        text = """SELECT ?source ?target ?type { VALUES (?source ?target ?type)
          { (id:a id:b comity:metWith) (id:a id:b <urn:alliedWith>) } }"""
        with network_of(empty, text, language=language) as network:
            assert [edge.label for edge in network.edges()] == expected
