"""The files for operators: systemd and a container; nginx has `test_nginx.py`."""

import re
import subprocess
from pathlib import Path

import pytest
from needs import need_program
from places import ROOT

from comity.service.pages.site.guide import FILES
from comity.service.settings import Settings

DEPLOY = ROOT / "service" / "deploy"
UNIT = DEPLOY / "comity.service"
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
MOST_EXPOSED = 20  # of 100, by the measure of systemd-analyze


@pytest.mark.parametrize("file", sorted(DEPLOY.iterdir()), ids=lambda file: file.name)
def test_settings_are_those_there_are(file: Path) -> None:
    named = set(re.findall(r"COMITY_([A-Z_]+)\b", file.read_text(encoding="utf-8")))
    assert {name.lower() for name in named} <= set(Settings.model_fields)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that is there."""
    need_program("systemd-analyze")
    text = UNIT.read_text(encoding="utf-8")
    assert "/opt/comity/bin/comity serve" in text
    path = tmp_path / UNIT.name
    path.write_text(text.replace("/opt/comity/bin/comity", "/bin/true"), encoding="utf-8")
    return path


def test_systemd_understands_the_unit(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_is_hardened(unit: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}"]
    done = subprocess.run([*command, str(unit)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_unit_leaves_time_for_the_grace() -> None:
    found = re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    assert int(found[1]) > 2 * Settings().grace


def test_the_container_copies_what_is_there() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+)$", CONTAINER, re.MULTILINE)
    assert lines
    for line in lines:
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name


def test_the_container_has_all_that_the_wheel_is_made_of() -> None:
    named = " ".join(re.findall(r"^COPY (?!--from)(.+)$", CONTAINER, re.MULTILINE)).split()
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    rooms = set(re.findall(r'^"comity\.\w+" = "(\w+)"$', project, re.MULTILINE))
    assert rooms == {"graph", "service", "ontology", "queries"}
    assert rooms | {"pyproject.toml", "setup.cfg", "LICENSE"} <= set(named)
    guide = {file for file, _ in FILES.values() if file.split("/")[0] not in rooms}
    assert guide and guide <= set(named)
