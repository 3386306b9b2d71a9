"""The tools of the README's users: pandas, R, a notebook, on a running service."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOK = ROOT / "service" / "notebooks" / "first-questions.ipynb"

# In CI what can be installed is installed: there the test runs, and fails without it.
needs_r = pytest.mark.skipif(
    shutil.which("Rscript") is None and os.environ.get("CI") != "true",
    reason="needs R: apt-get install r-base-core",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = os.environ | {"XDG_DATA_HOME": str(tmp_path_factory.mktemp("home"))}
    command = [str(Path(sys.executable).with_name("comity")), "serve", "--port", "0"]
    with subprocess.Popen(command, env=home, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr
        found = re.search(r"http://\S+?(?=/? )", service.stderr.readline())
        assert found
        try:
            yield found[0].rstrip("/")
        finally:
            service.terminate()


def block(language: str, address: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return str(text).replace("http://127.0.0.1:8000", address)


def test_the_readmes_pandas(address: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block("python", address)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "oppose" in done.stdout


@needs_r
def test_the_readmes_r(address: str) -> None:
    done = subprocess.run(
        ["Rscript", "-e", block("r", address)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "oppose" in done.stdout


def test_the_query_of_the_readmes_excel(address: str) -> None:
    """Power Query itself is not at hand; its address and encoding are."""
    (source,) = re.findall(r'Web\.Contents\("([^"]+)"\)', block("powerquery", address))
    table = pd.read_csv(source, encoding="utf-8")
    assert len(table) == 8


def test_the_notebook_runs(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_URL", address)
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    assert all(not cell.get("outputs") for cell in notebook.cells), "clear the outputs"
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = "".join(
        output["data"]["text/plain"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "data" in output
    )
    assert "{'2018-01-01': 'yes', '2020-01-01': 'no', '2021-02-22': 'no'}" in shown
