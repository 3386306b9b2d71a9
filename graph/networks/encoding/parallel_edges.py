"""Kinds of edges: they keep parallel edges apart in programs that merge edges of one type."""

import re
from collections.abc import Iterator
from typing import Final

from comity.graph.networks.elements import Edge
from comity.graph.networks.model import Network

_PAGE: Final = 10_000
_NUMBERED: Final = re.compile(r"(.*) \d+", re.DOTALL)
_TYPE: Final = "coalesce(nullif(type, ''), 'related')"


def with_kinds(network: Network) -> Iterator[tuple[Edge, str]]:
    """The edges of a network, as `Network.edges` gives them, each with its kind.

    That is its type, with a number for the second and further ones of a type between the same two
    nodes: meets, meets 2. No two edges from one node to another have the same.
    """
    if network.header.multi == "merge":
        yield from _merged_kinds(network)
        return
    # A type that reads as another with a number, beside which it would not stay distinct.
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
    """Of merged edges at most two lead from one node to another, one behind the other: that of the
    facts, and that of what is contemplated, which may well be of the same type."""
    before: tuple[str, str, str] | None = None
    for edge in network.edges():
        told = (edge.source, edge.target, edge.type)
        yield edge, f"{edge.type} 2" if told == before else edge.type
        before = told


def _numbers(network: Network) -> Iterator[int]:
    """How many edges of its type each edge makes between its nodes, in the order of the edges.

    Counted by the database and read by pages: there may be more edges than memory should hold.
    """
    network.run("CREATE TEMP TABLE IF NOT EXISTS kind (number INTEGER PRIMARY KEY, nth INTEGER)")
    network.run("DELETE FROM kind")
    network.run(
        # Where edges of a type have no direction, programs take both directions of a pair for one.
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
