"""Readers of networks that are programs of their own: Node and R."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from needs import need, need_program

from comity.graph.networks.model import Network

HERE = Path(__file__).parent

# What a reader found: the identifiers of nodes, and the two ends of each edge.
Read = tuple[set[str], list[tuple[str, str]]]


@dataclass(frozen=True)
class Graph:
    """A graph as a reader has it; an edge is its identifier, its ends and what it says."""

    nodes: dict[str, dict[str, Any]]
    edges: list[tuple[str, str, str, dict[str, Any]]]
    said: dict[str, Any]

    @property
    def read(self) -> Read:
        return set(self.nodes), [(source, target) for _, source, target, _ in self.edges]


def held(network: Network) -> Read:
    """What a network has, the edges in the order of the alphabet."""
    edges = sorted((edge.source, edge.target) for edge in network.edges())
    return {node.id for node in network.nodes()}, edges


def ordered(read: Read) -> Read:
    """What was read in the order of `held`."""
    return read[0], sorted(read[1])


def run(command: Sequence[object], missing: str = "") -> str:
    """What a reader prints; it must neither fail nor warn. It exits with 77 for what is missing."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=HERE,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    need(done.returncode != 77 or not missing, missing)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


def graphology(format: str, files: Sequence[Path]) -> list[Graph]:
    """What graphology reads of files that are gexf or graphml, all in one process."""
    need_program("node")
    need((HERE / "node_modules" / "graphology").is_dir(), f"its readers: cd {HERE}; npm ci")
    found = json.loads(run(["node", "graphology.mjs", format, *(path.resolve() for path in files)]))
    assert len(found) == len(files)
    return [Graph(**graph) for graph in found]


def r_igraph(files: Sequence[Path]) -> list[Graph]:
    """What R's igraph reads of files of GraphML, all in one process; every value as text."""
    need_program("Rscript")
    command = ["Rscript", "--vanilla", "igraph.R", *(path.resolve() for path in files)]
    found = json.loads(run(command, missing="igraph for R: apt-get install r-cran-igraph"))
    assert len(found) == len(files)
    return [Graph(**graph) for graph in found]
