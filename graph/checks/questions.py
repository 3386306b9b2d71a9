"""Check 8: the queries of `queries/` and the questions of `queries/questions/` give their answers.

The front matter has the `answer` rows, written by hand from the source for the values in the text:
`(none)` for an empty answer, `(more)` after rows that are not all. It has `answer-columns` if these
are not all columns, and the `evidence` records: without any of them the answer must change. A
second source with the same facts must be found by the same query: the article's graph is copied
under another name and queried again.
"""

from collections import Counter
from collections.abc import Iterator

import pyoxigraph as ox

from comity.graph.catalogue.front_matter import QueryFile, read_folder
from comity.graph.checks.findings import Finding, Material
from comity.graph.installed import queries_folder
from comity.graph.rdf.namespaces import GRAPH, SOURCE
from comity.graph.rdf.terms import shorten
from comity.graph.reasoning.materialisation import derive
from comity.graph.store.solutions import select

NAME = "moscow-tehran-relations"
TWIN = NAME + "-twin"

Rows = Counter[str]


def check_questions(material: Material) -> Iterator[Finding]:
    """Run every question on the graph, without each piece of evidence, and with a second source."""
    store, twin = material.derived, _with_twin(material.store)
    for question in read_folder(queries_folder()) + read_folder(queries_folder() / "questions"):
        if wrong := difference(question, ask(store, question)):
            yield _finding(question, "answer", wrong)
            continue
        for fragment in (question.first("evidence") or "").split():
            if not difference(question, ask(_without(store, fragment), question)):
                yield _finding(question, "evidence", f"the answer does not rest on {fragment}")
        names_source = f"<{SOURCE}{NAME}>" in question.text
        if names_source and difference(question, ask(twin, question, source=TWIN)):
            yield _finding(
                question, "second-source", "a second source with the same facts is not found"
            )


def difference(question: QueryFile, found: Rows) -> str:
    """Return the missing and surplus rows of an answer as text; empty if it is as expected."""
    if question.expected is None:
        return "the file has no answer: add one, `(none)` for an empty answer"
    expected = Counter(" | ".join(row) for row in question.expected.rows)
    missing = [f"missing: {row}" for row in (expected - found).elements()]
    surplus = [f"not expected: {row}" for row in (found - expected).elements()]
    return "; ".join(missing if question.expected.partial else missing + surplus)


def ask(store: ox.Store, question: QueryFile, source: str = NAME) -> Rows:
    """Return the answer as text rows: columns joined by ` | `, records of the source as #f24.3."""
    text = question.text.replace(f"<{SOURCE}{NAME}", f"<{SOURCE}{source}")
    names = (question.first("answer-columns") or "").split() or _columns(store, text)
    return Counter(
        " | ".join(_cell(row.get(name), source) for name in names) for row in select(store, text)
    )


def _columns(store: ox.Store, text: str) -> list[str]:
    solutions = store.query(text, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    return [variable.value for variable in solutions.variables]


def _cell(term: object, source: str) -> str:
    if term is None:
        return ""
    text = shorten(term)
    prefix = f"source:{source}#"
    return "#" + text.removeprefix(prefix) if text.startswith(prefix) else text


def _without(store: ox.Store, fragment: str) -> ox.Store:
    """Return a copy of the store without any statement of or about one node of the source."""
    node = ox.NamedNode(f"{SOURCE}{NAME}#{fragment}")
    copy = ox.Store()
    copy.extend(quad for quad in store if node not in (quad.subject, quad.object))
    return copy


def _with_twin(store: ox.Store) -> ox.Store:
    """Return a copy of the store with the source duplicated under a second name."""
    copy = ox.Store()
    copy.extend(store)
    graphs = f"graph:{NAME}"
    for quad in store:
        if shorten(quad.graph_name).startswith(graphs):
            copy.add(ox.Quad(*map(_renamed, quad)))  # type: ignore[arg-type]
    derive(copy)
    return copy


def _renamed(term: object) -> object:
    if isinstance(term, ox.NamedNode):
        for base in (SOURCE, GRAPH):
            if term.value.startswith(base + NAME):
                return ox.NamedNode(base + TWIN + term.value.removeprefix(base + NAME))
    return term


def _finding(question: QueryFile, rule: str, message: str) -> Finding:
    return Finding("questions", f"{question.name}-{rule}", f"{question.summary} — {message}")
