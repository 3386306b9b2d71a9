"""What an update writes to is told before it runs, in whatever disguise."""

from dataclasses import dataclass

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.graph.errors import ComityError, NotAllowed, QuerySyntaxError, TextPosition
from comity.graph.sparql.dataset import Dataset
from comity.graph.sparql.updates import Prepared, prepare

STATES = "https://w3id.org/comity/graph/states"
PROTECTED = frozenset((STATES, "https://w3id.org/comity/graph/derived"))
MINE = "http://example.org/mine"
TRIPLE = "<http://e/a> <http://e/b> 1"


def prepared(text: str, base: str | None = None) -> Prepared:
    return prepare(text, base=base, protected=PROTECTED)


# --- what is written to


@pytest.mark.parametrize(
    ("text", "graphs"),
    [
        ("", set()),
        ("PREFIX e: <http://e/>", set()),
        (f"INSERT DATA {{ {TRIPLE} }}", {""}),
        (f"insert data {{ graph <{MINE}> {{ {TRIPLE} }} }}", {MINE}),
        (f"INSERT DATA {{ {TRIPLE} . GRAPH <{MINE}> {{ {TRIPLE} }} . {TRIPLE} }}", {"", MINE}),
        (f"DELETE DATA {{ GRAPH <{MINE}> {{ {TRIPLE} }} }}", {MINE}),
        ("DELETE WHERE { ?s ?p ?o }", {""}),
        (f"DELETE WHERE {{ GRAPH <{MINE}> {{ ?s ?p ?o }} }}", {MINE}),
        (f"WITH <{MINE}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", {MINE}),
        (f"WITH <{STATES}> INSERT {{ GRAPH <{MINE}> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}", {MINE}),
        (f"DELETE {{}} INSERT {{}} USING <{STATES}> USING NAMED <{STATES}> WHERE {{}}", set()),
        (f"INSERT {{ {TRIPLE} }} WHERE {{ GRAPH <{STATES}> {{ ?s ?p ?o }} }}", {""}),
        (f"CREATE SILENT GRAPH <{MINE}>", {MINE}),
        (f"CLEAR GRAPH <{MINE}> ; DROP DEFAULT", {"", MINE}),
        (f"COPY <{STATES}> TO <{MINE}>", {MINE}),
        (f"ADD SILENT GRAPH <{STATES}> TO DEFAULT", {""}),
        (f"MOVE DEFAULT TO GRAPH <{MINE}>", {"", MINE}),
        ("PREFIX a: <x:> CREATE GRAPH a:a ; PREFIX a: <y:> CREATE GRAPH a:a ; CREATE GRAPH a:b",
         {"x:a", "y:a", "y:b"}),
        ("BASE <http://b/> CREATE GRAPH <x> ; BASE <c/> CREATE GRAPH <x>",
         {"http://b/x", "http://b/c/x"}),
        ("CREATE GRAPH <x> ; CREATE GRAPH <../y>", {"http://base/d/x", "http://base/y"}),
        (r"CREATE GRAPH <http://\u0065/\U00000078>", {"http://e/x"}),
        (r"PREFIX e: <http://e/> CREATE GRAPH e:x\-%41", {"http://e/x-%41"}),
    ],
)  # fmt: skip
def test_the_graphs_are_told(text: str, graphs: set[str]) -> None:
    assert prepared(text, base="http://base/d/").graphs == frozenset(graphs)


@pytest.mark.parametrize("text", ["CLEAR ALL", "DROP NAMED", "DELETE WHERE { GRAPH ?g {} }"])
def test_where_it_is_not_told(text: str) -> None:
    assert prepare(text).graphs is None
    with pytest.raises(NotAllowed, match="may mean a graph") as caught:
        prepared(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        (f"INSERT DATA {{ {TRIPLE} }}", False),
        ("CLEAR DEFAULT", False),
        ("DELETE WHERE { ?s ?p ?o }", True),
        ("CLEAR DEFAULT ; INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }", True),
    ],
)
def test_whether_it_asks_first(text: str, asks: bool) -> None:
    assert prepared(text).has_pattern is asks


# --- what is refused


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT DATA {{ GRAPH <{STATES}> {{ {TRIPLE} }} }}",
        f"DELETE DATA {{ GRAPH<{STATES}>{{ {TRIPLE} }} }}",
        f"DELETE WHERE {{ {TRIPLE} . graph <{STATES}> {{ ?s ?p ?o }} }}",
        f"INSERT {{ GRAPH <{STATES}> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}",
        f"DELETE {{ ?s ?p ?o }} INSERT {{ GRAPH <{STATES}> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}",
        f"WITH <{STATES}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
        f"CLEAR SILENT GRAPH <{STATES}>",
        f"DROP GRAPH <{STATES}>",
        f"CREATE GRAPH <{STATES}>",
        f"COPY DEFAULT TO <{STATES}>",
        f"MOVE <{STATES}> TO <{MINE}>",
        f"ADD <{MINE}> TO GRAPH <{STATES}>",
        f"LOAD SILENT <http://e/> INTO GRAPH <{STATES}>",
        "PREFIX g: <https://w3id.org/comity/> DROP GRAPH g:graph\\/states",
        "BASE <https://w3id.org/comity/graph/x> DROP GRAPH <states>",
        "BASE <https://w3id.org/comity/> DROP GRAPH <x/../graph/./states>",
        "BASE <https://w3id.org/> BASE <comity/graph/> PREFIX : <sta> DROP GRAPH :tes",
        "DROP GRAPH <https://w3id.org/comity/gr\\u0061ph/states>",
        "PREFIX g: <https://w3id.org/comity/gr\\U00000061ph/> DROP#\nGRAPH#g\ng:states",
        f"INSERT DATA {{ {TRIPLE} }} ; ; DROP GRAPH <{STATES}>",
        # What the letter of the grammar takes for IRIs or strings, and the engine does not.
        f"INSERT {{}} WHERE {{ FILTER(1<'>') }} ; DROP GRAPH <{STATES}> ; CLEAR DEFAULT #'",
        f"INSERT {{}} WHERE {{ FILTER(1<2#>\n) }} ; DROP GRAPH <{STATES}>",
        f"INSERT {{}} WHERE {{ BIND(EXISTS{{}}<'>' AS ?x) }} ; DROP GRAPH <{STATES}> #'",
    ],
)
def test_a_protected_graph_is_refused(text: str) -> None:
    with pytest.raises((NotAllowed, QuerySyntaxError)):
        prepared(text)


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://127.0.0.1:1/>",
        "LOAD <http://127.0.0.1:1/> INTO GRAPH <http://e/>",
        "CLEAR DEFAULT ; load<http://127.0.0.1:1/>",
        "LOAD SILENT <http://127.0.0.1:1/> ; LOAD <http://127.0.0.1:1/>",
        "INSERT {} WHERE { SERVICE <http://127.0.0.1:1/> {} }",
        "DELETE WHERE { SERVICE SILENT <http://127.0.0.1:1/> {} }",
        "INSERT {} WHERE { FILTER(1<'>') SERVICE <http://127.0.0.1:1/> {} FILTER(''='') }",
        "INSERT {} WHERE { FILTER(1<2)SERVICE#>\n<http://127.0.0.1:1/> {} }",
    ],
)
def test_what_reaches_out_is_refused(text: str) -> None:
    with pytest.raises((NotAllowed, QuerySyntaxError)):
        prepare(text)


def test_load_silent_fails_silently() -> None:
    found = prepare(f"LOAD SILENT <x:a> INTO GRAPH <x:b> ; INSERT DATA {{ {TRIPLE} }}")
    assert "LOAD" not in found.text
    store = ox.Store()
    store.update(found.text)
    assert len(store) == 1


@pytest.mark.parametrize("word", ["SELECT * {}", "ask {}", "CONSTRUCT {} {}", "DESCRIBE <x:y>"])
def test_a_query_is_named(word: str) -> None:
    with pytest.raises(QuerySyntaxError, match="this is a query") as caught:
        prepare(f"PREFIX insert: <http://e/>\n {word}")
    assert caught.value.place == TextPosition(2, 2)


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("INSRT DATA {}", (1, 1), "unexpected INSRT", "begins with INSERT"),
        ("INSERT DATA { <x:a> <x:b> 1", (1, 28), "ends too early", "missing"),
        ("CLEAR\nXYZ", (2, 1), "unexpected XYZ", None),
        ("INSERT DATA { GRAPH e:a {} }", (1, 21), "the prefix e:", "above the update"),
        ("INSERT DATA { GRAPH <a> {} }", (1, 21), "IRI parsing failed", "BASE line above the up"),
        ("INSERT { ?s ?p ?o } WHER { ?s ?p ?o }", (1, 21), "unexpected WHER", "mean WHERE"),
        ("INSERT DATA { <x:a> <x:b> 'c }", (1, 27), "this string is not closed", None),
        ("INSERTDATA {}", (1, 1), "unexpected INSERTDATA", None),  # the engine would take it
        ("PREFIX e: <x:> INSERT DATA { GRAPHe:x {} }", (1, 39), "unexpected {", None),  # this too
        ("CLEAR DEFAULT ; ; CLEAR DEFAULT", (1, 17), "unexpected ;", None),
        ("CLEAR DEFAULT CLEAR DEFAULT", (1, 15), "unexpected CLEAR", None),
    ],
)
def test_errors_are_explained(
    text: str, place: tuple[int, int], message: str, hint: str | None
) -> None:
    with pytest.raises(QuerySyntaxError, match=message) as caught:
        prepare(text)
    assert caught.value.place == TextPosition(*place)
    if hint is not None:
        assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("INSERT DATA { " + "<x:s> <x:p> 1 . " * 20_000 + "}", True),
        ("INSERT { " + "<x:s> <x:p> ?o . " * 20_000 + "} WHERE { ?s ?p ?o }", True),
        ("CLEAR DEFAULT ; " * 5_000, True),
        ("DELETE WHERE { " + "<x:s> <x:p> 1 . " * 20_000 + "}", False),
        ("INSERT DATA { <x:s> <x:p> " + "[ <x:p> " * 5_000 + "1" + "]" * 5_000 + "}", False),
        ("INSERT {} WHERE " + "{" * 5_000 + "}" * 5_000, False),
    ],
)
def test_depth_is_limited_and_length_is_not(text: str, fits: bool) -> None:
    if fits:
        ox.Store().update(prepare(text).text)
    else:
        with pytest.raises(QuerySyntaxError, match="nests deeper"):
            prepare(text)


# --- the dataset of the request

USING = Dataset(("http://e/g",), ("http://e/n",))


def after(text: str) -> set[str]:
    """What an update inserts with the dataset of `USING`, from a store of three graphs."""
    store = ox.Store()
    for graph in ("g", "n", "other"):
        store.update(f"INSERT DATA {{ GRAPH <http://e/{graph}> {{ <x:{graph}> <x:p> 1 }} }}")
    store.update("INSERT DATA { <x:default> <x:p> 1 }")
    before = set(store)
    store.update(prepare(text, using=USING).text)
    return {quad.subject.value for quad in set(store) - before} | {
        f"-{quad.subject.value}" for quad in before - set(store)
    }


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("INSERT { ?s <x:q> 1 } WHERE { ?s ?p ?o }", {"x:g"}),
        ("INSERT { ?s <x:q> 1 } WHERE { GRAPH ?g { ?s ?p ?o } }", {"x:n"}),
        ("DELETE { ?s ?p 2 } INSERT { ?s <x:q> 1 }#WHERE\nWHERE#{\n{ ?s ?p ?o }", {"x:g"}),
        ("INSERT { ?s <x:q> 1 } WHERE { { SELECT ?s WHERE { ?s ?p ?o } } }", {"x:g"}),
        ("DELETE WHERE { #\n ?s ?p ?o }", set()),  # deleted from the default graph, read from g
        ("DELETE WHERE { GRAPH <http://e/n> { ?s ?p ?o } }", {"-x:n"}),
        ("DELETE WHERE { GRAPH <http://e/other> { ?s ?p ?o } }", set()),
        ("INSERT DATA { <x:new> <x:p> 1 }", {"x:new"}),
        ("CLEAR DEFAULT ; INSERT { ?s <x:q> 1 } WHERE { ?s ?p ?o }", {"x:g", "-x:default"}),
    ],
)
def test_using(text: str, changed: set[str]) -> None:
    assert after(text) == changed


@pytest.mark.parametrize(
    "text",
    [
        "INSERT {} USING <x:g> WHERE {}",
        "INSERT {} using named <x:g> WHERE {}",
        "WITH <x:g> INSERT {} WHERE {}",
        "CLEAR DEFAULT ; DELETE {} INSERT {} USING <x:g> WHERE {}",
    ],
)
def test_a_dataset_in_the_text_as_well_is_refused(text: str) -> None:
    prepare(text)
    with pytest.raises(QuerySyntaxError, match="a dataset too"):
        prepare(text, using=USING)


def test_the_words_of_a_dataset_in_other_tokens_are_no_matter() -> None:
    text = "#USING\nINSERT { <x:using> <x:p> 'WITH <x:g>' } WHERE { ?USING ?p ?o }"
    assert "'WITH <x:g>'" in prepare(text, using=USING).text


# --- no disguise gets through


@dataclass(frozen=True)
class Reference:
    """One way to name a graph: what stands before the operation, and the name."""

    prologue: str
    name: str


def escaped(draw: st.DrawFn, iri: str) -> str:
    """The IRI with some characters as escapes, which IRIs may have anywhere."""
    found = []
    for character in iri:
        way = draw(st.integers(0, 12))
        found.append(
            f"\\u{ord(character):04X}"
            if way == 0
            else f"\\U{ord(character):08x}"
            if way == 1
            else character
        )
    return "".join(found)


@st.composite
def references(draw: st.DrawFn) -> Reference:
    way = draw(st.integers(0, 7))
    cut = draw(st.integers(len("https://"), len(STATES)))
    if way == 0:
        return Reference("", f"<{STATES}>")
    if way == 1:
        return Reference("", f"<{escaped(draw, STATES)}>")
    if way == 2:
        head, tail = STATES[:cut], STATES[cut:]
        local = tail.replace("/", "\\/").replace(".", "\\.")
        return Reference(f"PREFIX g: <{escaped(draw, head)}>", f"g:{local}")
    if way == 3:
        return Reference("BASE <https://w3id.org/comity/>", "<x/../graph/states>")
    if way == 4:
        return Reference("bAsE <https://w3id.org/comity/graph/> PREFIX : <states>", ":")
    if way == 5:
        return Reference(f"PREFIX g: <http://e/> PREFIX g: <{STATES}>", "g:")
    if way == 6:
        return Reference(f"#<\nPREFIX\ng:#'\n<{STATES[:-1]}>", "g:s")
    return Reference("", f"<{STATES.upper()}>")  # another graph


SPACE = st.sampled_from([" ", "\n", "\t", " #x\n", "#'\n", '#"""\n', "#}\n", "\r\n#<\r\n", ""])
HARMLESS = [
    "INSERT { ?s <x:p> 1 } WHERE { ?s ?p ?o FILTER(1<'>') }",
    "INSERT { ?s <x:p> 1 } WHERE { ?s ?p ?o FILTER(1<2#>\n) }",
    "INSERT {} WHERE { VALUES ?x { '''' } }",
    "INSERT {} WHERE { VALUES ?x { ''''a' } }",
    "INSERT {} WHERE { FILTER('x'='') }",
    "INSERT {} WHERE { BIND(EXISTS{}<'>' AS ?x) }",
    "INSERT {} WHERE { ?s ?p (1<x:#>2 '>') }",
    "INSERT {} WHERE { { SELECT (1<'>' AS ?x) { } ORDER BY ?s } }",
    "DELETE DATA { <x:a> <x:b> '''}; ' '' ''', \"\"\"a\"\"\" }",
    "INSERT DATA { <x:a> <x:b> '\\'', \"'\", <x:'>, <x:#> }",
    "CLEAR DEFAULT",
    "",
]
OPERATIONS = [
    "INSERT DATA { GRAPH @ { <x:a> <x:b> 1 } }",
    "INSERT DATA { <x:a> <x:b> 'GRAPH' . GRAPH @{ <x:a> <x:b> 1 } }",
    "DELETE DATA { GRAPH @ { <x:s> <x:p> 1 } }",
    "DELETE WHERE { GRAPH @ { ?s ?p ?o } }",
    "DELETE { GRAPH @ { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
    "INSERT { GRAPH @ { ?s ?p 2 } } WHERE { GRAPH ?g { ?s ?p ?o } }",
    "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } FILTER(?g = @) }",
    "INSERT { GRAPH ?g { <x:a> <x:b> 1 } } WHERE { BIND(@ AS ?g) }",
    "WITH @ DELETE { ?s ?p ?o } INSERT { ?s ?p 3 } WHERE { ?s ?p ?o }",
    "WITH @ INSERT { <x:a> <x:b> 1 } WHERE {}",
    "CLEAR GRAPH @",
    "CLEAR SILENT GRAPH @",
    "DROP GRAPH @",
    "DROP ALL",
    "CLEAR NAMED",
    "COPY DEFAULT TO @",
    "COPY GRAPH <x:other> TO GRAPH @",
    "ADD DEFAULT TO @",
    "MOVE @ TO DEFAULT",
    "MOVE SILENT <x:other> TO @",
    # Glued, as the engine takes it.
    "INSERTDATA{GRAPH@{ <x:a> <x:b> 1 }}",
    "DROPGRAPH@",
    "DROPSILENTGRAPH@",
    "DELETEWHERE{GRAPH@{?s ?p ?o}}",
    "WITH@DELETE{?s ?p ?o}WHERE{?s ?p ?o}",
    "CLEARALL",
    "ADDDEFAULTTO@",
]


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """An update that may write to the protected graph, among others that can't."""
    parts, prologues = [], []
    for _ in range(draw(st.integers(1, 2))):
        reference = draw(references())
        operation = draw(st.sampled_from(OPERATIONS))
        if draw(st.booleans()):
            operation = "".join(
                character.swapcase()
                if character.isalpha() and operation[:at].count("<") == operation[:at].count(">")
                and draw(st.integers(0, 9)) == 0
                and "?" not in operation[max(0, at - 2) : at]
                else character
                for at, character in enumerate(operation)
            )  # fmt: skip
        operation = operation.replace(" ", draw(SPACE) + " ").replace("@", reference.name)
        prologues.append(reference.prologue)
        harmless = [draw(st.sampled_from(HARMLESS)) for _ in range(draw(st.integers(0, 2)))]
        parts += [*harmless, f"{reference.prologue} {operation}"]
        if draw(st.booleans()):
            parts.append(draw(st.sampled_from(HARMLESS)))
    joined = f"{draw(SPACE)};{draw(SPACE)}".join(filter(None, parts))
    if draw(st.integers(0, 4)) == 0 and joined:
        at = draw(st.integers(0, len(joined)))
        strange = draw(st.sampled_from(["'", '"', "<", ">", "#", "\n", "\\", "{", "}", "'''", ";"]))
        joined = joined[:at] + strange + joined[at:]
    return joined


def protected_store() -> ox.Store:
    store = ox.Store()
    store.update(f"""INSERT DATA {{
        <x:d> <x:p> 1 . GRAPH <{STATES}> {{ <x:s> <x:p> 1 , 2 }} GRAPH <x:other> {{ <x:o> <x:p> 1 }}
    }}""")
    return store


def protected_quads(store: ox.Store) -> set[ox.Quad]:
    return set(store.quads_for_pattern(None, None, None, ox.NamedNode(STATES)))


BEFORE = protected_quads(protected_store())


def changes(text: str) -> bool:
    """Whether the engine, left to itself, would change the protected graph by a text."""
    store = protected_store()
    try:
        store.update(text)
    except (SyntaxError, RuntimeError, OSError):
        return False
    return protected_quads(store) != BEFORE


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(disguised())
def test_no_disguise_changes_a_protected_graph(text: str) -> None:
    try:
        allowed = prepare(text, protected=PROTECTED)
    except ComityError:
        return
    assert not changes(allowed.text), allowed


def test_the_disguises_are_such_that_the_engine_sees_through() -> None:
    """The test above is not empty: left to itself, the engine changes the graph again and again."""
    seen = {"changed": 0, "all": 0}

    @settings(
        max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(disguised())
    def count(text: str) -> None:
        seen["all"] += 1
        seen["changed"] += changes(text)

    count()
    assert seen["changed"] > seen["all"] / 20, seen
