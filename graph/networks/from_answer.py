"""Networks from answers: the rows of a SELECT, or the triples of a CONSTRUCT."""

import math
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date as Day
from datetime import timedelta
from typing import IO, Any, Final, cast

import pyoxigraph as ox

from comity.graph.descriptions.labels import order
from comity.graph.descriptions.ontology.vocabulary import depth, is_symmetric
from comity.graph.errors import NotAcceptable
from comity.graph.installed import query_file
from comity.graph.networks.elements import Value
from comity.graph.networks.identifiers import class_name
from comity.graph.networks.model import Network
from comity.graph.rdf.namespaces import COMITY, PREFIXES
from comity.graph.rdf.terms import in_words, local_name, shorten

Term = ox.NamedNode | ox.BlankNode | ox.Literal
Row = Mapping[str, Term]

TYPE: Final = PREFIXES["rdf"] + "type"
LABELS: Final = frozenset(PREFIXES[p] + n for p, n in (("rdfs", "label"), ("skos", "prefLabel")))
ISO3: Final = COMITY + "isoAlpha3"
MODALITY: Final = COMITY + "modality"
_XSD: Final = PREFIXES["xsd"]
# The class of what is mentioned but not stated.
_SPOKEN_OF: Final = "Proposition"

# Columns of a row with a fixed attribute of an edge, by the attribute.
_TEXTS: Final = {
    "statement": "statement",
    "words": "evidence",
    "sentence": "sentence",
    "label": "label",
}
_TERMS: Final = ("modality", "stance", "status", "role")
_DATES: Final = {"start": "start", "end": "end", "earliest": "start", "latest": "end"}
# These columns describe a row and are not ends, and neither are names that end in a number
# (record2).
_OF_ROWS: Final = (
    "record citation source type weight directed verdict precision property class graph kind"
)
_NO_ENDS: Final = frozenset((*_TEXTS, *_TERMS, *_DATES, *_OF_ROWS.split()))
_DATE: Final = re.compile(r"(-?\d{4,})(?:-(\d\d)(?:-(\d\d))?)?(?:T.*|Z|[+-]\d\d:\d\d)?", re.ASCII)
_MIDNIGHT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_NEEDED: Final = "Name two columns ?source and ?target to make each row an edge"
_RECORD: Final = re.compile(r"record\d*")
_NUMBERED: Final = re.compile(r"(?:record|statement|words|sentence|source|modality)\d+")


@dataclass(frozen=True, slots=True)
class Ends:
    """Columns of a table that are the ends of an edge."""

    source: str
    target: str


def fill_solutions(network: Network, answer: IO[bytes], ends: Ends | None = None) -> None:
    """Read SPARQL Query Results JSON: each row becomes an edge, see `add_row`.

    A table without ends that names records stands for those records: they are noted, see
    `comity.graph.networks.build`. Raises NotAcceptable for the answer of an ASK, and if no row has
    anything to be a node.
    """
    solutions = ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)
    if not isinstance(solutions, ox.QuerySolutions):
        raise NotAcceptable("a yes or no is not a network", hint="Use a SELECT or a CONSTRUCT")
    if ends is None:
        _check_ends([variable.value for variable in solutions.variables])
    if not add_rows(network, solutions, ends) and not network.node_count and not network.noted:
        raise NotAcceptable(
            "this answer is not a network: no row has two things, or a record",
            hint=_NEEDED,
        )


def _check_ends(names: Sequence[str]) -> None:
    """Raise NotAcceptable for a table with one end of edges and no other column to link."""
    for end, other in (("source", "target"), ("target", "source")):
        rest = [n for n in names if n != end and (_may_end(n) or _RECORD.fullmatch(n))]
        if end in names and other not in names and not rest:
            message = f"this answer is not a network: it has ?{end}, but no ?{other}"
            raise NotAcceptable(message, hint=_NEEDED)


def add_rows(network: Network, solutions: ox.QuerySolutions, ends: Ends | None = None) -> bool:
    """Add the rows of a table; True if it has none."""
    names = [variable.value for variable in solutions.variables]
    if ends is None and {"source", "target"} <= set(names):
        ends = Ends("source", "target")
    empty = True
    for solution in solutions:
        empty = False
        row = {name: term for name in names if (term := solution[name]) is not None}
        add_row(network, _with_texts(row, ends), ends)
    return empty


def _with_texts(row: Mapping[str, Term | ox.Triple], ends: Ends | None) -> Row:
    """Return a row whose triple terms are ends or text: other attributes can't hold them."""
    may_be = (ends.source, ends.target) if ends else ()
    found = {
        name: ox.Literal(written(term))
        if isinstance(term, ox.Triple) and name not in may_be
        else term
        for name, term in row.items()
    }
    return cast(Row, found)  # ends go to `add_term`, which accepts triple terms


def add_row(network: Network, row: Row, ends: Ends | None) -> None:
    """Add one row: with `ends` an edge between two columns, else a star.

    A row that names records and has no ends is only noted. The centre of the star is the first
    column with a thing; the type of an edge to another thing is the name of its column. An edge is
    undirected by the column `directed`, or by a type that the ontology calls symmetric.
    """
    if ends is not None:
        pairs = [(ends.source, ends.target)]
        used = {ends.source, ends.target}
    elif records := [row[name] for name in row if _RECORD.fullmatch(name)]:
        network.noted.update(r.value for r in records if isinstance(r, ox.NamedNode))
        return
    else:
        things = [n for n, term in row.items() if _may_end(n) and isinstance(term, ox.NamedNode)]
        pairs = [(things[0], name) for name in things[1:]] or [(n, "") for n in things[:1]]
        used = set(things)
    said = _said(row, used)
    for source, target in pairs:
        _add_edge(network, row, source, target, said, starred=ends is None)


def _add_edge(
    network: Network, row: Row, source: str, target: str, said: dict[str, Any], starred: bool
) -> None:
    numbers = [
        _add_end(network, row, name, "source" if name == source else "target")
        for name in (source, target)
        if name in row
    ]
    if len(numbers) < 2:
        return
    type_ = row.get("type")
    found: dict[str, Any] = {"type": None}
    if isinstance(type_, ox.NamedNode):
        found = {"type": local_name(type_.value), "term": type_.value}
        said = {"directed": not is_symmetric(type_.value), **said}
    elif isinstance(type_, ox.Literal):
        found["type"] = type_.value
    if starred and found["type"] is None:
        found["type"] = said.get("stance") or target
    if "record" in row:
        # Rows that repeat a record describe the same edge.
        key = "\n".join(
            (row["record"].value, str(row[source]), str(row[target]), str(found["type"]))
        )
    else:
        key = network.unique("\n".join(f"{name} {term}" for name, term in row.items()) + target)
    network.add_edge(numbers[0], numbers[1], key, **found, **said)


def _add_end(network: Network, row: Row, name: str, role: str) -> int:
    """Add the node of a column, with the attributes in the columns source_… or target_…."""
    term = row[name]
    said: dict[str, Any] = {"extra": {}}
    for column, value in row.items():
        if not column.startswith(f"{role}_"):
            continue
        of = column.removeprefix(f"{role}_")
        if of == "label":
            said["label"] = value.value
        elif of == "class":
            said["cls"] = (
                class_name(value.value) if isinstance(value, ox.NamedNode) else value.value
            )
        elif of == "iso3":
            said["iso3"] = value.value
        else:
            said["extra"][of] = plain(value)
    return add_term(network, term, **said)


def _said(row: Row, used: set[str]) -> dict[str, Any]:
    """Return the attributes of an edge from the columns of its row other than the ends.

    Its start and end are days that it includes. A moment in the column `end` is the first at which
    it no longer holds (as in `comity:end` and RFC 5545, 3.8.2.2), so at midnight the day is
    excluded.
    """
    said: dict[str, Any] = {"extra": {}}
    for name, term in row.items():
        if name in used or name.startswith(("source_", "target_")) or name == "type":
            continue
        if name in _TEXTS:
            said[_TEXTS[name]] = term.value
        elif name in _TERMS:
            said[name] = local_name(term.value) if isinstance(term, ox.NamedNode) else term.value
        elif name in _DATES:
            said.setdefault(_DATES[name], date(term.value, last=_DATES[name] == "end"))
        elif name == "directed":
            said["directed"] = plain(term) != 0  # false equals 0, and Virtuoso writes it as 0
        elif name == "weight":
            weight = plain(term)
            if isinstance(weight, int | float):
                said["weight"] = float(weight)
            else:  # not a finite number: kept, but not as the weight
                said["extra"]["weight"] = weight
        elif name == "record":
            said["iri"] = term.value
        elif name in ("citation", "source"):
            said["citation"] = term.value
        else:
            said["extra"][name] = plain(term)
    if (end := row.get("end")) is not None and said.get("end") != said.get("start"):
        said["end"] = _day_before(end.value) or said.get("end")
    return said


def _day_before(moment: str) -> str | None:
    """Return the day that ends at a moment; None if it is not midnight."""
    match = _MIDNIGHT.fullmatch(moment)
    try:
        return (Day.fromisoformat(match[1]) - timedelta(days=1)).isoformat() if match else None
    except (ValueError, OverflowError):  # before the year 1, after 9999, or not a day
        return None


def fill_triples(network: Network, answer: IO[bytes], language: str = "en") -> None:
    """Read N-Triples: records and other links between two IRIs become edges.

    A literal is an attribute of its subject, a type its class; of several labels the one for a
    reader of `language` is kept. Records are what has a modality.
    """
    if _has_records(answer):
        _add_records(network, answer, language)
    else:
        _add_triples(network, ox.parse(answer, ox.RdfFormat.N_TRIPLES), language)
    network.run(
        "UPDATE node SET label = (SELECT text FROM name WHERE node = number)"
        " WHERE label IS NULL AND number IN (SELECT node FROM name)"
    )


def _add_records(network: Network, answer: IO[bytes], language: str) -> None:
    # On disk: it may be large, and collapsing a record needs all of its triples at once.
    with tempfile.TemporaryDirectory(prefix="comity-network-") as folder:
        store = ox.Store(folder)
        store.bulk_load(answer, ox.RdfFormat.N_TRIPLES)
        solutions = store.query(query_file(RECORDS))
        assert isinstance(solutions, ox.QuerySolutions)
        add_rows(network, solutions)
        collapsed = set(network.run("SELECT DISTINCT iri FROM edge WHERE iri IS NOT NULL"))
        _add_triples(network, store, language, {iri for (iri,) in collapsed})
        del store


# Run on the constructed graph only, it collapses the records in it.
RECORDS: Final = "networks/parts/records"


def _add_triples(
    network: Network,
    quads: Iterable[ox.Quad],
    language: str,
    collapsed: AbstractSet[str] = frozenset(),
) -> None:
    """Add triples one by one, except those from and to records `collapsed` into edges."""
    for quad in quads:
        subject, predicate, object_ = quad.subject, quad.predicate.value, quad.object
        if isinstance(subject, ox.Triple):  # impossible in RDF 1.2, but pyoxigraph's types allow it
            continue
        if subject.value in collapsed:
            continue
        if not isinstance(object_, ox.Triple) and object_.value in collapsed:
            continue
        if predicate == TYPE and isinstance(object_, ox.NamedNode):
            say_class(network, subject, object_.value)
        elif predicate in LABELS and isinstance(object_, ox.Literal):
            _note_label(network, network.add_node(*key(subject)), object_, language)
        elif predicate == ISO3 and isinstance(object_, ox.Literal):
            network.add_node(*key(subject), iso3=object_.value)
        elif isinstance(object_, ox.Literal):
            name = local_name(predicate)
            network.add_node(*key(subject), extra={name: plain(object_)})
        else:
            # A symmetric property stated in both directions is one relation.
            directed = not is_symmetric(predicate)
            ends = [subject, object_] if directed else sorted((subject, object_), key=str)
            network.add_edge(
                add_term(network, ends[0]),
                add_term(network, ends[1]),
                f"{ends[0]} {predicate} {ends[1]}",
                type=local_name(predicate),
                term=predicate,
                directed=directed,
            )


def _note_label(network: Network, node: int, label: ox.Literal, language: str) -> None:
    """Keep a label of a node unless an earlier one suits the reader better."""
    network.run(
        "INSERT INTO name VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET rank = excluded.rank,"
        " language = excluded.language, text = excluded.text WHERE"
        " (excluded.rank, excluded.language, excluded.text) < (rank, language, text)",
        (node, *order(label.language or "", label.value, language)),
    )


def say_class(network: Network, thing: ox.NamedNode | ox.BlankNode, iri: str) -> None:
    """Set the class of a thing: of several, the most specific in the ontology is kept."""
    number, cls = network.add_node(*key(thing)), class_name(iri)
    ((known,),) = network.run("SELECT cls FROM node WHERE number = ?", (number,))
    if not known or (-depth(cls), cls) < (-depth(known), known):
        network.run("UPDATE node SET cls = ? WHERE number = ?", (cls, number))


def _has_records(answer: IO[bytes]) -> bool:
    """True if the triples contain records; rewinds the file."""
    found, before, mark = False, b"", f"<{MODALITY}>".encode()
    while not found and (chunk := answer.read(1 << 20)):
        found, before = mark in before + chunk, chunk[-len(mark) :]
    answer.seek(0)
    return found


def add_term(network: Network, term: Term | ox.Triple, **said: Any) -> int:
    """Add the node of a term with attributes, and return its number.

    A triple term is mentioned, not stated: it becomes a proposition, with edges that are not facts
    to its subject and object.
    """
    if not isinstance(term, ox.Triple):
        return network.add_node(*key(term), **said)
    said = {**said, "label": said.get("label") or written(term), "cls": _SPOKEN_OF}
    number = network.add_node("triple", str(term), **said)
    for part, end in (("subject", term.subject), ("object", term.object)):
        if part == "object" and isinstance(end, ox.Literal):
            continue  # the label has it
        network.add_edge(number, add_term(network, end), f"{term} {part}", type=part, status="said")
    return number


def written(term: ox.Triple) -> str:
    """Write a triple term for people: iran opposes russia."""
    subject, object_ = (
        f"({written(end)})" if isinstance(end, ox.Triple) else shorten(end).removeprefix("id:")
        for end in (term.subject, term.object)
    )
    return f"{subject} {in_words(local_name(term.predicate.value))} {object_}"


def key(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> tuple[str, str]:
    """Return a term as arguments of `Network.add_node`."""
    if isinstance(term, ox.NamedNode):
        return "uri", term.value
    return ("literal" if isinstance(term, ox.Literal) else "bnode"), term.value


def plain(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Value:
    """Convert a term to an attribute value: numbers as such, IRIs shortened, the rest as text."""
    if not isinstance(term, ox.Literal):
        return shorten(term)
    datatype = term.datatype.value.removeprefix(_XSD)
    try:
        if datatype == "boolean":
            return {"true": True, "1": True, "false": False, "0": False}[term.value]
        if datatype in ("integer", "int", "long", "nonNegativeInteger", "positiveInteger"):
            return number if abs(number := int(term.value)) < 2**63 else term.value
        if datatype in ("decimal", "double", "float"):
            real = float(term.value)
            return real if math.isfinite(real) else term.value
    except (ValueError, KeyError):
        pass
    return term.value


def date(text: str, *, last: bool) -> str:
    """Convert a date or moment to a day: of a year or month the first, or the `last`."""
    match = _DATE.fullmatch(text)
    if match is None or match[3]:
        return f"{match[1]}-{match[2]}-{match[3]}" if match else text
    year, month = match[1], match[2] or ("12" if last else "01")
    if not last:
        return f"{year}-{month}-01"
    number, of = int(year), int(month)
    leap = number % 4 == 0 and (number % 100 != 0 or number % 400 == 0)
    days = {2: 29 if leap else 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(of, 31)
    return f"{year}-{month}-{days}"


def _may_end(name: str) -> bool:
    return name not in _NO_ENDS and not _NUMBERED.fullmatch(name)
