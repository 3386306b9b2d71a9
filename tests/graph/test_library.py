"""The library as its users have it: opened, loaded, asked, checked and exported in blocking calls."""

import asyncio
import io
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from engines import Engine, oxigraph
from fastapi import FastAPI
from pyoxigraph import Literal, NamedNode

from comity.graph import GraphStore, Result, open_store
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.errors import (
    DataError,
    MissingProgram,
    NotAcceptable,
    NotAllowed,
    ParameterError,
    QueryError,
    QueryFileError,
    QuerySyntaxError,
    QueryTimeout,
    RemoteError,
    StoreError,
    StoreInUse,
)
from comity.graph.library.values import Value, as_written, python_value
from comity.graph.rdf.namespaces import COMITY, GRAPH, ID
from comity.service.app import create_app
from comity.service.settings import Settings

README = Path(__file__).parents[2].joinpath("graph", "README.md").read_text(encoding="utf-8")
OWN = """
@prefix id: <https://w3id.org/comity/id/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://example.org/> .
ex:a ex:whole 12 ; ex:small "3"^^xsd:byte ; ex:decimal 1.5 ; ex:real 2e3 ; ex:true true ;
  ex:day "2021-02-22"^^xsd:date ; ex:moment "2021-02-22T10:00:00Z"^^xsd:dateTime ;
  ex:local "2021-02-22T10:00:00"^^xsd:dateTime ; ex:year "2021"^^xsd:gYear ;
  ex:ancient "-0044-03-15"^^xsd:date ; ex:broken "many"^^xsd:integer ; ex:text "so"@en ;
  ex:thing id:iran .
"""
VALUES = "SELECT ?value { <http://example.org/a> <http://example.org/%s> ?value }"


@pytest.fixture(scope="module")
def library() -> Iterator[GraphStore]:
    """The bundled graphs, for tests that only read."""
    with open_store("memory") as store:
        yield store


@pytest.fixture
def own(tmp_path: Path) -> Iterator[GraphStore]:
    """A store of values of every type."""
    file = tmp_path / "own.ttl"
    file.write_text(OWN, encoding="utf-8")
    with open_store("memory", bundled=False) as store:
        store.load(file)
        yield store


def outside(program: str) -> str:
    """What a program prints in a Python of its own."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


class TestQuery:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("whole", 12),
            ("small", 3),
            ("decimal", 1.5),
            ("real", 2000.0),
            ("true", True),
            ("day", date(2021, 2, 22)),
            ("moment", datetime(2021, 2, 22, 10, tzinfo=UTC)),
            ("local", datetime(2021, 2, 22, 10)),
            ("year", "2021"),
            ("ancient", "-0044-03-15"),
            ("broken", "many"),
            ("text", "so"),
            ("thing", ID + "iran"),
        ],
    )
    def test_a_term_is_a_value_of_python(self, own: GraphStore, name: str, value: Value) -> None:
        (row,) = own.query(VALUES % name)
        assert row == {"value": value}
        assert type(row["value"]) is type(value)

    def test_terms_keep_languages_and_datatypes(self, own: GraphStore) -> None:
        result = own.query(VALUES % "text")
        assert result.terms == ((Literal("so", language="en"),),)

    def test_a_row_has_every_column(self, own: GraphStore) -> None:
        result = own.query("SELECT ?a ?b { VALUES (?a ?b) { (1 UNDEF) (2 3) } }")
        assert list(result) == [{"a": 1, "b": None}, {"a": 2, "b": 3}]
        assert result.columns == ("a", "b")
        assert (len(result), result[0], result[-1:]) == (2, {"a": 1, "b": None}, [{"a": 2, "b": 3}])
        assert list(result) == list(result)

    def test_the_truth_of_a_result(self, own: GraphStore) -> None:
        assert own.query("ASK { ?s ?p 12 }")
        assert own.query("ASK { ?s ?p 12 }").boolean is True
        assert not own.query("ASK { ?s ?p 13 }")
        assert not own.query("SELECT * { ?s ?p 13 }")
        assert own.query("SELECT * { ?s ?p 12 }")

    def test_the_triples_of_a_graph(self, own: GraphStore) -> None:
        result = own.query("CONSTRUCT { id:iran rdfs:label ?w } { ?s ?p ?w FILTER(?w = 12) }")
        label = "http://www.w3.org/2000/01/rdf-schema#label"
        assert list(result) == [{"subject": ID + "iran", "predicate": label, "object": 12}]
        assert "id:iran rdfs:label 12 ." in result.to_rdf()
        assert f"<{ID}iran> <{label}>" in result.to_rdf("nt")
        with pytest.raises(NotAcceptable, match="xml"):
            result.to_rdf("xml")

    def test_a_table_is_no_rdf_and_an_ask_no_table(self, own: GraphStore) -> None:
        with pytest.raises(NotAcceptable):
            own.query("SELECT * {}").to_rdf()
        with pytest.raises(NotAcceptable):
            own.query("ASK {}").to_pandas()

    def test_labels_stand_beside_iris(self, library: GraphStore) -> None:
        text = "SELECT ?state ?code { ?state comity:isoAlpha3 ?code FILTER(?code = 'IRN') }"
        (row,) = library.query(text, labels="ru")
        assert row == {"state": ID + "iran", "state_label": "Иран", "code": "IRN"}
        with pytest.raises(ParameterError):
            library.query(text, labels="no language")

    def test_an_error_is_at_its_place(self, own: GraphStore) -> None:
        with pytest.raises(QuerySyntaxError) as caught:
            own.query("SELECT * {\n  ?s a comity:State .\n  FILTR(?s) }")
        assert caught.value.place is not None
        assert (caught.value.place.line, caught.value.place.column) == (3, 3)
        assert str(caught.value).startswith("line 3, column 3:")
        assert caught.value.hint == "Did you mean FILTER?"

    def test_a_prefix_that_is_declared_stays(self, own: GraphStore) -> None:
        text = "PREFIX id: <http://example.org/> SELECT ?value { id:a id:whole ?value }"
        assert own.query(text)[0] == {"value": 12}

    def test_what_reaches_out_or_writes_is_refused(self, own: GraphStore) -> None:
        with pytest.raises(NotAllowed):
            own.query("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }")
        with pytest.raises(QuerySyntaxError, match="update"):
            own.query("DELETE WHERE { ?s ?p ?o }")

    def test_a_time_limit(self) -> None:
        with open_store("memory", timeout=0.2) as store, pytest.raises(QueryTimeout):
            # The engine looks at its reader with each row; one that counts would outlive the test.
            store.query("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")

    def test_the_version_changes_with_a_load(self, own: GraphStore, tmp_path: Path) -> None:
        before = own.query("ASK {}").version
        assert before == own.version
        own.load(tmp_path / "own.ttl")
        assert own.query("ASK {}").version == own.version != before


class TestPandas:
    def test_columns_keep_their_types_beside_missing_values(self, own: GraphStore) -> None:
        pytest.importorskip("pandas")
        frame = own.query(
            "SELECT * { VALUES (?n ?t ?x ?s) { (1 true 1.5 UNDEF) (UNDEF UNDEF 2 'so') } }"
        ).to_pandas()
        assert {name: str(type) for name, type in frame.dtypes.items()} == {
            "n": "Int64",
            "t": "boolean",
            "x": "float64",
            "s": str(frame["s"].dtype),
        }
        assert frame["n"].sum() == 1
        assert frame["s"].notna().tolist() == [False, True]

    def test_moments_are_moments(self, library: GraphStore) -> None:
        pandas = pytest.importorskip("pandas")
        frame = library.canned("timeline-of", thing="JCPOA").to_pandas()
        assert frame["earliest"].min() == pandas.Timestamp("2015-07-14", tz="UTC")

    def test_numbers_beyond_64_bits(self, own: GraphStore) -> None:
        pytest.importorskip("pandas")
        many = Result(("n",), ((python_term(2**70),), (None,)))
        assert many.to_pandas()["n"].tolist()[0] == 2**70

    def test_a_frame_without_rows_has_its_columns(self, own: GraphStore) -> None:
        pytest.importorskip("pandas")
        assert list(own.query("SELECT ?a ?b { ?a ?b 13 }").to_pandas().columns) == ["a", "b"]

    def test_without_pandas_it_says_what_to_install(
        self, own: GraphStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(MissingProgram) as caught:
            own.query("SELECT * {}").to_pandas()
        assert caught.value.hint == "pip install pandas"


def python_term(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))


class TestCanned:
    @pytest.mark.parametrize("holder", ["Iran", "IRN", "Иран", "id:iran", ID + "iran"])
    def test_an_argument_is_a_name_a_code_or_an_iri(self, library: GraphStore, holder: str) -> None:
        result = library.canned("positions-of", holder=holder, stance="opposed")
        assert [row["sentence"] for row in result] == [39]

    def test_an_optional_argument_is_left_open_by_none(self, library: GraphStore) -> None:
        every = library.canned("positions-of", holder="Iran")
        assert list(library.canned("positions-of", holder="Iran", stance=None)) == list(every)
        assert len(every) > 1

    def test_an_argument_is_a_day(self, library: GraphStore) -> None:
        given = {"participant": "USA", "of": "JCPOA"}
        answers = [
            library.canned("participation-status", day=day, **given)[0]["answer"]
            for day in (date(2016, 1, 1), date(2020, 1, 1))
        ]
        assert answers == ["yes", "no"]

    def test_labels(self, library: GraphStore) -> None:
        result = library.canned("positions-of", holder="Iran", stance="opposed", labels="en")
        assert result[0]["stance_label"] == "opposed"

    def test_the_catalogue_lists_its_queries(self, library: GraphStore) -> None:
        query = library.queries["positions-of"]
        assert query.summary == "Positions of an agent"
        assert "holder" in [parameter.name for parameter in query.parameters]
        assert "everything" in library.views

    def test_an_unknown_name_is_told_from_near_ones(self, library: GraphStore) -> None:
        with pytest.raises(QueryError) as caught:
            library.canned("position-of")
        assert "positions-of" in (caught.value.hint or "")
        with pytest.raises(ParameterError) as refused:
            library.canned("positions-of", holder="Irann")
        assert refused.value.parameter == "holder"
        with pytest.raises(ParameterError, match="holdr"):
            library.canned("positions-of", holdr="Iran")

    def test_queries_of_ones_own(self, tmp_path: Path) -> None:
        text = "#+ param: from | integer | required | A number\nSELECT ?from { VALUES ?from { 1 } }"
        (tmp_path / "echo.rq").write_text(text)
        (tmp_path / "broken.rq").write_text("SELECT")
        with open_store("memory", bundled=False, queries=[tmp_path]) as store:
            assert store.canned("echo", from_=7)[0] == {"from": 7}
            with pytest.raises(QueryFileError, match=r"broken\.rq"):
                store.canned("broken")


class TestStore:
    def test_a_folder_keeps_what_is_loaded(self, tmp_path: Path) -> None:
        file, home = tmp_path / "mine.ttl", tmp_path / "home"
        file.write_text(OWN)
        with open_store(home, bundled=False) as store:
            assert store.load(file).graphs == {GRAPH + "mine": 13}
            assert store.location == str(home)
            with pytest.raises(StoreInUse):
                open_store(home)
        with open_store(home, bundled=False) as store:
            assert store.query(VALUES % "whole")[0] == {"value": 12}

    def test_a_broken_file_changes_nothing(self, own: GraphStore, tmp_path: Path) -> None:
        broken = tmp_path / "broken.ttl"
        broken.write_text("<a> <b> .")
        before = own.version
        with pytest.raises(DataError, match=r"broken\.ttl:1:"):
            own.load(tmp_path / "own.ttl", broken, graph="http://example.org/g")
        assert own.version == before
        assert not own.query("ASK { GRAPH <http://example.org/g> { ?s ?p ?o } }")

    def test_a_graph_is_replaced(self, own: GraphStore, tmp_path: Path) -> None:
        more = tmp_path / "more.ttl"
        more.write_text("<http://example.org/b> a <http://example.org/c> .")
        own.load(more, graph=GRAPH + "own", replace=True)
        assert [row["n"] for row in own.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")] == [1]

    def test_after_closing_it_says_so(self) -> None:
        store = open_store("memory", bundled=False)
        store.close()
        store.close()
        for work in (lambda: store.query("ASK {}"), lambda: store.load("x.ttl"), store.check):
            with pytest.raises(StoreError, match="closed"):
                work()

    def test_a_forgotten_temporary_store_leaves_nothing(self, tmp_path: Path) -> None:
        program = (
            "import tempfile; tempfile.tempdir = {!r}\n"
            "from comity.graph import open_store\n"
            "store = open_store('memory', bundled=False)\n"
            "print(store.query('ASK {{}}'))"
        )
        assert outside(program.format(str(tmp_path))) == "Result(True)\n"
        assert list(tmp_path.iterdir()) == []

    def test_a_misspelt_address_is_told(self) -> None:
        with (
            open_store("http://127.0.0.1:9/sparql") as store,
            pytest.raises(RemoteError, match=r"127\.0\.0\.1:9"),
        ):
            store.query("ASK {}")


class TestLoops:
    def test_it_works_inside_a_running_loop(self, library: GraphStore, tmp_path: Path) -> None:
        async def cell() -> tuple[int, str]:
            found = library.canned("positions-of", holder="Iran", stance="opposed")
            return len(found), library.export("positions", tmp_path / "x.gexf")

        rows, size = asyncio.run(cell())
        assert rows == 1
        assert "nodes" in size

    def test_threads_share_a_store(self, library: GraphStore) -> None:
        found: list[int] = []
        threads = [
            threading.Thread(
                target=lambda: found.append(len(library.canned("positions-of", holder="Iran")))
            )
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert len(set(found)) == 1

    def test_ctrl_c_ends_the_waiting(self) -> None:
        program = (
            "import os, signal, threading\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from comity.graph import open_store\n"
            "with open_store('memory') as store:\n"
            "    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
            "    try:\n"
            "        store.query('SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }')\n"
            "    except KeyboardInterrupt:\n"
            "        print('stopped', store.query('ASK {}').boolean)\n"
        )
        assert outside(program) == "stopped True\n"


class TestCheck:
    def test_what_is_loaded_is_checked(self, tmp_path: Path) -> None:
        file = tmp_path / "bad.ttl"
        file.write_text(
            "@prefix comity: <https://w3id.org/comity/ontology#> .\n"
            "@prefix id: <https://w3id.org/comity/id/> .\n"
            "id:someone a comity:Person , comity:State ."
        )
        with open_store("memory") as store:
            store.load(file)
            rules = {(found.rule, found.record) for found in store.check(only=["hygiene"])}
        assert ("disjoint-classes", "id:someone") in rules
        assert {record for _, record in rules} == {"id:someone"}

    def test_an_unknown_check_is_refused(self, library: GraphStore) -> None:
        with pytest.raises(Exception, match="nothing") as caught:
            library.check(only=["nothing"])
        assert "hygiene" in str(getattr(caught.value, "hint", ""))


class TestExport:
    def test_a_view_a_canned_query_and_a_text(self, library: GraphStore, tmp_path: Path) -> None:
        for number, what in enumerate(
            ("everything", "meetings", "SELECT ?a ?b { ?a comity:groupMember ?b } LIMIT 5")
        ):
            file = tmp_path / f"{number}.graphml"
            assert re.fullmatch(r"[\d,]+ nodes, [\d,]+ edges?", library.export(what, file))
            assert ElementTree.parse(file).getroot().tag.endswith("graphml")

    def test_parameters_and_options(self, library: GraphStore, tmp_path: Path) -> None:
        file = tmp_path / "x.gexf"
        whole = library.export("everything", file)
        near = library.export("everything", file, around="JCPOA", hops=1)
        dated = library.export("everything", file, from_="2015", to=date(2016, 1, 1))
        assert len({whole, near, dated}) == 3
        assert "undated" in dated

    def test_what_can_not_be_exported_leaves_the_file(
        self, library: GraphStore, tmp_path: Path
    ) -> None:
        file = tmp_path / "kept.gexf"
        file.write_text("kept")
        with pytest.raises(QuerySyntaxError, match="line 2, column 4"):
            library.export("SELECT ?a ?b { ?a comity:groupMember ?b\n  ,, }", file)
        with pytest.raises(QueryError):
            library.export("evrything", file)
        with pytest.raises(ParameterError):
            library.export("everything", file, hops=99, around="Iran")
        with pytest.raises(NotAcceptable) as caught:
            library.export("everything", tmp_path / "x.doc")
        assert "gexf" in (caught.value.hint or "")
        assert [each.name for each in tmp_path.iterdir()] == ["kept.gexf"]
        assert file.read_text() == "kept"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with oxigraph(tmp_path_factory.mktemp("elsewhere") / "home") as engine:
        yield engine


class TestEndpoint:
    def test_it_is_loaded_asked_checked_and_exported(
        self, elsewhere: Engine, tmp_path: Path
    ) -> None:
        endpoint, file = elsewhere.endpoint, tmp_path / "mine.trig"
        file.write_text(
            "@prefix comity: <https://w3id.org/comity/ontology#> .\n"
            "@prefix id: <https://w3id.org/comity/id/> .\n"
            "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
            'id:a a comity:State ; rdfs:label "A"@en ; comity:groupMember id:b .\n'
            'id:b a comity:State , comity:Person ; rdfs:label "B"@en .'
        )
        address, update, graphs = endpoint.address, endpoint.update, endpoint.graphs
        with open_store(address, update=update, graphs=graphs, timeout=60) as store:
            assert store.load(file, graph=GRAPH + "mine").quads == 6
            assert list(store.query("SELECT ?s { ?s comity:groupMember ?o }", labels="en")) == [
                {"s": ID + "a", "s_label": "A"}
            ]
            assert store.query("ASK { id:a a comity:State }").boolean is True
            assert len(store.query("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }")) == 6
            with pytest.raises(QuerySyntaxError, match="line 2, column 1"):
                store.query("SELECT * { ?s a comity:State\nFILTR }")
            rules = {(found.rule, found.record) for found in store.check(only=["hygiene"])}
            assert ("disjoint-classes", "id:b") in rules
            query = "SELECT ?a ?b { ?a comity:groupMember ?b }"
            assert store.export(query, tmp_path / "x.gexf") == "2 nodes, 1 edge"

    def test_without_an_address_for_updates_nothing_is_written(
        self, elsewhere: Engine, tmp_path: Path
    ) -> None:
        file = tmp_path / "x.ttl"
        file.write_text(OWN)
        with open_store(elsewhere.endpoint.address) as store, pytest.raises(NotAllowed):
            store.load(file)

    def test_a_running_comity_is_one(
        self, serve: Callable[[FastAPI], int], article: EmbeddedStore, tmp_path: Path
    ) -> None:
        port = serve(create_app(article, Settings(store="memory")))
        with open_store(f"http://127.0.0.1:{port}/sparql") as store:
            found = store.canned("positions-of", holder="Iran", stance="opposed", labels="en")
            assert [(row["sentence"], row["stance_label"]) for row in found] == [(39, "opposed")]
            assert store.query("ASK { id:iran a comity:State }").boolean is True
            assert "nodes" in store.export("positions", tmp_path / "x.gexf")


class TestImport:
    def test_the_package_is_light(self) -> None:
        program = "import comity.graph, sys; print('pyoxigraph' in sys.modules)"
        assert outside(program) == "False\n"

    def test_a_store_needs_no_reasoner_and_no_http(self) -> None:
        heavy = ("rdflib", "owlready2", "owlrl", "pyshacl", "pandas", "fastapi", "httpx", "rich")
        program = (
            "import sys\nfrom comity.graph import open_store\n"
            "with open_store('memory', bundled=False) as store: store.query('ASK {}')\n"
            f"print([m for m in {heavy} if m in sys.modules])"
        )
        assert outside(program) == "[]\n"

    def test_it_exports_what_it_lists(self) -> None:
        import comity.graph

        assert [getattr(comity.graph, name).__name__ for name in comity.graph.__all__] == [
            "GraphStore",
            "Result",
            "open_store",
        ]
        with pytest.raises(AttributeError):
            comity.graph.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (7, "7"),
        (date(2021, 2, 22), "2021-02-22"),
        (datetime(2021, 2, 22, 10, 0, 0, 5), "2021-02-22T10:00:00+00:00"),
        ("Iran", "Iran"),
    ],
)
def test_an_argument_as_it_is_written(value: object, written: str) -> None:
    assert as_written(value) == written  # type: ignore[arg-type]


def test_an_unbound_variable_is_none() -> None:
    assert python_value(None) is None
    assert python_value(NamedNode(COMITY + "State")) == COMITY + "State"


def test_the_examples_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block of Python runs, and prints what the comments with an arrow below it say."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```(python|turtle)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 5
    names: dict[str, object] = {}
    for language, block in blocks:
        if language == "turtle":
            (tmp_path / "mine.ttl").write_text(block, encoding="utf-8")
            continue
        with redirect_stdout(io.StringIO()) as printed:
            exec(compile(block, "graph/README.md", "exec"), names)  # noqa: S102
        if expected := re.findall(r"^# → (.*)$", block, re.MULTILINE):
            assert printed.getvalue().split("\n")[: len(expected)] == expected
