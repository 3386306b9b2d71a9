"""Tables for Neo4j: for `neo4j-admin database import`, and for LOAD CSV into a running database.

Column headers follow its grammar, name:TYPE (neo4j.com/docs/operations-manual, "Neo4j admin
import"). Edges that are not facts have relationship types of their own: a query for MEETS must not
find planned meetings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Final

from comity.graph.networks.elements import (
    EDGE_FIELDS,
    NODE_FIELDS,
    Attribute,
    Edge,
    NetworkField,
    Node,
    Type,
    Value,
    edge_values,
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
from comity.graph.networks.encoding.text import day, fit_names
from comity.graph.networks.model import Network

# Every node has it, so that load.cypher finds nodes by their key whatever else they are.
LABEL: Final = "Comity"
CONTEMPLATED: Final = "CONTEMPLATED_"

_TYPES: Final[Mapping[Type, str]] = {
    "string": "",
    "integer": ":long",
    "double": ":double",
    "boolean": ":boolean",
}
# Rows per transaction, which are held in memory.
_BATCH: Final = 1000
_RENAMED: Final = {"label": "name"}
_DATES: Final = frozenset(("start", "end"))
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER: Final = re.compile(r"[\W_]+")
_CONVERT: Final = {
    "long": "toInteger",
    "double": "toFloat",
    "boolean": "toBoolean",
    "date": "date",
}
# By default LOAD CSV reads \" as a quotation mark inside of a field, unlike RFC 4180.
_QUOTED: Final = re.compile('[,"\n]')
_ESCAPING: Final = re.compile(r'\\(?=\\|"|\Z)')
_SAFE: Final = "\\\\\N{ZERO WIDTH SPACE}"

_README: Final = """\
Into a new database (Neo4j 5; the fast way)
  neo4j-admin database import full --nodes=nodes.csv --relationships=rels.csv \\
    --multiline-fields=true comity
The Community Edition has one database, neo4j: stop it, and end the line with
--overwrite-destination neo4j instead, which deletes what was in it.

Into a running database (Neo4j 4.4 or later), keeping its content
 1. Copy nodes.csv and rels.csv into the database's folder `import`.
 2. cypher-shell --file load.cypher
In Neo4j's browser, paste its statements one by one, each with :auto before it.
You can run it again: existing nodes and relationships are updated.

What is in it
 nodes.csv  Every node has the label {label} and its class; id is unique, iri leads to the thing.
 rels.csv   Types in capitals. Those that begin with {contemplated} are not facts, but hoped,
            planned or believed; they have the property contemplated, too.
 datapackage.json  origin, licence, query, and the type of every column.

A first query
  MATCH (a:Comity)-[r]->(b) WHERE NOT r.contemplated RETURN a, r, b LIMIT 100;
"""


def write(network: Network, out: IO[bytes]) -> None:
    """Write a zip of nodes.csv, rels.csv, load.cypher, datapackage.json and README.txt."""
    nodes = ArchiveTable(
        "nodes",
        (
            TableColumn("id:ID", "id"),
            *_columns(NODE_FIELDS, network.node_attributes),
            TableColumn(":LABEL", ":LABEL"),
        ),
        "id:ID",
        {},
    )
    refers = {":START_ID": ("nodes", "id:ID"), ":END_ID": ("nodes", "id:ID")}
    rels = ArchiveTable(
        "rels",
        (
            *(TableColumn(head, head) for head in (":START_ID", ":END_ID", ":TYPE")),
            TableColumn("id", "id"),
            *_columns(EDGE_FIELDS, network.edge_attributes),
        ),
        "id",
        refers,
    )
    labels: dict[str, None] = {}
    types: dict[str, None] = {}
    with archive(out) as files:
        readme = _README.format(label=LABEL, contemplated=CONTEMPLATED)
        files.add_text("README.txt", read_me(network.header, readme))
        files.add_text("datapackage.json", data_package(network.header, (nodes, rels)))
        files.add_table(nodes, _node_rows(network, nodes, labels), network.node_count)
        files.add_table(rels, _rel_rows(network, rels, types), network.edge_count)
        files.add_text("load.cypher", "\n".join(_cypher(nodes, rels, labels, types)))


def _columns(fields: Iterable[NetworkField], extra: Iterable[Attribute]) -> Iterator[TableColumn]:
    taken = {"id", "name"}
    for field in fields:
        name = _RENAMED.get(field.name, field.name)
        taken.add(name)
        suffix = ":date" if name in _DATES else _TYPES[field.type]
        yield TableColumn(name + suffix, field.name, field.type)
    extra = tuple(extra)
    names = fit_names(extra, taken)
    for each in extra:
        yield TableColumn(names[each.name] + _TYPES[each.type], each.name, each.type)


def _node_rows(
    network: Network, table: ArchiveTable, labels: dict[str, None]
) -> Iterator[list[str]]:
    for node in network.nodes():
        label = f"{LABEL};{_label(node)}"
        labels.setdefault(label)
        own = {"id:ID": node.id, ":LABEL": label}
        yield [_safe(text) for text in row(table.columns, own, node_values(node))]


def _rel_rows(network: Network, table: ArchiveTable, types: dict[str, None]) -> Iterator[list[str]]:
    for edge in network.edges():
        type_ = relationship_type(edge)
        types.setdefault(type_)
        own: dict[str, Value | None] = {
            ":START_ID": edge.source,
            ":END_ID": edge.target,
            ":TYPE": type_,
            "id": edge.id,
            "start:date": _date(edge.start),
            "end:date": _date(edge.end),
            "contemplated:boolean": edge.contemplated,
        }
        yield [_safe(text) for text in row(table.columns, own, edge_values(edge))]


def _safe(text: str) -> str:
    # A field without these characters is not quoted, and then a backslash is literal.
    return _ESCAPING.sub(_SAFE, text) if "\\" in text and _QUOTED.search(text) else text


def _label(node: Node) -> str:
    if node.iri is None and not node.cls:
        return "Text"
    return _OTHER.sub("_", node.cls).strip("_") or "Thing"


def relationship_type(edge: Edge) -> str:
    """Return the type of an edge in capitals; a contemplated edge gets one that no fact has."""
    name = _OTHER.sub("_", _HUMP.sub("_", edge.type)).strip("_").upper() or "RELATED"
    if edge.contemplated:
        return CONTEMPLATED + name.removeprefix(CONTEMPLATED)
    return f"IS_{name}" if name.startswith(CONTEMPLATED) else name


def _date(text: str | None) -> str | None:
    """Return a date in Neo4j's syntax; what is not one remains in valid_from and valid_to only."""
    found = day(text)
    # A year of more than four digits needs a sign.
    return f"+{found}" if found and found.index("-", 1) > 4 and found[0] != "-" else found


def _cypher(
    nodes: ArchiveTable, rels: ArchiveTable, labels: Iterable[str], types: Iterable[str]
) -> Iterator[str]:
    """Yield the statements of load.cypher: one per label and type, which can't come from a row."""
    yield f"CREATE CONSTRAINT comity_id IF NOT EXISTS FOR (n:{LABEL}) REQUIRE n.id IS UNIQUE;"
    for label in labels:
        _, own = label.split(";")
        yield (
            "\nLOAD CSV WITH HEADERS FROM 'file:///nodes.csv' AS row\n"
            f"WITH row WHERE row.`:LABEL` = '{label}'\n"
            "CALL {\n  WITH row\n"
            f"  MERGE (n:{LABEL} {{id: row.`id:ID`}})\n"
            f"  SET n:`{own}`, n += {_map(nodes)}\n"
            f"}} IN TRANSACTIONS OF {_BATCH} ROWS;"
        )
    for type_ in types:
        yield (
            "\nLOAD CSV WITH HEADERS FROM 'file:///rels.csv' AS row\n"
            f"WITH row WHERE row.`:TYPE` = '{type_}'\n"
            "CALL {\n  WITH row\n"
            f"  MATCH (a:{LABEL} {{id: row.`:START_ID`}})\n"
            f"  MATCH (b:{LABEL} {{id: row.`:END_ID`}})\n"
            f"  MERGE (a)-[r:`{type_}` {{id: row.id}}]->(b)\n"
            f"  SET r += {_map(rels)}\n"
            f"}} IN TRANSACTIONS OF {_BATCH} ROWS;"
        )
    yield ""


def _map(table: ArchiveTable) -> str:
    """Return the properties of a row as a map; empty cells are null, which removes them."""
    found = []
    for column in table.columns:
        name, _, type_ = column.head.partition(":")
        if name and name != "id":
            value = f"row.`{column.head}`"
            found.append(f"`{name}`: {f'{_CONVERT[type_]}({value})' if type_ else value}")
    return "{" + ", ".join(found) + "}"
