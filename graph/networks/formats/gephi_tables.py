"""Two tables for Gephi's spreadsheet import, and for pandas and R.

How Gephi reads a column is in its source, ImportEdgesProcess and AbstractImporterSpreadsheet:
Source, Target, Type, Kind, Id, Label, Weight and timeset have a meaning, in any case of letters.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Final

from comity.graph.networks.elements import (
    EDGE_FIELDS,
    NODE_FIELDS,
    Attribute,
    Edge,
    NetworkField,
    Value,
    node_values,
)
from comity.graph.networks.encoding.archive import (
    ArchiveTable,
    TableColumn,
    archive,
    data_package,
    read_me,
    row,
)
from comity.graph.networks.encoding.json import free_names
from comity.graph.networks.encoding.parallel_edges import with_kinds
from comity.graph.networks.encoding.weights import taken, values, with_true_weight
from comity.graph.networks.formats.gexf import intervals
from comity.graph.networks.model import Network

# Gephi reads Type as the direction; start and end are in timeset, valid_from and valid_to.
_RENAMED: Final = {"label": "Label", "weight": "Weight", "type": "relation"}
_LEFT_OUT: Final = frozenset(("start", "end"))
_OWN: Final = ("Id", "Label", "Source", "Target", "Type", "Kind", "Weight", "timeset")

_README: Final = """\
How to open it in Gephi 0.10 or later
 1. Unpack this archive.
 2. File > Import spreadsheet..., choose nodes.csv: separator comma, import as "Nodes table",
    charset UTF-8. Next: time representation "Intervals". Set every column to String that has
    numbers in some rows and words in others (sentence). Finish, and tick "New workspace".
 3. File > Import spreadsheet..., choose edges.csv: import as "Edges table". Next: time
    representation "Intervals", timeset as IntervalSet, iri, sentence and citation as String. Finish:
    graph type "Mixed", edges merge strategy "Don't merge", and "Append to existing workspace".
 4. To see time: Timeline > Enable Timeline; right of it, Settings > Set time format > Date.
Gephi Lite takes .gexf instead.

What is in it
 nodes.csv  one node per row: Id, Label, class, iri ...
 edges.csv  one relation per row. Kind distinguishes relations of one pair (meets, meets 2),
            relation is the name alone. timeset is when it held or happened; Infinity means open
            or unknown.
            contemplated is true for relations that are not facts, but hoped, planned or
            believed: leave them out, or draw them in another colour.
            Weight is 1 if the true weight is not above 0, since Gephi would drop the edge;
            the column true_weight then has the true one.
 datapackage.json  origin, licence, query, and the type of every column.

In Python, with pandas (the two options keep "NA", the code of Namibia)
 edges = pandas.read_csv("edges.csv", keep_default_na=False, na_values=[""])
In R
 edges <- read.csv("edges.csv", na.strings = "", encoding = "UTF-8")
"""


def write(network: Network, out: IO[bytes]) -> None:
    """Write a zip of nodes.csv, edges.csv, datapackage.json and README.txt."""
    nodes = ArchiveTable("nodes", _columns(("Id",), NODE_FIELDS, network.node_attributes), "Id", {})
    ends = ("Source", "Target", "Type", "Kind", "Id")
    refers = {"Source": ("nodes", "Id"), "Target": ("nodes", "Id")}
    fields = with_true_weight(network, EDGE_FIELDS)
    edges = ArchiveTable("edges", _columns(ends, fields, network.edge_attributes), "Id", refers)
    with archive(out) as files:
        files.add_text("README.txt", read_me(network.header, _README))
        files.add_text("datapackage.json", data_package(network.header, (nodes, edges)))
        files.add_table(nodes, _node_rows(network, nodes), network.node_count)
        files.add_table(edges, _edge_rows(network, edges), network.edge_count)


def _columns(
    first: Iterable[str], fields: Iterable[NetworkField], extra: Iterable[Attribute]
) -> tuple[TableColumn, ...]:
    heads = [
        TableColumn(_RENAMED.get(field.name, field.name), field.name, field.type)
        for field in fields
        if field.name not in _LEFT_OUT
    ]
    if "Source" in (first := tuple(first)):
        heads.append(TableColumn("timeset", "timeset"))
    extra = tuple(extra)
    free = free_names(extra, (*_OWN, "relation", *(field.name for field in fields)))
    more = (TableColumn(free[each.name], each.name, each.type) for each in extra)
    return tuple(chain((TableColumn(name, name) for name in first), heads, more))


def _node_rows(network: Network, table: ArchiveTable) -> Iterator[list[str]]:
    for node in network.nodes():
        yield row(table.columns, {"Id": node.id}, node_values(node))


def _edge_rows(network: Network, table: ArchiveTable) -> Iterator[list[str]]:
    for edge, kind in with_kinds(network):
        own: dict[str, Value | None] = {
            "Source": edge.source,
            "Target": edge.target,
            "Type": "Directed" if edge.directed else "Undirected",
            "Kind": kind,
            "Id": edge.id,
            "timeset": timeset(edge),
            "Weight": taken(edge),
        }
        yield row(table.columns, own, values(edge))


def timeset(edge: Edge) -> str | None:
    """Return the time of an edge in Gephi's syntax; None if nothing of it is known."""
    known = [interval for interval in intervals(edge) if any(interval)]
    found = [f"[{start or '-Infinity'}, {end or 'Infinity'}]" for start, end in known]
    if len(found) > 1:
        return f"<{'; '.join(found)}>"
    return found[0] if found else None
