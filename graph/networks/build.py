"""From a query to its network: asked of the store, read, completed with labels and classes."""

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
# What an answer may hold in memory, in bytes; beyond it lies on disk.
SPOOL: Final = 4 << 20
_AT_ONCE: Final = 1000
_THINGS: Final = "networks/parts/things"


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A part of a network: what lies within `hops` edges of a thing."""

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
    """The network of a query's answer, whole; the caller closes it.

    `query` is asked for SPARQL JSON or N-Triples; `wider` is the same query with what it leaves out
    for want of a date, whose edges are counted; `solve` finds labels and classes.
    Raises what asking raises, NotAcceptable for what is no network, and QueryTimeout.
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
    """Make edges of the records that a table names; one that links nothing is a node."""
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
    """Do some work on a network beside the event loop; if it is cancelled, the work ends soon."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        network.deadline = 0  # the network must not be closed beneath the work
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
        raise ParameterError("around", message, hint="Name one of its nodes, or narrow it less")


async def _complete(network: Network, solve: Solve, language: str) -> None:
    """Give nodes the labels, classes and codes, and edges the modality of their record, that the
    answer itself does not have: else a hope would look like a fact."""
    rows = network.run(
        "SELECT value FROM node WHERE kind = 'uri' AND (label IS NULL OR cls IS NULL)"
        " UNION SELECT iri FROM edge WHERE iri IS NOT NULL AND modality IS NULL"
    )
    iris = [iri for (iri,) in rows]
    # Without it each record that is looked up would cost a walk over all edges.
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
    """Give edges the label of the property, role or stance that is their type, where they have none."""
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
                # In English they speak of records (reports event), and an edge has no record's place.
                cells = [c for c in cells if language != "en" and c.get("xml:lang") == language]
            if not cells:
                continue
            update = "UPDATE edge SET label = ? WHERE term = ? AND label IS NULL"
            network.run(update, (best(cells, language), term))


def _mark_content(network: Network) -> None:
    """What leads to or from a proposition is said in it, and no fact."""
    classes = [cls for (cls,) in network.run("SELECT DISTINCT cls FROM node") if cls]
    content = [cls for cls in classes if node_style(cls).group == "proposition"]
    marks = ", ".join("?" * len(content))
    said = f"SELECT number FROM node WHERE cls IN ({marks})"
    network.run(
        "UPDATE edge SET status = 'said' WHERE NOT contemplated(modality, status)"
        f" AND (source IN ({said}) OR target IN ({said}))",
        (*content, *content),
    )
