"""The documentation is true: its commands run, its queries answer, every setting is in it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from comity.graph.checks.findings import read_material
from comity.graph.store.solutions import select
from comity.service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TEXT = (
    Path(os.environ.get("COMITY_TEST_DATA", "../shared"))
    / "article"
    / "moscow-tehran-relations.txt"
)
COMITY = Path(sys.executable).with_name("comity")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[str]:
    """The commands of a block: a line each, but for a quoted text that goes on."""
    found: list[str] = []
    for line in block.splitlines():
        if found and found[-1].count("'") % 2:
            found[-1] += "\n" + line
        else:
            found.append(line)
    return [command for command in found if command.strip()]


COMMANDS = [command for block in blocks(README, "sh") for command in commands(block)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader has it: the checkout's queries, the text if there is one."""
    desk = tmp_path_factory.mktemp("desk")
    (desk / "queries").symlink_to(ROOT / "queries")
    if TEXT.is_file():
        shutil.copy(TEXT, desk)
    return desk


@pytest.fixture(scope="module")
def environment(desk: Path) -> dict[str, str]:
    return os.environ | {"XDG_DATA_HOME": str(desk / "data"), "COLUMNS": "200"}


@pytest.fixture(scope="module")
def address(environment: dict[str, str], desk: Path) -> Iterator[str]:
    """A service started by the command that the README gives, at a free port."""
    command = [str(COMITY), "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr
        line = service.stderr.readline()
        found = re.search(r"http://\S+?(?=/? )", line)
        assert found, line
        try:
            yield found[0].rstrip("/")
        finally:
            service.terminate()


def run(command: str, environment: dict[str, str], desk: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        env=environment,
        cwd=desk,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split("\n")[0][:50])
def test_the_readmes_commands_run(
    command: str, address: str, environment: dict[str, str], desk: Path
) -> None:
    if command.startswith("make "):
        # What the two targets do is this test run and tests/test_cli.py; here: that they exist.
        command = f"make --dry-run --directory {ROOT} {command.removeprefix('make ')}"
    if "source attach" in command and not TEXT.is_file():
        pytest.skip("the article is not at COMITY_TEST_DATA")
    command = command.replace(".venv/bin/comity", str(COMITY))
    done = run(command.replace("http://127.0.0.1:8000", address), environment, desk)
    assert done.returncode == 0, done.stderr
    assert done.stdout or done.stderr or ">" in command or " -o " in command
    for name in re.findall(r" (?:-o|--output) (\S+)", command):
        assert (desk / name).stat().st_size > 0


def test_the_first_question_has_the_answer_that_is_printed(
    address: str, environment: dict[str, str], desk: Path
) -> None:
    curl = next(command for command in COMMANDS if command.startswith("curl"))
    (answer,) = blocks(README, "csv")
    done = run(curl.replace("http://127.0.0.1:8000", address), environment, desk)
    assert done.stdout.replace("\r\n", "\n") == answer


def test_identifiers_answer_as_the_readme_says(address: str) -> None:
    page = httpx.get(f"{address}/id/russia", follow_redirects=True, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
    for suffix in ("ttl", "nt", "rdf", "jsonld"):
        found = httpx.get(f"{address}/id/russia.{suffix}", follow_redirects=True)
        assert found.status_code == 200, suffix


@pytest.mark.parametrize("query", blocks(README, "sparql"), ids=lambda query: query[:40])
def test_the_readmes_queries_find_something(query: str) -> None:
    assert select(read_material()[0].store, query)


def test_the_events_of_a_state_are_not_those_of_all() -> None:
    (query,) = [query for query in blocks(README, "sparql") if "Events of any kind" in query]
    events = {
        row["event"].value.rpartition("/")[2] for row in select(read_material()[0].store, query)
    }
    assert {"moscow-meeting-2021-01-11", "un-security-council-gulf-debate-2020-10"} <= events
    assert not {"us-withdrawal-from-jcpoa", "iran-jcpoa-commitment-reduction"} & events


def test_the_members_of_the_council_are_fifteen() -> None:
    (query,) = [query for query in blocks(README, "sparql") if "un-security-council" in query]
    rows = select(read_material()[0].store, query)
    members = {row["member"].value for row in rows}
    assert len(rows) == len(members) == 15


def test_every_setting_is_in_the_table() -> None:
    for name in Settings.model_fields:
        assert f"`COMITY_{name.upper()}`" in README, name
    documented = re.findall(r"`COMITY_([A-Z_]+)`", README)
    assert {name.lower() for name in documented} == set(Settings.model_fields)


def test_every_route_is_in_the_table(address: str) -> None:
    routes = httpx.get(f"{address}/openapi.json").json()["paths"]
    documented = {
        re.sub(r"{.*}", "{}", route)
        for route in re.findall(r"`(/(?:\.well-known/|sitemap-)?[a-z./{}]*)`", README)
    }
    served = {re.sub(r"{.*}", "{}", route) for route in routes}
    # One row of the table for all queries, one for all views.
    for folder, least in (("queries", 50), ("network", 7)):
        catalogue = {route for route in served if re.fullmatch(rf"/{folder}/[a-z0-9_-]+", route)}
        assert len(catalogue) > least
        served = served - catalogue | {f"/{folder}/{{}}"}
    assert served | {"/openapi.json"} == documented


def test_every_graph_of_the_bundle_is_in_the_table() -> None:
    store, documented = read_material()[0].store, set(re.findall(r"`([a-z-]+)`", README))
    names = {graph.value.rpartition("/")[2] for graph in store.named_graphs()}
    assert names <= documented, names - documented


def test_the_example_of_a_fact_is_turtle() -> None:
    (example,) = blocks(CONTRIBUTING, "turtle")
    prefixes = "".join(
        f"@prefix {name}: <https://w3id.org/comity/{path}> .\n"
        for name, path in (("", "source/x#"), ("comity", "ontology#"), ("id", "id/"))
    )
    rdfs = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    base = "@base <https://w3id.org/comity/source/x> .\n"
    assert list(ox.parse(base + prefixes + rdfs + example, format=ox.RdfFormat.TURTLE))
