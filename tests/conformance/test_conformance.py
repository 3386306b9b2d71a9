"""The W3C SPARQL test suites, over HTTP, where they and the tool that runs them are found.

`make test` runs what HTTP and our own code decide, `make conformance` all of them. Each failure that is expected is named in
`tests/data/conformance.json` with its reason; one that passes all the same fails here.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from needs import need_data
from places import COMITY, OUTSIDE, ROOT

FOLDER = OUTSIDE / "conformance"
TOOL = FOLDER / "sparql_conformance.py"
ALL = os.environ.get("COMITY_CONFORMANCE") == "all"
OURS = "protocol,gsp,service-description,sparql11-update,sparql11-results,sparql11-federation"
SUITES = "sparql1*,protocol,gsp,service-description" if ALL else OURS
EXPECTED: dict[str, str] = json.loads(
    (ROOT / "tests" / "data" / "conformance.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """One entry for each test: its IRI, its suite, whether it passed, and why not."""
    need_data(TOOL)
    report = tmp_path_factory.mktemp("conformance") / "report.json"
    environment = os.environ | {
        "COMITY_BUNDLED": "off",
        "COMITY_UNION": "off",
        "COMITY_TOKEN": "secret",
        "COMITY_SERVICE_ALLOW": "http://127.0.0.1:*",
    }
    command = [str(COMITY), "serve", "--port", "0", "--store", "memory"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr
        found = re.search(r"http://\S+?(?=/? )", service.stderr.readline())
        assert found
        address = found[0].rstrip("/")
        halves = sorted(FOLDER.glob("rdf-tests*"))
        subprocess.run(
            [
                *(sys.executable, TOOL, halves[0], "--suite", SUITES, "--json", report),
                *("--query-url", f"{address}/sparql", "--update-url", f"{address}/update"),
                *("--gsp-url", f"{address}/store"),
                *("--auth-header", "Authorization: Bearer secret"),
            ],
            check=False,
            capture_output=True,
            timeout=600,
        )
        service.terminate()
    yield json.loads(report.read_text(encoding="utf-8"))["tests"]


def test_every_failure_is_expected(results: list[dict[str, Any]]) -> None:
    assert sum(each["status"] != "skipped" for each in results) > (600 if ALL else 60)
    failed = {each["iri"]: each["detail"] for each in results if each["status"] == "failed"}
    assert {iri: why for iri, why in failed.items() if iri not in EXPECTED} == {}


def test_what_is_expected_to_fail_does(results: list[dict[str, Any]]) -> None:
    passed = {each["iri"] for each in results if each["status"] == "passed"}
    assert passed & set(EXPECTED) == set()
