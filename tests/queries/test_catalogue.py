"""The bundled catalogue: every file is sound, answers as it says, and answers alike through HTTP."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing

import pyoxigraph as ox
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.testclient import TestClient

from comity.graph.catalogue.front_matter import parse_query
from comity.graph.catalogue.parameter_types import CLASSES, plain
from comity.graph.catalogue.queries import CannedQuery, Parameter, load_catalogue
from comity.graph.checks.questions import ask, difference
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.installed import queries_folder
from comity.graph.rdf.namespaces import COMITY, ID
from comity.graph.sparql.substitution import Term
from comity.service.app import create_app
from comity.service.settings import Settings

CATALOGUE = load_catalogue()
QUERIES = list(CATALOGUE.queries.values())
PARAMETERS = [(query, parameter) for query in QUERIES for parameter in query.parameters]
XSD = "http://www.w3.org/2001/XMLSchema#"
EXAMPLES = "<https://w3id.org/comity/id/example>"
# What another value of a literal's type is, as a caller writes it and as the text has it.
LITERALS = {
    "date": ("2019-06", '"2019-06-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'),
    "date-end": ("2020", '"2020-12-31T23:59:59Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'),
    "integer": ("3", f'"3"^^<{XSD}integer>'),
    "text": ('a "b"', '"a \\"b\\""'),
}

Rows = Counter[str]


@pytest.fixture(scope="module")
def bundle() -> Iterator[EmbeddedStore]:
    with closing(open_embedded("memory")) as store:
        yield store


@pytest.fixture(scope="module")
def service(bundle: EmbeddedStore) -> TestClient:
    return TestClient(create_app(bundle, Settings(store="memory")))


def test_every_file_is_sound() -> None:
    assert [str(error) for error in CATALOGUE.broken] == []
    folders = (queries_folder(), queries_folder() / "questions")
    assert len(QUERIES) == sum(len(list(folder.glob("*.rq"))) for folder in folders)
    assert not {file.stem for file in (queries_folder() / "checks").glob("*.rq")} & {
        query.name for query in QUERIES
    }


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_says_what_it_asks(query: CannedQuery) -> None:
    assert query.summary != query.name
    for parameter in query.parameters:
        assert parameter.meaning
        assert parameter.example is not None or parameter.need != "required"


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_answers_as_its_file_says(bundle: EmbeddedStore, query: CannedQuery) -> None:
    file = parse_query(query.name, query.text)
    assert difference(file, ask(bundle.engine, file)) == ""


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_the_example_gives_the_same_through_http(
    bundle: EmbeddedStore, service: TestClient, query: CannedQuery
) -> None:
    given = {p.name: plain(p.example) for p in query.parameters if p.example is not None}
    assert through_http(service, query, given) == direct(bundle, query.text)


@pytest.mark.parametrize(
    ("query", "parameter"), PARAMETERS, ids=[f"{q.name}-{p.name}" for q, p in PARAMETERS]
)
def test_another_value_gives_what_the_text_with_it_gives(
    bundle: EmbeddedStore, service: TestClient, query: CannedQuery, parameter: Parameter
) -> None:
    base = by_hand(query.text, left_out(query, parameter))
    written, term = another(bundle, parameter, base)
    required = {p.name: plain(p.example) for p in query.parameters if p.need == "required"}
    found = through_http(service, query, {**required, parameter.name: written})
    assert found == direct(bundle, by_hand(base, {parameter.name: term}))


def things_of(query: CannedQuery) -> list[Parameter]:
    """The parameters of a query that take things, which may be unknown."""
    return [p for p in query.parameters if p.type not in LITERALS]


@pytest.mark.parametrize(
    "query", [q for q in QUERIES if things_of(q)], ids=lambda query: query.name
)
def test_an_unknown_value_is_refused(service: TestClient, query: CannedQuery) -> None:
    for parameter in things_of(query):
        given = {p.name: plain(p.example) for p in query.parameters if p.need == "required"}
        response = service.get(
            f"/queries/{query.name}.csv", params={**given, parameter.name: "Atlantis"}
        )
        assert response.status_code == 422
        assert response.json()["parameter"] == parameter.name


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_the_page_shows_the_example(service: TestClient, query: CannedQuery) -> None:
    page = service.get(f"/queries/{query.name}", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert 'role="alert"' not in page.text
    assert '<h2 id="answer">' in page.text


def test_the_openapi_document_is_valid(service: TestClient) -> None:
    document = service.get("/openapi.json").json()
    OpenAPIV31SpecValidator(document).validate()
    operations = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert len(operations) == len(set(operations))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_the_answer_fits_its_description(service: TestClient, query: CannedQuery) -> None:
    document = service.get("/openapi.json").json()
    operation = document["paths"][f"/queries/{query.name}"]["get"]
    described = {p["name"]: p for p in operation["parameters"]}
    given = {name: p["example"] for name, p in described.items() if "example" in p}
    assert {p.name for p in query.parameters} <= set(described)
    content = operation["responses"]["200"]["content"]["application/json"]
    columns = content["schema"]["properties"]["rows"]["items"]["properties"]
    answer = service.get(f"/queries/{query.name}.json", params=given).json()
    assert [name for name in answer["columns"] if not name.endswith("_label")] == list(
        query.columns
    )
    for row in answer["rows"]:
        for name, value in row.items():
            kinds = columns.get(name, {"type": ["string", "null"]})["type"]
            assert _kind(value) in kinds, (name, value)
    for row in content["example"]["rows"]:
        assert row.keys() == columns.keys()


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "number", float: "number", str: "string"}
    return kinds[type(value)]


def through_http(service: TestClient, query: CannedQuery, given: dict[str, str]) -> Rows:
    response = service.get(f"/queries/{query.name}.srj", params={**given, "limit": 10_000})
    assert response.status_code == 200, response.text
    assert response.headers["comity-complete"] == "true"
    return counted(response.json()["results"]["bindings"])


def direct(store: EmbeddedStore, text: str) -> Rows:
    body = store.select(text)
    assert isinstance(body, ox.QuerySolutions)
    written = body.serialize(format=ox.QueryResultsFormat.JSON)
    assert written is not None
    return counted(json.loads(written)["results"]["bindings"])


def counted(bindings: Sequence[object]) -> Rows:
    return Counter(json.dumps(row, sort_keys=True) for row in bindings)


def by_hand(text: str, terms: dict[str, str]) -> str:
    """The text with terms written in, by other means than the code's."""
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    for name, term in terms.items():
        text, count = re.subn(
            rf"VALUES \?{name} \{{[^{{}}]*\}}",
            lambda _, put=f"VALUES ?{name} {{ {term} }}": put,  # type: ignore[misc]
            text,
        )
        assert count, name
    return text


def left_out(query: CannedQuery, parameter: Parameter) -> dict[str, str]:
    others = [p for p in query.parameters if p is not parameter]
    return {p.name: "UNDEF" for p in others if p.need == "optional"}


def another(store: EmbeddedStore, parameter: Parameter, text: str) -> tuple[str, str]:
    """A live value that is not the example, one that finds something if there is one soon."""
    if parameter.type in LITERALS:
        return LITERALS[parameter.type]
    found = [term for term in candidates(store, parameter) if term != parameter.example]
    assert found, f"the graph has only one {parameter.type}"
    best = next(
        (t for t in found[:25] if direct(store, by_hand(text, {parameter.name: str(t)}))), found[0]
    )
    return best.value, str(best)


def candidates(store: EmbeddedStore, parameter: Parameter) -> list[Term]:
    kind = CLASSES.get(parameter.type)
    subclasses = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>*"
    if kind:
        pattern = f"?x a ?c . ?c {subclasses} <{kind}>"
    elif parameter.type == "record":
        pattern = f"?x a ?c . ?c {subclasses} <{COMITY}Record>"
    else:
        base = COMITY if parameter.type == "term" else ID
        label = "<http://www.w3.org/2000/01/rdf-schema#label>"
        pattern = f'?x {label} ?l FILTER(STRSTARTS(STR(?x), "{base}"))'
    solutions = store.select(f"SELECT DISTINCT ?x {{ {pattern} }} ORDER BY MD5(STR(?x))")
    assert isinstance(solutions, ox.QuerySolutions)
    return [row["x"] for row in solutions if isinstance(row["x"], ox.NamedNode)]
