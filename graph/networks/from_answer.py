"""A network out of an answer: the rows of a SELECT, or the triples of a CONSTRUCT."""

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
from comity.graph.descriptions.vocabulary import depth, is_symmetric
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
# The class of what is spoken of, and stated nowhere.
_SPOKEN_OF: Final = "Proposition"

# The columns of a row that an edge has a place for, by the name of that place.
_TEXTS: Final = {
    "statement": "statement",
    "words": "evidence",
    "sentence": "sentence",
    "label": "label",
}
_TERMS: Final = ("modality", "stance", "status", "role")
_DATES: Final = {"start": "start", "end": "end", "earliest": "start", "latest": "end"}
# Beside the columns whose names end in a number (record2): they speak of a row, and are no ends.
_OF_ROWS: Final = (
    "record citation source type weight directed verdict precision property class graph kind"
)
_NO_ENDS: Final = frozenset((*_TEXTS, *_TERMS, *_DATES, *_OF_ROWS.split()))
_DATE: Final = re.compile(r"(-?\d{4,})(?:-(\d\d)(?:-(\d\d))?)?(?:T.*|Z|[+-]\d\d:\d\d)?", re.ASCII)
_MIDNIGHT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_NEEDED: Final = "Name two columns ?source and ?target: each row is then an edge"
_RECORD: Final = re.compile(r"record\d*")
_NUMBERED: Final = re.compile(r"(?:record|statement|words|sentence|source|modality)\d+")


@dataclass(frozen=True, slots=True)
class Ends:
    """Which columns of a table are the ends of an edge."""

    source: str
    target: str


def fill_solutions(network: Network, answer: IO[bytes], ends: Ends | None = None) -> None:
    """Read SPARQL Query Results JSON: each row is an edge, as `add_row` says.

    A table without ends that names records stands for these: they are noted, see
    `comity.graph.networks.build`. Raises NotAcceptable for the answer of an ASK, and where no row
    has anything to be a node.
    """
    solutions = ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)
    if not isinstance(solutions, ox.QuerySolutions):
        raise NotAcceptable("a yes or no is no network", hint="Ask a SELECT or a CONSTRUCT")
    if ends is None:
        _check_ends([variable.value for variable in solutions.variables])
    if not add_rows(network, solutions, ends) and not network.node_count and not network.noted:
        raise NotAcceptable(
            "this answer is no network: it has no things beside each other, and no records",
            hint=_NEEDED,
        )


def _check_ends(names: Sequence[str]) -> None:
    """Raise NotAcceptable where a table has one end of edges, and nothing else to lead to."""
    for end, other in (("source", "target"), ("target", "source")):
        rest = [n for n in names if n != end and (_may_end(n) or _RECORD.fullmatch(n))]
        if end in names and other not in names and not rest:
            message = f"this answer is no network: it has ?{end}, but no ?{other}"
            raise NotAcceptable(message, hint=_NEEDED)


def add_rows(network: Network, solutions: ox.QuerySolutions, ends: Ends | None = None) -> bool:
    """Add the rows of a table; tells whether it has none."""
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
    """A row whose triple terms are ends, or texts: no other place of an edge holds one."""
    may_be = (ends.source, ends.target) if ends else ()
    found = {
        name: ox.Literal(written(term))
        if isinstance(term, ox.Triple) and name not in may_be
        else term
        for name, term in row.items()
    }
    return cast(Row, found)  # what is an end goes to `add_term`, which knows triple terms


def add_row(network: Network, row: Row, ends: Ends | None) -> None:
    """Add what one row says: with `ends` one edge between two columns, else a star.

    A row that names records, and has no ends, is only noted. The middle of the star is the first
    column that has a thing, and the name of the column that another thing stands in is the type of
    the edge to it. What has no direction says so in the column `directed`, or is of a type that the
    ontology calls symmetric.
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
        # Rows that repeat a record tell more of one edge.
        key = "\n".join(
            (row["record"].value, str(row[source]), str(row[target]), str(found["type"]))
        )
    else:
        key = network.unique("\n".join(f"{name} {term}" for name, term in row.items()) + target)
    network.add_edge(numbers[0], numbers[1], key, **found, **said)


def _add_end(network: Network, row: Row, name: str, role: str) -> int:
    """Add the node of a column, with what the columns source_… or target_… say of it."""
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
    """What a row says of its edge, beside the ends.

    Its start and end are days that belong to it. A moment in the column `end` is the first at which
    it no longer holds (as `comity:end` and RFC 5545, 3.8.2.2, have it): at midnight, the day is over.
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
            said["directed"] = plain(term) != 0  # which false is, and what Virtuoso has for it
        elif name == "weight":
            weight = plain(term)
            if isinstance(weight, int | float):
                said["weight"] = float(weight)
            else:  # no number, or infinite: not lost, but no weight
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
    """The day that is over at a moment; None for what is no midnight."""
    match = _MIDNIGHT.fullmatch(moment)
    try:
        return (Day.fromisoformat(match[1]) - timedelta(days=1)).isoformat() if match else None
    except (ValueError, OverflowError):  # before the year 1, beyond 9999, or no day at all
        return None


def fill_triples(network: Network, answer: IO[bytes], language: str = "en") -> None:
    """Read N-Triples: records become edges, and so does what else links two IRIs.

    A literal is an attribute of its subject; a type is its class; of several labels that stays which
    a reader of `language` wants. Records are what has a modality.
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


# Over the constructed graph alone, it collapses the records in it.
RECORDS: Final = "networks/parts/records"


def _add_triples(
    network: Network,
    quads: Iterable[ox.Quad],
    language: str,
    collapsed: AbstractSet[str] = frozenset(),
) -> None:
    """Add triples one by one, but for those of and to what has been `collapsed` into edges."""
    for quad in quads:
        subject, predicate, object_ = quad.subject, quad.predicate.value, quad.object
        if isinstance(subject, ox.Triple):  # RDF 1.2 has none, though pyoxigraph's types do
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
            # A symmetric property told in both directions is one relation.
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
    """Keep a label of a node, if a reader wants none of those that came before more than it."""
    network.run(
        "INSERT INTO name VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET rank = excluded.rank,"
        " language = excluded.language, text = excluded.text WHERE"
        " (excluded.rank, excluded.language, excluded.text) < (rank, language, text)",
        (node, *order(label.language or "", label.value, language)),
    )


def say_class(network: Network, thing: ox.NamedNode | ox.BlankNode, iri: str) -> None:
    """Say that a thing is of a class: of several, the one lowest in the ontology stays."""
    number, cls = network.add_node(*key(thing)), class_name(iri)
    ((known,),) = network.run("SELECT cls FROM node WHERE number = ?", (number,))
    if not known or (-depth(cls), cls) < (-depth(known), known):
        network.run("UPDATE node SET cls = ? WHERE number = ?", (cls, number))


def _has_records(answer: IO[bytes]) -> bool:
    """Whether the triples speak of records; leaves the file at its beginning."""
    found, before, mark = False, b"", f"<{MODALITY}>".encode()
    while not found and (chunk := answer.read(1 << 20)):
        found, before = mark in before + chunk, chunk[-len(mark) :]
    answer.seek(0)
    return found


def add_term(network: Network, term: Term | ox.Triple, **said: Any) -> int:
    """Add the node of a term, and say of it what is `said`; gives its number.

    A triple term is spoken of, and stated nowhere: it is a proposition, from which edges that are
    no facts lead to its own subject and object.
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
    """A triple term for people: iran opposes russia."""
    subject, object_ = (
        f"({written(end)})" if isinstance(end, ox.Triple) else shorten(end).removeprefix("id:")
        for end in (term.subject, term.object)
    )
    return f"{subject} {in_words(local_name(term.predicate.value))} {object_}"


def key(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> tuple[str, str]:
    """A term as `Network.add_node` takes it."""
    if isinstance(term, ox.NamedNode):
        return "uri", term.value
    return ("literal" if isinstance(term, ox.Literal) else "bnode"), term.value


def plain(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Value:
    """A term as the value of an attribute: numbers as such, an IRI shortened, all else as text."""
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
    """A date or a moment as a day: of a year or a month the first, or the `last` one."""
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
