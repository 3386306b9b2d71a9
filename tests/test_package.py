"""What is installed: the wheel holds the tree, and works outside of the checkout."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from places import ROOT

from comity.service.pages.site.guide import FILES

ROOMS = ("graph", "service", "ontology", "queries")
# What serves the checkout alone: the picture's source, and what npm installs by.
BESIDE = {"ontology/comity.dot"} | {
    f"service/web/{name}" for name in (".npmrc", "package.json", "package-lock.json")
}
# The documents of the guide, some of which stand outside of the rooms.
GUIDE = [file for file, _ in FILES.values()]

PYPROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pythons() -> list[str]:
    """Find the versions of Python that are here and allowed, pyenv's too, which are not on the path."""
    found = {}
    for minor in range(11, 20):
        name = f"python3.{minor}"
        kept = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/{name}"))
        for program in filter(None, (shutil.which(name), *map(str, kept))):
            tried = subprocess.run([program, "--version"], check=False, capture_output=True)
            if tried.returncode == 0:
                found[minor] = program
    return [found[minor] for minor in sorted(found)]


# The oldest with the lowest versions of all dependencies, the newest with the newest. Where both are one Python,
# `make test` does the second.
ENVIRONMENTS: Final = [
    pytest.param(python, versions, id=f"{Path(python).name}-{versions}")
    for at, versions in ((0, "lowest"), (-1, "newest"))
    for python in pythons()[at:][:1]
    if versions == "lowest" or python != pythons()[0]
]
# The tests of all that a dependency does for us, but for the slow ones and those with programs of others.
OF_THE_WHEEL: Final = (
    *(
        f"tests/graph/{room}"
        for room in ("catalogue", "checks", "networks", "rdf", "reasoning", "sparql", "tables")
    ),
    *(f"tests/service/{room}" for room in ("cli", "linked_data", "pages", "queries", "sparql")),
    "tests/queries",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder / "clone")], check=True)
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), "clone"]
    subprocess.run(build, check=True, cwd=folder, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_rooms(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", *ROOMS, *GUIDE], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    expected = {f"comity/{name}" for name in tracked if name not in BESIDE}
    names = set(zipfile.ZipFile(wheel).namelist())
    assert expected <= names, expected - names


def test_nothing_lands_beside_comity(wheel: Path) -> None:
    top = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"comity"}


def test_the_wheel_answers_outside_of_the_checkout(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    program = (
        "import comity.graph.store.interface as s, sys; assert sys.argv[1] in s.__file__, s.__file__\n"
        "from comity.service.cli.main import run\n"
        "sys.exit(run(['query', '--store', 'memory', '--format', 'csv', '-q',"
        " 'SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/comity/ontology#Position> }']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(target)],
        env={"PYTHONPATH": str(target), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[1]) >= 8


def test_the_pages_of_the_wheel_are_whole(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    program = (
        "import sys, comity.service as s; assert sys.argv[1] in s.__file__, s.__file__\n"
        "from starlette.testclient import TestClient\n"
        "from comity.graph.engines.opening import open_embedded\n"
        "from comity.service.app import create_app\n"
        "from comity.service.settings import Settings\n"
        "client = TestClient(create_app(open_embedded('memory'), Settings(store='memory')))\n"
        "for path in sys.argv[2:]:\n"
        "    answer = client.get(path, headers={'accept': 'text/html'})\n"
        "    print(answer.status_code, path)"
    )
    pages = ["/", "/queries", "/queries/positions-of.html?holder=iran", "/network", "/sources"]
    pages += ["/sparql", "/page/iran", "/static/style.css", "/static/docs.js", "/ontology.svg"]
    pages += [f"/guide/{name}".rstrip("/") for name in FILES] + ["/static/pictures/home.png"]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "site"), *pages],
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"200 {path}" for path in pages]


def test_serving_loads_no_reasoner() -> None:
    program = (
        "import sys, comity.service.app, comity.service.cli.actions.serve\n"
        "sys.exit(any(m in sys.modules for m in ('rdflib', 'owlready2', 'pyshacl', 'owlrl')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def lowest_versions() -> list[str]:
    """Return a constraint for each dependency: the lowest version that pyproject.toml allows."""
    return [
        f"{dependency.name}=={lower.version}"
        for dependency in map(Requirement, PYPROJECT["project"]["dependencies"])
        for lower in dependency.specifier
        if lower.operator == ">="
    ]


def run(*command: str | Path, cwd: Path) -> None:
    # A clone has no npm packages: what needs them skips, in CI too.
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]


@pytest.mark.slow
@pytest.mark.parametrize(("python", "versions"), ENVIRONMENTS)
def test_the_tests_pass_for_the_wheel(
    python: str, versions: str, wheel: Path, tmp_path: Path
) -> None:
    """The wheel passes tests in an environment of its own, away from the checkout."""
    run(python, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    inside = tmp_path / "venv" / "bin" / "python"
    run(inside, "-m", "pip", "install", "-q", "--upgrade", "pip>=25.1", cwd=tmp_path)
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("\n".join(lowest_versions() if versions == "lowest" else []))
    group = f"{ROOT / 'pyproject.toml'}:dev"
    install = ("-m", "pip", "install", "-q", "--constraint", constraints, "--group", group, wheel)
    run(inside, *install, cwd=tmp_path)
    clone = wheel.with_name("clone")
    # The lowest versions warn of what the newest of theirs deprecate.
    warnings = ("-o", "filterwarnings=default") if versions == "lowest" else ()
    run(inside, "-m", "pytest", "-q", *warnings, *OF_THE_WHEEL, cwd=clone)
