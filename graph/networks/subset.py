"""Subsets of a network: the surroundings of nodes, the first edges, a selection."""

from collections.abc import Iterable
from typing import Final

from comity.graph.networks.identifiers import edge_id, node_id
from comity.graph.networks.model import Network

# Bundles of edges that become one edge of a file: each alone, or, if parallel edges are merged, the
# facts of a pair and the rest of it.
_OWN: Final = "CAST(number AS TEXT)"
_OF_PAIR: Final = "source || ' ' || target || ' ' || contemplated(modality, status)"


def around(network: Network, iris: Iterable[str], hops: int) -> list[str]:
    """Keep everything within `hops` edges, in either direction, of some things.

    Returns the things that are not in the network; if none is, the network stays as it is.
    """
    ids = {node_id("uri", iri): iri for iri in iris}
    network.run("CREATE TEMP TABLE kept (number INTEGER PRIMARY KEY)")
    for id in ids:
        network.run("INSERT OR IGNORE INTO kept SELECT number FROM node WHERE id = ?", (id,))
    found = {id for (id,) in network.run("SELECT id FROM node JOIN kept USING (number)")}
    if found:
        for _ in range(hops):
            network.run(
                "INSERT OR IGNORE INTO kept"
                " SELECT target FROM edge WHERE source IN (SELECT number FROM kept)"
                " UNION SELECT source FROM edge WHERE target IN (SELECT number FROM kept)"
            )
        network.run("DELETE FROM node WHERE number NOT IN (SELECT number FROM kept)")
        network.run(
            "DELETE FROM edge WHERE source NOT IN (SELECT number FROM kept)"
            " OR target NOT IN (SELECT number FROM kept)"
        )
    network.run("DROP TABLE kept")
    return [iri for id, iri in ids.items() if id not in found]


def first(network: Network, count: int, focus: Iterable[str] = ()) -> None:
    """Keep `count` edges: those at `focus` first, then those whose two ends have the most edges.

    Of the nodes, keep their ends, the focus, and as many that have no edge at all.
    """
    _group(network)
    network.run("CREATE TEMP TABLE focus (number INTEGER PRIMARY KEY)")
    for iri in focus:
        id = node_id("uri", iri)
        network.run("INSERT OR IGNORE INTO focus SELECT number FROM node WHERE id = ?", (id,))
    network.run(
        "CREATE TEMP TABLE degree AS SELECT number, count(*) AS edges FROM"
        " (SELECT source AS number FROM edge UNION ALL SELECT target FROM edge) GROUP BY number"
    )
    network.run("CREATE UNIQUE INDEX temp.degree_number ON degree (number)")
    alone = "SELECT number FROM node WHERE number NOT IN (SELECT number FROM degree)"
    network.run(f"CREATE TEMP TABLE alone AS {alone} ORDER BY number LIMIT ?", (count,))
    network.run(
        "CREATE TEMP TABLE chosen AS SELECT bundle FROM bundled JOIN edge USING (number)"
        " JOIN degree s ON s.number = source JOIN degree t ON t.number = target GROUP BY bundle"
        " ORDER BY max(source IN (SELECT number FROM focus) OR target IN (SELECT number FROM focus))"
        " DESC, max(min(s.edges, t.edges)) DESC, min(edge.id) LIMIT ?",
        (count,),
    )
    _keep(network, "SELECT number FROM alone UNION SELECT number FROM focus")
    for table in ("focus", "degree", "alone"):
        network.run(f"DROP TABLE {table}")


def only(network: Network, nodes: Iterable[str], edges: Iterable[str]) -> list[str]:
    """Keep the nodes and edges with these identifiers, and the ends of the edges.

    Returns the identifiers that are not in the network; if there are any, it stays as it is.
    """
    _group(network)
    wanted = {"node": set(nodes), "edge": set(edges)}
    known = {"node": dict(network.run("SELECT id, number FROM node")), "edge": _bundles(network)}
    missing = sorted(id for kind, ids in wanted.items() for id in ids - known[kind].keys())
    if missing:
        network.run("DROP TABLE bundled")
        return missing
    for table, kind in (("chosen", "edge"), ("picked", "node")):
        network.run(f"CREATE TEMP TABLE {table} (bundle)")
        for id in wanted[kind]:
            network.run(f"INSERT INTO {table} VALUES (?)", (known[kind][id],))
    _keep(network, "SELECT bundle FROM picked")
    network.run("DROP TABLE picked")
    return []


def _group(network: Network) -> None:
    """Assign each edge to the edge of a file that it becomes part of."""
    bundle = _OF_PAIR if network.header.multi == "merge" else _OWN
    network.run(f"CREATE TEMP TABLE bundled AS SELECT number, {bundle} AS bundle FROM edge")
    network.run("CREATE UNIQUE INDEX temp.bundled_number ON bundled (number)")


def _bundles(network: Network) -> dict[str, str]:
    """Return the bundles by the identifiers of the edges that they become."""
    if network.header.multi == "keep":
        return dict(network.run("SELECT id, bundle FROM bundled JOIN edge USING (number)"))
    rows = network.run(
        "SELECT DISTINCT s.id, t.id, contemplated(modality, status), bundle FROM bundled"
        " JOIN edge USING (number) JOIN node s ON s.number = source JOIN node t ON t.number = target"
    )
    return {edge_id(f"{s} {t} {bool(hope)}"): bundle for s, t, hope, bundle in rows}


def _keep(network: Network, further: str) -> None:
    """Keep the chosen bundles with their ends, and further nodes."""
    network.run(
        "DELETE FROM edge WHERE number NOT IN"
        " (SELECT number FROM bundled WHERE bundle IN (SELECT bundle FROM chosen))"
    )
    network.run(
        "DELETE FROM node WHERE number NOT IN"
        f" (SELECT source FROM edge UNION SELECT target FROM edge UNION {further})"
    )
    network.run("DROP TABLE bundled")
    network.run("DROP TABLE chosen")


def add(network: Network, other: Network) -> None:
    """Add the nodes and edges of another network; what both have stays as it is.

    An edge without a record is the same if its ends and type are: its identifier differs in each
    query.
    """
    columns = "id, kind, value, label, cls, class_label, iso3, extra"
    for row in other.run(f"SELECT {columns} FROM node ORDER BY number"):
        network.run(f"INSERT OR IGNORE INTO node ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    names = [name for _, name, *_ in other.run("PRAGMA table_info(edge)")]
    said = [name for name in names if name not in ("number", "source", "target")]
    listed, marks = ", ".join(f'"{n}"' for n in said), ", ".join("?" * len(said))
    told = ", ".join(f'edge."{n}"' for n in said)
    ends = "SELECT number FROM node WHERE id = ?"
    rows = other.run(
        f"SELECT s.id, t.id, edge.type, edge.iri, {told} FROM edge"
        " JOIN node s ON s.number = edge.source JOIN node t ON t.number = edge.target"
        " ORDER BY edge.number"
    )
    for source, target, type, iri, *values in rows:
        same = (
            f"SELECT 1 FROM edge WHERE source = ({ends}) AND target = ({ends})"
            " AND type IS ? AND iri IS NULL"
        )
        if iri is None and network.run(same, (source, target, type)):
            continue
        network.run(
            f"INSERT OR IGNORE INTO edge (source, target, {listed})"
            f" VALUES (({ends}), ({ends}), {marks})",
            (source, target, *values),
        )
    network.adopt(other)


def expand(network: Network, whole: Network, things: Iterable[str]) -> list[str]:
    """Add the edges that some things have in another network, and the things themselves.

    Returns the things that are in neither; if there are any, nothing is added. `whole` is left
    with what was added.
    """
    ids = {node_id("uri", iri): iri for iri in things}
    known = {id for part in (network, whole) for (id,) in part.run("SELECT id FROM node")}
    if missing := [iri for id, iri in ids.items() if id not in known]:
        return missing
    at = f"SELECT number FROM node WHERE id IN ({', '.join('?' * len(ids))})"
    whole.run(f"DELETE FROM edge WHERE source NOT IN ({at}) AND target NOT IN ({at})", [*ids, *ids])
    whole.run(
        "DELETE FROM node WHERE number NOT IN (SELECT source FROM edge UNION"
        f" SELECT target FROM edge UNION {at})",
        ids,
    )
    add(network, whole)
    return []
