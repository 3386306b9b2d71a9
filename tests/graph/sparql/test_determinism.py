"""Which queries may not be answered from a cache."""

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.graph.sparql.determinism import is_volatile

VOLATILE = [
    "SELECT (NOW() AS ?x) {}",
    "SELECT (now() AS ?x) {}",
    "SELECT (RAND() AS ?x) {}",
    "SELECT (UUID() AS ?x) {}",
    "SELECT (STRUUID() AS ?x) {}",
    "SELECT (BNODE() AS ?x) {}",
    'SELECT (BNODE("a") AS ?x) {}',
    "SELECT * { BIND(NOW()AS?x) }",
    "SELECT * { ?s ?p ?o FILTERNOW() }",
    "SELECT * { FILTER(1<2&&NOW()>1) }",
    "SELECT * { FILTER(?x<?y&&RAND()>0) }",
    "SELECT * { SERVICE <http://e.example/> { ?s ?p ?o } }",
    "SELECT * { SERVICE:x { ?s ?p ?o } }",
    "SELECT (N\\u004fW() AS ?x) {}",
    "CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }",
    "CONSTRUCT { _:a ?p ?o } WHERE { ?s ?p ?o }",
    "CONSTRUCT { ?s ?p (1 2) } WHERE { ?s ?p ?o }",
    "CONSTRUCT { ?s ?p ?o {| <x:p> 1 |} } WHERE { ?s ?p ?o }",
    "CONSTRUCT WHERE { _:a ?p ?o }",
    "PREFIX construct: <x:> CONSTRUCT FROM <x:g> { ?s ?p ?o . [] ?p ?o } WHERE { ?s ?p ?o }",
]
STEADY = [
    "SELECT * { ?s ?p ?o }",
    "SELECT ?now { ?now <x:uuid> 'RAND() NOW()' } # BNODE()",
    "SELECT * { ?s <http://e.example/NOW> ?o }",
    "PREFIX now: <x:> SELECT * { ?s now:RAND ?o }",
    "SELECT * { ?s ?p [] . _:a ?q (1 2) }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p [] FILTER(?o IN (1, 2)) }",
    "CONSTRUCT { ?s ?p ?o } WHERE { _:a ?p ?o }",
    "DESCRIBE <x:s>",
    "ASK {}",
]


@pytest.mark.parametrize("text", VOLATILE)
def test_what_gives_other_answers_is_volatile(text: str) -> None:
    assert is_volatile(text)


@pytest.mark.parametrize("text", STEADY)
def test_what_looks_like_it_is_not(text: str) -> None:
    assert not is_volatile(text)


@pytest.mark.parametrize("word", ["NOW", "rand", "BNODE", "Construct", "Service", "N\\u004fW"])
def test_a_long_text_is_not_taken_apart(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold up all other requests: half a megabyte takes a second or more."""
    monkeypatch.setattr("comity.graph.sparql.determinism.significant", None)
    monkeypatch.setattr("comity.graph.sparql.determinism.reaches_out", None)
    many = "1 " * 250_000
    assert is_volatile(f"SELECT * {{ VALUES ?x {{ {many} }} }} # {word}")
    assert not is_volatile(f"SELECT * {{ VALUES ?x {{ {many} }} }}")


CALLS = ("NOW()", "UUID()", "STRUUID()", "BNODE()", "RAND()", "STR(", "IF(", "x:RAND", "<x:NOW()>")
OTHERS = (
    "(",
    ")",
    "<",
    ">",
    "&&",
    "||",
    "=",
    "!",
    ",",
    "+",
    "-",
    " ",
    "\n",
    "#\n",
    "1",
    "'a'",
    "?x",
)
PIECES = st.sampled_from(CALLS + OTHERS)
STORE = pyoxigraph.Store()


@settings(max_examples=400)
@given(st.lists(PIECES, min_size=1, max_size=9).map("".join))
def test_what_the_engine_answers_otherwise_is_volatile(expression: str) -> None:
    """Of whatever it takes: two answers that differ must not be kept."""
    text = f"PREFIX x: <x:> SELECT (STR({expression}) AS ?r) ({expression} AS ?s) {{}}"
    try:
        one, other = (str(list(STORE.query(text))) for _ in range(2))  # type: ignore[arg-type]
    except (SyntaxError, RuntimeError):  # no SPARQL, or a function that there is not
        return
    assert one == other or is_volatile(text)
