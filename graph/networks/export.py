"""Export of a query's answer as a network file: header, edges, and the format that writes it."""

import datetime
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final, cast

import pyoxigraph

from comity.graph.catalogue.binding import BoundQuery
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.parameter_types import read_language
from comity.graph.descriptions.dataset.void import LICENCE
from comity.graph.errors import NotAcceptable, ParameterError, quoted
from comity.graph.networks.build import MAX_HOPS, SPOOL, Neighbourhood, build, in_thread
from comity.graph.networks.elements import Header, Multi
from comity.graph.networks.formats import vowl
from comity.graph.networks.formats.graphviz import Place, positions
from comity.graph.networks.formats.registry import FORMATS, NetworkFormat
from comity.graph.networks.from_answer import Ends
from comity.graph.networks.model import Network
from comity.graph.rdf.namespaces import GRAPH
from comity.graph.rdf.terms import absolute_iri
from comity.graph.store.interface import Query, ResultFormat, Store
from comity.graph.store.solutions import Solve

# Formats of networks that are also formats of plain RDF.
GRAPHS_TOO: Final = ("ttl", "jsonld")
_ONTOLOGY: Final = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{GRAPH}ontology> {{ ?s ?p ?o }} }}"
_HOPS: Final = 1
_CONTEMPLATED: Final = (
    "Edges marked as contemplated are not facts: a source hopes, plans, promises, proposes, "
    "believes, claims, evaluates or predicts them, or they are what someone else is said to want."
)
_MERGED: Final = (
    "Parallel edges are merged, facts and contemplated edges separately: weights are summed, "
    "types and quotations joined with “|”."
)


@dataclass(frozen=True, slots=True)
class Options:
    """Options for turning an answer into a network; `around` is as the caller wrote it, or None."""

    multi: Multi = "keep"
    around: str | None = None
    hops: int = _HOPS
    flavour: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Export:
    """A network in a file opened at its beginning; the caller closes it. `size` is in bytes."""

    file: IO[bytes]
    size: int
    version: str
    counted: str


def read_options(arguments: Mapping[str, str], format: NetworkFormat | None = None) -> Options:
    """Return the options among some arguments. Raises ParameterError."""
    multi = arguments.get("multi") or "keep"
    if multi not in ("keep", "merge"):
        raise ParameterError("multi", f"multi is {quoted(multi)}", hint="It is keep or merge")
    around, hops = arguments.get("around", "").strip() or None, arguments.get("hops", "").strip()
    if around is None and hops not in ("", str(_HOPS)):
        raise ParameterError("hops", "hops without around", hint="Say around=iran&hops=2")
    if hops and not (hops.isascii() and hops.isdecimal() and int(hops[:9]) <= MAX_HOPS):
        message = f"hops is {quoted(hops)}, and should be a number from 0 to {MAX_HOPS}"
        raise ParameterError("hops", message)
    flavour = arguments.get("flavor") or None
    if flavour and format is not None and flavour not in format.flavours:
        known = ", ".join(format.flavours)
        hint = f"The flavors are {known}" if known else "graphml has flavors: plain, yed"
        raise ParameterError("flavor", f"{format.suffix} has no {quoted(flavour)}", hint=hint)
    return Options(
        cast(Multi, multi),
        around,
        int(hops or _HOPS),
        flavour,
        read_language(arguments.get("lang", "")),
    )


def find_format(suffix: str) -> NetworkFormat:
    """Return the format of a suffix. Raises NotAcceptable, which lists all formats."""
    if suffix not in FORMATS:
        raise NotAcceptable(
            f"Unknown network format {quoted(suffix)}",
            hint=f"The formats are {', '.join(FORMATS)}",
        )
    return FORMATS[suffix]


def format_of(path: Path) -> NetworkFormat:
    """Return the format of a file name's suffix. Raises NotAcceptable, which lists all formats."""
    found = next((f for f in FORMATS.values() if path.name.endswith(f".{f.suffix}")), None)
    if found is None:
        raise NotAcceptable(
            f"{path} does not say a format", hint=f"Its name may end in {', '.join(FORMATS)}"
        )
    return found


def header_of(bound: BoundQuery, url: str, release: str | None) -> Header:
    """Build the metadata of a file for a canned query or a view."""
    given = ", ".join(f"{name}: {value}" for name, value in bound.given.items())
    narrowed = f"Parameters: {given}." if given else ""
    description = " ".join(filter(None, (bound.query.description, narrowed)))
    return adhoc_header(bound.query.summary, description, bound.text, url, release)


def adhoc_header(title: str, description: str, text: str, url: str, release: str | None) -> Header:
    """Build the metadata of a file for an ad hoc query."""
    return Header(
        title=title,
        description=description,
        query="\n".join(line for line in text.split("\n") if not line.startswith("#+")),
        url=url,
        created=datetime.datetime.now(datetime.UTC).date().isoformat(),
        release=release or "",
        licence=LICENCE if release else "",
        creator=f"Comity {version('comity')}",
    )


async def canned_network(
    store: Store,
    bound: BoundQuery,
    header: Header,
    options: Options,
    names: Names,
    solve: Solve,
    timeout: float | None,
) -> Network:
    """Build the network of a canned query or a view; the caller closes it."""
    wider = bound.with_undated()
    return await network_of(
        store,
        Query(bound.text, timeout=timeout),
        header,
        options,
        names,
        solve,
        ends=bound.query.ends,
        wider=None if wider is None else wider.text,
    )


async def network_of(
    store: Store,
    query: Query,
    header: Header,
    options: Options,
    names: Names,
    solve: Solve,
    *,
    ends: tuple[str, str] | None = None,
    wider: str | None = None,
) -> Network:
    """Build the network of a query's answer; the caller closes it.

    `wider` is the text that includes undated edges, which are counted.
    """
    neighbourhood = None
    if options.around:
        neighbourhood = Neighbourhood(await resolve_around(options.around, names), options.hops)
    asked = replace(query, table=ResultFormat.JSON, graph=ResultFormat.N_TRIPLES)
    network = await build(
        store,
        asked,
        replace(header, multi=options.multi, data_version=store.version),
        solve,
        ends=Ends(*ends) if ends else None,
        neighbourhood=neighbourhood,
        wider=None if wider is None else replace(asked, text=wider),
        language=options.language,
    )
    merged = _MERGED if options.multi == "merge" else ""
    said = (header.description, f"{counted(network)}.", left_out(network), merged)
    description = " ".join(filter(None, (*said, _CONTEMPLATED)))
    network.header = replace(network.header, description=description)
    return network


async def write(
    network: Network, format: NetworkFormat, options: Options, places: Sequence[Place] = ()
) -> Export:
    """Write a network, and close it; `places` are positions of its nodes, if known.

    Raises QueryError for a network that does not fit the format.
    """
    file = tempfile.SpooledTemporaryFile(SPOOL)  # noqa: SIM115 - the sender closes it
    writer = format.flavours[options.flavour] if options.flavour else format.write

    def work() -> int:
        format.check(network)
        if format.laid_out:
            network.place(places or positions(network) or ())
        writer(network, cast(IO[bytes], file))
        return file.tell()

    try:
        with network:
            size = await in_thread(network, work)
            file.seek(0)
            notes = "; ".join(filter(None, (counted(network), left_out(network).rstrip("."))))
            return Export(cast(IO[bytes], file), size, network.header.data_version, notes)
    except BaseException:
        file.close()
        raise


async def vowl_of(store: Store, header: Header, timeout: float | None) -> bytes:
    """Export the whole ontology in the store for WebVOWL."""
    asked = Query(_ONTOLOGY, None, ResultFormat.N_TRIPLES, timeout=timeout)
    async with await store.query(asked) as answer:
        body = b"".join([chunk async for chunk in answer])
    out = io.BytesIO()
    vowl.write(pyoxigraph.parse(body, pyoxigraph.RdfFormat.N_TRIPLES), header, out)
    return out.getvalue()


async def resolve_around(around: str, names: Names) -> str:
    """Resolve the value of `around` to an IRI: any IRI, or a name in the graph."""
    if around.startswith("<") and around.endswith(">"):
        return around[1:-1]
    if "://" in around:
        try:
            return absolute_iri(around)
        except ValueError as error:
            raise ParameterError("around", f"{quoted(around)} is not an IRI: {error}") from None
    return await names.resolve("around", "thing", around, {})


def counted(network: Network) -> str:
    """Describe the size of a network in words."""
    return f"{_number(network.node_count, 'node')}, {_number(network.edge_count, 'edge')}"


def left_out(network: Network) -> str:
    """Describe the edges left out by a period or day; "" if there are none."""
    if not network.undated:
        return ""
    edges = _number(network.undated, "more edge")
    one = network.undated == 1
    return (
        f"{edges} {'is' if one else 'are'} undated, or not known to hold or have ended on the day: "
        f"undated=yes shows {'it' if one else 'them'}."
    )


def one_sided(network: Network) -> str:
    """Describe edges that may lie outside of the network's period; "" if there are none."""
    ((count,),) = network.run('SELECT count(*) FROM edge WHERE (start IS NULL) <> ("end" IS NULL)')
    if not count:
        return ""
    return f"{_number(count, 'edge')} with only one date may lie outside of the period."


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
