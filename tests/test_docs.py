"""The documentation is true: commands run, queries find something, links lead somewhere."""

import re
import runpy
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pyoxigraph as ox
import pytest
from needs import need_data, need_program
from places import ARTICLE_TEXT, COMITY, ROOT
from service_process import served

from comity.graph.checks.findings import read_material
from comity.graph.store.solutions import select
from comity.service.cli.main import run
from comity.service.pages.site.guide import FILES
from comity.service.pages.site.markdown import render
from comity.service.settings import Settings

DOCS: Final = {
    file: (ROOT / file).read_text(encoding="utf-8")
    for file in sorted(file for file, _ in FILES.values())
}
READMES: Final = {file: text for file, text in DOCS.items() if file.endswith("README.md")}
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCAL: Final = "http://127.0.0.1:8000"
LONGEST: Final = {"README.md": 160, "CONTRIBUTING.md": 90}


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


def all_blocks(language: str) -> list[object]:
    """The blocks of all READMEs, each called by its file and its first line."""
    return [
        pytest.param(block, id=f"{file}: {block.splitlines()[0][:60]}")
        for file, text in READMES.items()
        for block in blocks(text, language)
    ]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of a reader: the checkout's queries, and the text if there is one."""
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "queries").symlink_to(ROOT / "queries")
    if ARTICLE_TEXT.is_file():
        shutil.copy(ARTICLE_TEXT, desk)
    monkeypatch.chdir(desk)
    monkeypatch.setenv("COLUMNS", "200")
    return desk


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of the reader, in which the service has its store."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """A service as the README starts it, but at a free port."""
    with served(home / "log", store=home / "comity" / "store", XDG_DATA_HOME=str(home)) as service:
        yield service.address


def execute(command: str, address: str) -> str:
    """Run a command of a README in the current folder: what it printed."""
    command = command.replace(LOCAL, address)
    if command.startswith("make "):  # what its targets do is this run; here: that they exist
        command = f"make --dry-run --directory {ROOT} {command.removeprefix('make ')}"
    command = command.replace(".venv/bin/comity", str(COMITY))
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout + done.stderr


def execute_here(command: str, capfd: pytest.CaptureFixture[str]) -> str:
    """Run a `comity` command in this process: what it printed."""
    assert run(shlex.split(command)[1:]) == 0, (command, capfd.readouterr().err)
    return "".join(capfd.readouterr())


@pytest.mark.parametrize("block", all_blocks("sh"))
def test_the_commands_run(
    block: str,
    address: str,
    home: Path,
    desk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    if "source attach" in block:
        need_data(ARTICLE_TEXT)
    if "--format svg" in block:
        need_program("dot")
    for command in commands(block):
        in_shell = not command.startswith(".venv/bin/comity") or " > " in command
        said = execute(command, address) if in_shell else execute_here(command, capfd)
        written = re.findall(r" (?:-o|--output|>) (\S+)", command)
        assert said or written, command
        for name in written:
            assert (desk / name).stat().st_size > 0, command


def test_the_first_question_has_the_answer_that_is_printed(address: str, desk: Path) -> None:
    question = next(block for block in blocks(DOCS["README.md"], "sh") if "/sparql" in block)
    (answer,) = blocks(DOCS["README.md"], "csv")
    assert execute(question, address).replace("\r\n", "\n") == answer


def test_the_python_prints_what_it_says(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = blocks(DOCS["README.md"], "python")
    (desk / "program.py").write_text(program, encoding="utf-8")
    runpy.run_path("program.py")
    assert capsys.readouterr().out.splitlines() == re.findall(r"^# → (.*)$", program, re.MULTILINE)


@pytest.mark.parametrize("file", DOCS)
def test_the_commands_that_are_not_run_are_known(
    file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Transcripts change the machine, so they are not run; their commands and flags exist."""
    for block in blocks(DOCS[file], "console"):
        for name, rest in re.findall(r"^(?:\S*/)?comity (\w+)(.*)$", block, re.MULTILINE):
            assert run([name, "--help"]) == 0
            known = capfd.readouterr().out
            for flag in re.findall(r" (--[a-z-]+)", rest.partition("#")[0]):
                assert flag in known, (name, flag)
        for target in re.findall(r"^make (\S+)", block, re.MULTILINE):
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target


@pytest.mark.parametrize("query", all_blocks("sparql"))
def test_the_queries_find_something(query: str) -> None:
    assert select(read_material()[0].derived, query)


def test_the_events_of_a_state_are_not_those_of_all() -> None:
    asking = DOCS["queries/README.md"]
    (query,) = [query for query in blocks(asking, "sparql") if "Events of any kind" in query]
    events = {
        row["event"].value.rpartition("/")[2] for row in select(read_material()[0].derived, query)
    }
    assert {"moscow-meeting-2021-01-11", "un-security-council-gulf-debate-2020-10"} <= events
    assert not {"us-withdrawal-from-jcpoa", "iran-jcpoa-commitment-reduction"} & events


def test_the_members_of_the_council_are_fifteen() -> None:
    asking = DOCS["queries/README.md"]
    (query,) = [query for query in blocks(asking, "sparql") if "un-security-council" in query]
    rows = select(read_material()[0].derived, query)
    members = {row["member"].value for row in rows}
    assert len(rows) == len(members) == 15


def test_identifiers_resolve_as_the_model_says(address: str) -> None:
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client:
        page = client.get("/id/russia", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert "text/html" in page.headers["content-type"]
        for suffix in ("ttl", "nt", "rdf", "jsonld"):
            assert client.get(f"/id/russia.{suffix}").status_code == 200, suffix


def test_every_setting_is_in_one_table() -> None:
    table = section("service/README.md", "Settings")
    assert {name.lower() for name in re.findall(r"`COMITY_([A-Z_]+)`", table)} == set(
        Settings.model_fields
    )
    rows = re.findall(r"^\| `COMITY_.*?\|", "".join(DOCS.values()), re.MULTILINE)
    assert len(rows) == len(re.findall(r"^\| `COMITY_", table, re.MULTILINE))


def test_every_setting_that_is_named_exists() -> None:
    others = {"TEST_DATA", "PICTURES"}  # those of the tests
    named = set(re.findall(r"`COMITY_([A-Z_]+)", "".join(DOCS.values())))
    assert {name.lower() for name in named - others} == set(Settings.model_fields)


def test_every_route_is_in_the_table(address: str) -> None:
    routes = httpx.get(f"{address}/openapi.json", timeout=60).json()["paths"]
    documented = {
        re.sub(r"{.*}", "{}", route)
        for route in re.findall(
            r"`(/(?:\.well-known/|sitemap-)?[a-z./{}]*)`", section("service/README.md", "Addresses")
        )
    }
    served = {re.sub(r"{.*}", "{}", route) for route in routes}
    # One row of the table for all queries, one for all views.
    for folder, least in (("queries", 50), ("network", 7)):
        catalogue = {route for route in served if re.fullmatch(rf"/{folder}/[a-z0-9_-]+", route)}
        assert len(catalogue) > least
        served = served - catalogue | {f"/{folder}/{{}}"}
    assert served | {"/openapi.json"} == documented


def test_every_graph_of_the_bundle_is_in_the_table() -> None:
    table = section("ontology/README.md", "The named graphs")
    documented = set(re.findall(r"`([a-z-]+)`", table))
    names = {graph.value.rpartition("/")[2] for graph in read_material()[0].derived.named_graphs()}
    assert len(names) > 12
    assert names <= documented, names - documented


def test_the_example_of_a_fact_is_turtle() -> None:
    (example,) = [each for each in blocks(DOCS["graph/README.md"], "turtle") if ":f36.1" in each]
    prefixes = "".join(
        f"@prefix {name}: <https://w3id.org/comity/{path}> .\n"
        for name, path in (("", "source/x#"), ("comity", "ontology#"), ("id", "id/"))
    )
    rdfs = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    base = "@base <https://w3id.org/comity/source/x> .\n"
    assert list(ox.parse(base + prefixes + rdfs + example, format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize("room", ["graph", "service"])
def test_the_layout_is_that_of_the_layers(room: str) -> None:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    (layers,) = [each["layers"] for each in contracts if each["name"] == f"The layers of {room}"]
    rows = re.findall(r"^\| [\[`](.*?) \|", section(f"{room}/README.md", "Layout"), re.MULTILINE)
    told = re.findall(r"(?:^|, )[\[`]*(\w+)", "\n".join(rows), re.MULTILINE)
    expected = [name for layer in layers for name in layer.split(" | ")]
    assert [name for name in told if name not in ("sources", "reference")] == expected


def test_every_readme_is_in_the_guide() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "README.md", "*/README.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(listed.stdout.split()) == set(READMES)


@pytest.mark.parametrize("file", DOCS)
def test_links_lead_somewhere(file: str) -> None:
    for target in links(file):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        found = (ROOT / file).parent / path if path else ROOT / file
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(str(found.resolve().relative_to(ROOT))), target


@pytest.mark.parametrize("file", DOCS)
def test_files_that_are_named_exist(file: str) -> None:
    """A path in a document is below its own folder, the checkout, or the web folder."""
    prose = re.sub(r"^```.*?^```", "", DOCS[file], flags=re.MULTILINE | re.DOTALL)
    places = [(ROOT / file).parent, ROOT, ROOT / "service" / "web"]
    for name in re.findall(r"`([a-z_]+(?:/[\w.-]+)*(?:/|/[\w-]+\.[a-z]+))`", prose):
        if "NAME" not in name and not name.startswith("build/"):  # which a run makes
            assert any((place / name).exists() for place in places), name


@pytest.mark.parametrize("file", LONGEST)
def test_what_is_read_first_is_short(file: str) -> None:
    assert len(DOCS[file].splitlines()) <= LONGEST[file]


def test_the_changelog_has_the_release() -> None:
    dated = re.findall(r"^## \[([\d.]+)\] - \d{4}-\d{2}-\d{2}$", DOCS["CHANGELOG.md"], re.MULTILINE)
    assert dated[0] == PROJECT["project"]["version"]


def section(file: str, heading: str) -> str:
    """The text below a heading of the second level."""
    return DOCS[file].partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def links(file: str) -> list[str]:
    """The targets of all links and pictures of a document."""
    found: list[str] = []
    render(DOCS[file], found.append)
    return found


def anchors(file: str) -> set[str]:
    """The anchors of the headings of a document."""
    return {heading.anchor for heading in render(DOCS[file], str).headings}
