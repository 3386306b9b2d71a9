"""The W3C SPARQL test suites, over HTTP, where they and the tool that runs them are found.

`make test` runs those of the protocols, which our own code decides; `make conformance` all of them. Each failure that is
expected is named in `tests/data/conformance.json` with its reason; one that passes all the same fails here.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from needs import need_data
from places import COMITY, OUTSIDE, ROOT

FOLDER = OUTSIDE / "conformance"
TOOL = FOLDER / "sparql_conformance.py"
SUITES = [
    ("protocol,gsp,service-description", 20),
    ("sparql10*", 200),
    ("sparql11*", 200),
    ("sparql12*", 100),
]
"""Names of suites, and how many tests they have at least."""
EXPECTED: dict[str, str] = json.loads(
    (ROOT / "tests" / "data" / "conformance.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A service as the suites want it: nothing is there, and no union of the graphs."""
    need_data(TOOL)
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
        yield found[0].rstrip("/")
        service.terminate()


@pytest.mark.slow
@pytest.mark.parametrize("suites", SUITES, ids=lambda suites: suites[0])
def test_what_fails_is_what_is_expected_to(
    suites: tuple[str, int], address: str, tmp_path: Path
) -> None:
    name, least = suites
    report = tmp_path / "report.json"
    subprocess.run(
        [
            *(sys.executable, TOOL, min(FOLDER.glob("rdf-tests*"))),
            *("--suite", name, "--json", report),
            *("--query-url", f"{address}/sparql", "--update-url", f"{address}/update"),
            *("--gsp-url", f"{address}/store"),
            *("--auth-header", "Authorization: Bearer secret"),
        ],
        check=False,
        capture_output=True,
        timeout=600,
    )
    results = json.loads(report.read_text(encoding="utf-8"))["tests"]
    assert sum(each["status"] != "skipped" for each in results) >= least
    failed = {each["iri"]: each["detail"] for each in results if each["status"] == "failed"}
    assert {iri: why for iri, why in failed.items() if iri not in EXPECTED} == {}
    passed = {each["iri"] for each in results if each["status"] == "passed"}
    assert passed & set(EXPECTED) == set()
