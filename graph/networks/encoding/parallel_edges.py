"""Kinds of edges, which keep parallel edges apart in programs that merge edges of one type."""

import re
from collections.abc import Iterator
from typing import Final

from comity.graph.networks.elements import Edge
from comity.graph.networks.model import Network

_PAGE: Final = 10_000
_NUMBERED: Final = re.compile(r"(.*) \d+", re.DOTALL)
_TYPE: Final = "coalesce(nullif(type, ''), 'related')"


def with_kinds(network: Network) -> Iterator[tuple[Edge, str]]:
    """Yield the edges of a network in the order of `Network.edges`, each with its kind.

    That is its type, numbered for the second and further ones between the same two nodes: meets,
    meets 2. No two edges from one node to another have the same kind.
    """
    if network.header.multi == "merge":
        yield from _merged_kinds(network)
        return
    # A type that looks like another with a number, beside which it would not be unique.
    numbered = {
        t for (t,) in network.run("SELECT DISTINCT type FROM edge WHERE type GLOB '* [0-9]*'")
    }
    doubtful = {
        type_
        for type_ in numbered
        if (match := _NUMBERED.fullmatch(type_))
        and network.run(f"SELECT 1 FROM edge WHERE {_TYPE} = ? LIMIT 1", (match[1],))
    }
    for edge, number in zip(network.edges(), _numbers(network), strict=True):
        plain = number == 1 and edge.type not in doubtful
        yield edge, edge.type if plain else f"{edge.type} {number}"


def _merged_kinds(network: Network) -> Iterator[tuple[Edge, str]]:
    """Number merged edges: at most two lead from one node to another.

    They are adjacent, one for the facts and one for what is contemplated, and may be of the same
    type.
    """
    before: tuple[str, str, str] | None = None
    for edge in network.edges():
        told = (edge.source, edge.target, edge.type)
        yield edge, f"{edge.type} 2" if told == before else edge.type
        before = told


def _numbers(network: Network) -> Iterator[int]:
    """Number the edges of each type between the same nodes, in the order of the edges.

    Counted in the database and read in pages: there may be too many edges for memory.
    """
    network.run("CREATE TEMP TABLE IF NOT EXISTS kind (number INTEGER PRIMARY KEY, nth INTEGER)")
    network.run("DELETE FROM kind")
    network.run(
        # If edges of a type have no direction, programs treat both directions of a pair as one.
        "INSERT INTO kind WITH mutual AS"
        f" (SELECT DISTINCT {_TYPE} AS type FROM edge WHERE NOT directed),"
        f" known AS (SELECT *, {_TYPE} AS kind, {_TYPE} IN mutual AS either FROM edge)"
        " SELECT number, row_number() OVER (PARTITION BY"
        " iif(either, min(source, target), source), iif(either, max(source, target), target), kind"
        " ORDER BY number) FROM known"
    )
    last = -1
    while page := network.run(
        "SELECT number, nth FROM kind WHERE number > ? ORDER BY number LIMIT ?", (last, _PAGE)
    ):
        yield from (nth for _, nth in page)
        last = page[-1][0]
