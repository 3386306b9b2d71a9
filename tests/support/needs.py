"""What a test needs beside Python: it is skipped where that is missing, and fails in CI."""

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

from comity.service.http.html import LIBRARIES

PACKAGES: Final = {
    "curl": "curl",
    "dot": "graphviz",
    "java": "default-jre-headless",
    "nginx": "nginx",
    "node": "nodejs npm",
    "openssl": "openssl",
    "Rscript": "r-base-core r-cran-igraph",
    "systemd-analyze": "systemd",
    "virtuoso-t": "virtuoso-opensource",
}
"""The package of Debian that has each program."""


def need(present: object, what: str) -> None:
    """Skip the test for want of something; in CI all that can be installed is, and the test fails."""
    if not present:
        if os.environ.get("CI") == "true":
            pytest.fail(f"needs {what}")
        pytest.skip(f"needs {what}")


def need_program(name: str) -> str:
    """The path of a program that the test can't do without."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    need(found, f"{name}: apt-get install {PACKAGES.get(name, name)}")
    return str(found)


def need_libraries() -> None:
    """Skip the test where npm has not installed what the pages use in the browser."""
    need(LIBRARIES.is_dir(), "the browser libraries: make libraries")


def need_data(file: Path) -> None:
    """Skip the test, in CI too, without a file of COMITY_TEST_DATA, which nobody can install."""
    if not file.is_file():
        pytest.skip(f"{file} is missing: set COMITY_TEST_DATA")
