"""A part of a network: what lies around some of its nodes."""

from collections.abc import Iterable

from comity.graph.networks.model import Network
from comity.graph.networks.names import node_id


def around(network: Network, iris: Iterable[str], hops: int) -> list[str]:
    """Keep what lies within so many edges, in either direction, of some things, and all edges there.

    Gives those of the things that are not in the network; if that is all, it stays as it is.
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
