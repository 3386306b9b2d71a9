"""Building the network of a query: runs it, reads the answer, completes labels and classes."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Final, TypeVar, cast

from pyoxigraph import NamedNode

from comity.graph.descriptions.labels import best
from comity.graph.errors import ComityError, ParameterError, bare, quoted
from comity.graph.installed import query_file
from comity.graph.networks.elements import Header
from comity.graph.networks.from_answer import (
    ISO3,
    LABELS,
    MODALITY,
    RECORDS,
    TYPE,
    Ends,
    fill_solutions,
    fill_triples,
    say_class,
)
from comity.graph.networks.model import Network
from comity.graph.networks.palette import node_style
from comity.graph.networks.subset import around
from comity.graph.rdf.namespaces import COMITY
from comity.graph.rdf.terms import local_name
from comity.graph.sparql.substitution import replace_all
from comity.graph.store.interface import Query, Store
from comity.graph.store.solutions import Cell, Solve

T = TypeVar("T")
MAX_HOPS: Final = 10
# Bytes of an answer to hold in memory; the rest goes to disk.
SPOOL: Final = 4 << 20
_AT_ONCE: Final = 1000
_THINGS: Final = "networks/parts/things"


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A part of a network: everything within `hops` edges of a thing."""

    thing: str
    hops: int = 1


async def build(
    store: Store,
    query: Query,
    header: Header,
    solve: Solve,
    *,
    ends: Ends | None = None,
    neighbourhood: Neighbourhood | None = None,
    wider: Query | None = None,
    language: str = "en",
) -> Network:
    """Build the whole network of a query's answer; the caller closes it.

    `query` asks for SPARQL JSON or N-Triples; `wider` is the same query including undated edges,
    which are counted; `solve` looks up labels and classes.

    Raises the errors of the query, NotAcceptable if the answer is not a network, and QueryTimeout.
    """
    network = Network(header, _deadline(query))
    try:
        await _gather(network, store, query, ends, neighbourhood, language)
        if wider is not None:
            with Network(header, _deadline(wider)) as whole:
                await _gather(whole, store, wider, ends, neighbourhood, language)
                network.undated = max(0, whole.relation_count - network.relation_count)
        await _complete(network, solve, language)
    except BaseException:
        network.close()
        raise
    return network


def _deadline(query: Query) -> float | None:
    return None if query.timeout is None else time.monotonic() + query.timeout


async def _gather(
    network: Network,
    store: Store,
    query: Query,
    ends: Ends | None,
    neighbourhood: Neighbourhood | None,
    language: str,
) -> None:
    """Fill a network with the nodes and edges of an answer."""
    await _ask(network, store, query, ends, language)
    await _collapse(network, store, query.timeout)
    if neighbourhood is not None:
        await in_thread(network, lambda: _narrow(network, neighbourhood))


async def _ask(
    network: Network, store: Store, query: Query, ends: Ends | None = None, language: str = "en"
) -> None:
    with tempfile.SpooledTemporaryFile(SPOOL) as spool:
        async with await store.query(query) as answer:
            async for chunk in answer:
                spool.write(chunk)
        is_table = answer.format.is_table
        spool.seek(0)
        found = cast(IO[bytes], spool)
        await in_thread(network, lambda: _fill(network, found, is_table, ends, language))


async def _collapse(network: Network, store: Store, timeout: float | None) -> None:
    """Turn the records named in a table into edges; one that links nothing becomes a node."""
    noted, network.noted = sorted(network.noted), set()
    for start in range(0, len(noted), _AT_ONCE):
        some = noted[start : start + _AT_ONCE]
        text = replace_all(query_file(RECORDS), "record", [NamedNode(iri) for iri in some])
        await _ask(network, store, Query(text, graph=None, timeout=timeout))
    linked = {iri for (iri,) in network.run("SELECT DISTINCT iri FROM edge")}
    for iri in noted:
        if iri not in linked:
            network.add_node("uri", iri)


async def in_thread(network: Network, work: Callable[[], T]) -> T:
    """Work on a network in a thread; if cancelled, the work ends soon."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        network.deadline = 0  # the network must not be closed while the work uses it
        await asyncio.wait((task,))
        task.exception()
        raise


def _fill(
    network: Network, answer: IO[bytes], is_table: bool, ends: Ends | None, language: str
) -> None:
    try:
        if is_table:
            fill_solutions(network, answer, ends)
        else:
            fill_triples(network, answer, language)
    except ComityError as error:
        raise bare(error) from None


def _narrow(network: Network, neighbourhood: Neighbourhood) -> None:
    if missing := around(network, [neighbourhood.thing], neighbourhood.hops):
        message = f"{quoted(missing[0])} is not in this network"
        raise ParameterError(
            "around", message, hint="Name one of its nodes, or use fewer restrictions"
        )


async def _complete(network: Network, solve: Solve, language: str) -> None:
    """Look up labels, classes and codes of nodes and the modality of edges.

    Only what the answer lacks. Without its modality a hope would look like a fact.
    """
    rows = network.run(
        "SELECT value FROM node WHERE kind = 'uri' AND (label IS NULL OR cls IS NULL)"
        " UNION SELECT iri FROM edge WHERE iri IS NOT NULL AND modality IS NULL"
    )
    iris = [iri for (iri,) in rows]
    # Without it the lookup of each record would scan all edges.
    network.run("CREATE INDEX IF NOT EXISTS unsure ON edge (iri) WHERE modality IS NULL")
    for start in range(0, len(iris), _AT_ONCE):
        things = [NamedNode(iri) for iri in iris[start : start + _AT_ONCE]]
        text = replace_all(query_file(_THINGS), "thing", things)
        labels: dict[str, list[Cell]] = {}
        for row in (await solve(text)).rows:
            thing, property = row["thing"]["value"], row["property"]["value"]
            if property in LABELS:
                labels.setdefault(thing, []).append(row["value"])
            elif property == TYPE:
                say_class(network, NamedNode(thing), row["value"]["value"])
            elif property == MODALITY:
                modality = local_name(row["value"]["value"])
                update = "UPDATE edge SET modality = ? WHERE iri = ? AND modality IS NULL"
                network.run(update, (modality, thing))
            elif property == ISO3:
                network.add_node("uri", thing, iso3=row["value"]["value"])
        for thing, cells in labels.items():
            network.add_node("uri", thing, label=best(cells, language))
    await _label_edges(network, solve, language)
    _mark_content(network)


async def _label_edges(network: Network, solve: Solve, language: str) -> None:
    """Add missing edge labels: that of the property, role or stance that is the type."""
    rows = network.run("SELECT DISTINCT term FROM edge WHERE term IS NOT NULL AND label IS NULL")
    terms = [NamedNode(term) for (term,) in rows]
    for start in range(0, len(terms), _AT_ONCE):
        some = terms[start : start + _AT_ONCE]
        labels: dict[str, list[Cell]] = {}
        for row in (await solve(replace_all(query_file(_THINGS), "thing", some))).rows:
            if row["property"]["value"] in LABELS:
                labels.setdefault(row["thing"]["value"], []).append(row["value"])
        for term, cells in labels.items():
            if term.startswith(COMITY):
                # English labels of properties describe records (reports event), which does not fit
                # an edge.
                cells = [c for c in cells if language != "en" and c.get("xml:lang") == language]
            if not cells:
                continue
            update = "UPDATE edge SET label = ? WHERE term = ? AND label IS NULL"
            network.run(update, (best(cells, language), term))


def _mark_content(network: Network) -> None:
    """Mark edges to or from a proposition as said: they are part of it, not facts."""
    classes = [cls for (cls,) in network.run("SELECT DISTINCT cls FROM node") if cls]
    content = [cls for cls in classes if node_style(cls).group == "proposition"]
    marks = ", ".join("?" * len(content))
    said = f"SELECT number FROM node WHERE cls IN ({marks})"
    network.run(
        "UPDATE edge SET status = 'said' WHERE NOT contemplated(modality, status)"
        f" AND (source IN ({said}) OR target IN ({said}))",
        (*content, *content),
    )
