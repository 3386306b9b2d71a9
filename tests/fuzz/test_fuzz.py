"""Whatever is sent: an answer or an error that says why, never a defect, and the service lives on."""

import json
import os
import random
import re
import subprocess
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from places import COMITY

from comity.graph.installed import queries_folder
from comity.graph.sparql.tokens import tokens

# What a service may answer to a bad request, or to a good one that asks too much.
REASONED = {
    200,
    206,
    304,
    400,
    401,
    403,
    404,
    405,
    406,
    409,
    412,
    413,
    414,
    415,
    422,
    501,
    503,
    504,
    507,
}
QUERIES = 2_000
REQUESTS = 500


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A service as `comity serve` starts it, with little patience, that can be written to."""
    command = [str(COMITY), "serve", "--port", "0", "--store", "memory", "--timeout", "1"]
    environment = os.environ | {"COMITY_TOKEN": "not sent by any request here"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr
        found = re.search(r"http://\S+?(?=/? )", service.stderr.readline())
        assert found
        yield found[0].rstrip("/")
        assert service.poll() is None, "the service has ended"
        service.terminate()
        log = service.stderr.read()
        assert "Traceback" not in log, log[-3000:]


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        yield client


def lives(client: httpx.Client) -> bool:
    return bool(client.get("/health").json() == {"status": "ok"})


def data_version(client: httpx.Client) -> str:
    return client.get("/sparql", params={"query": "ASK {}"}).headers["comity-data-version"]


def assert_reasoned(answer: httpx.Response, sent: object) -> None:
    assert answer.status_code in REASONED, (answer.status_code, answer.text[:500], sent)
    assert "Traceback" not in answer.text
    if answer.status_code >= 400:
        problem = json.loads(answer.content)
        assert problem["title"] and problem["status"] == answer.status_code
        assert problem.get("detail"), (problem, sent)


SEEDS = [
    [token.text for token in tokens(file.read_text(encoding="utf-8"))]
    for file in sorted(queries_folder().rglob("*.rq"))
]
WORDS = sorted({word for seed in SEEDS for word in seed if word.strip()})
ODD = [
    *("{", "}", "(", ")", "[", "]", "<<", ">>", "{|", "|}", ".", ";", ",", "*", "+", "?", "!", "^", "|"),
    *("<", ">", '"', "'", '"""', "#", "\\", "\\u0000", "\\uD800", "\ufeff", "\u202e", "\0", "\x7f"),
    *("SERVICE", "LOAD", "DROP ALL", "INSERT", "GRAPH ?g", "UNION", "MINUS", "LATERAL", "VALUES"),
    *("1e999", "-0", "99999999999999999999999999", '"x"^^<y>', '"x"@', "_:b", "?", "$1", "a:b:c"),
    *("xsd:dateTime(1)", "BNODE()", "RAND()", "REGEX(?a, '(a+)+$')", "REPLACE(?a, '(', 'x')"),
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A query of the catalogue with some tokens lost, doubled, swapped, or replaced by others."""
    random_ = random.Random(draw(st.integers(0, 2**32)))
    parts = list(random_.choice(SEEDS))
    for _ in range(random_.randint(1, 6)):
        at = random_.randrange(len(parts)) if parts else 0
        way = random_.randrange(6)
        if way == 0:
            del parts[at : at + random_.choice((1, 1, 2, 5))]
        elif way == 1:
            parts[at:at] = parts[at : at + random_.choice((1, 3, 10))]
        elif way == 2:
            parts.insert(at, f" {random_.choice(ODD)} ")
        elif way == 3:
            parts.insert(at, f" {random_.choice(WORDS)} ")
        elif way == 4 and parts:
            other = random_.randrange(len(parts))
            parts[at], parts[other] = parts[other], parts[at]
        elif parts:
            cut = random_.randrange(len(parts[at]) + 1)
            parts[at] = parts[at][:cut] + random_.choice(ODD) + parts[at][cut:]
    return "".join(parts)


@pytest.mark.slow
class TestQueries:
    def test_mutated_queries(self, client: httpx.Client) -> None:
        statuses: dict[int, int] = {}

        @settings(
            max_examples=QUERIES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(mutated(), st.sampled_from(["json", "csv", "ttl", "gexf", "", "nonsense"]))
        def ask(text: str, format: str) -> None:
            sent = {"query": text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")}
            answer = client.post("/sparql", data=sent | ({"format": format} if format else {}))
            assert_reasoned(answer, text)
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1

        ask()
        # The mutations are neither all broken nor all harmless.
        assert statuses[400] > QUERIES / 10 and statuses[200] > QUERIES / 50, statuses
        assert lives(client)

    @given(st.binary(max_size=2000))
    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    def test_bytes(self, client: httpx.Client, body: bytes) -> None:
        answer = client.post(
            "/sparql", content=body, headers={"Content-Type": "application/sparql-query"}
        )
        assert_reasoned(answer, body)


def _varies(operation: Any) -> bool:
    """Whether there is more than one request of an operation."""
    places = ("path_parameters", "query", "headers", "cookies", "body")
    return any(getattr(operation, place).items for place in places)


@pytest.mark.slow
def test_requests_made_from_the_openapi_document(address: str, client: httpx.Client) -> None:
    """Requests that the document allows, and such as it forbids, over all operations."""
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    operations: list[Any] = [cast(Any, found).ok() for found in schema.get_all_operations()]
    each = max(2, -(-REQUESTS // sum(map(_varies, operations))))
    asked, before = 0, data_version(client)
    for operation in operations:

        @settings(
            max_examples=each,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy())
        def call(case: Any) -> None:
            nonlocal asked
            asked += 1
            try:
                answer = case.call(base_url=address, timeout=30)
            except requests.exceptions.ChunkedEncodingError:
                return  # the time limit came in the middle of the answer
            assert answer.status_code in REASONED | {303}, (
                case.as_curl_command(),
                answer.text[:500],
            )
            assert b"Traceback" not in answer.content

        call()
    assert asked >= REQUESTS
    assert lives(client)
    assert data_version(client) == before, "something was written without the token"
