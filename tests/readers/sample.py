"""A network with all that has ever broken a reader."""

from typing import Any

from comity.graph.networks.elements import Header
from comity.graph.networks.model import Network
from comity.graph.rdf.namespaces import COMITY, ID, SOURCE

HEADER = Header(
    title='Actors & "issues" <of> the article',
    description="A network for the tests.\nOf two lines.",
    query='SELECT ?source ?target WHERE { ?source ?p ?target FILTER(?a < 1 && ?b > "2") } # --',
    url="http://127.0.0.1:8000/network/actors.gexf?actor=iran&from=2021",
    created="2026-11-24",
    release="abc123",
    licence="https://creativecommons.org/licenses/by/4.0/",
    data_version="7",
    creator="Comity 0.1.0",
)
QUOTES = 'it is "quoted", <tagged> & it\'s back\\slashed; = + - @ | end'
PERSIAN = "طرح صلح هرمز"


def fill(network: Network) -> None:
    """Seven nodes and eight edges: three of them parallel, of those one contemplated.

    Merged, they are seven: facts and what is contemplated stay apart.
    """
    namibia, ivory, iran, russia = (
        network.add_node("uri", ID + slug, label=label, cls="State", class_label="state", iso3=iso)
        for slug, label, iso in (
            ("namibia", "Namibia", "NAM"),
            ("cote-d-ivoire", "Côte d'Ivoire", "CIV"),
            ("iran", "Iran", "IRN"),
            ("russia", QUOTES, "RUS"),
        )
    )
    network.add_node("uri", ID + "namibia", extra={"iso2": "NA", "population": 2_600_000})
    network.add_node("uri", ID + "iran", extra={"population": 88.5e6, "note": PERSIAN})
    hope = network.add_node("uri", ID + "hormuz-peace-initiative", label=PERSIAN, cls="Proposal")
    text = network.add_node("literal", "a mere text\nof two lines\x07")
    network.add_node("uri", "https://example.org/x/ünïcödé?a=1&b=2", label="alone")

    def edge(source: int, target: int, type: str, **said: Any) -> None:
        record = said.get("iri", "")
        network.add_edge(source, target, f"{record} {source} {target} {type}", type=type, **said)

    said = {"iri": f"{SOURCE}moscow-tehran-relations#f24.3", "citation": SOURCE + "one"}
    # An open interval, a closed one, none; a parallel pair that differs by type and by standing.
    edge(namibia, ivory, "recognises", start="1990-03-21", modality="asserted", **said)
    edge(namibia, ivory, "meets", start="1992-04-27", end="1992-04-27", modality="asserted")
    edge(namibia, ivory, "meets", iri=ID + "r", modality="planned", status="planned", weight=2.5)
    edge(russia, iran, "cooperatesWith", statement=QUOTES, evidence=QUOTES, extra={"votes": 3})
    # The same record told twice with other words is one edge.
    edge(iran, hope, "putForward", end="2019-09-25", modality="asserted", evidence="first", **said)
    edge(iran, hope, "putForward", evidence="second", citation=SOURCE + "two", iri=said["iri"])
    edge(russia, hope, COMITY, stance="supportive", label="supports", extra={"votes": 2.5})
    edge(hope, text, "says", start="-0431-01-01", end="1648-10-24")
    edge(iran, iran, "refersTo")
