"""Types of parameters: the values that a caller may write, and their RDF terms."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import pyoxigraph

from comity.graph.errors import ParameterError, quoted
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES, SOURCE
from comity.graph.sparql.substitution import Term

# Types whose values are named things, each with its class.
CLASSES: Final[Mapping[str, str]] = {
    "agent": COMITY + "Agent",
    "state": COMITY + "State",
    "person": COMITY + "Person",
    "organisation": COMITY + "Organisation",
    "office": COMITY + "Office",
    "format": COMITY + "Format",
    "agreement": COMITY + "Agreement",
    "document": COMITY + "Document",
    "proposal": COMITY + "Proposal",
    "event": COMITY + "Event",
    "place": COMITY + "Place",
    "issue": COMITY + "Issue",
    "stance": COMITY + "Stance",
    "modality": COMITY + "Modality",
    "role": COMITY + "Role",
    "status": COMITY + "Status",
    "source": COMITY + "Source",
}
# Each type with a description of its values, for people.
TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(CLASSES, "a name in any language or a part of it, a code, a slug or an IRI"),
    "thing": "a name in any language or a part of it, a code, a slug or an IRI of anything",
    "term": "the name or IRI of a term of the ontology",
    "record": "the IRI of a record, or its fragment: f39.1",
    "date": "a date: 2021-02-22, 2021-02 or 2021, from its first second",
    "date-end": "a date: 2021-02-22, 2021-02 or 2021, to its last second",
    "integer": "a whole number",
    "boolean": "yes or no",
    "text": "any text",
}
BOOLEANS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("yes", "true", "1"), True),
    **dict.fromkeys(("no", "false", "0"), False),
}
LONGEST_TEXT: Final = 10_000

_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", re.ASCII)
# The engine's range of integers. A longer xsd:integer is stored, but equal to nothing.
_INTEGER: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_XSD: Final = PREFIXES["xsd"]
_BASES: Final = (ID, COMITY, SOURCE)


def literal(name: str, type: str, value: str) -> pyoxigraph.Literal:
    """Return the literal for a value of type date, date-end, integer, boolean or text.

    Raises ParameterError, which names the parameter.
    """
    if type == "integer":
        if not _INTEGER.fullmatch(value):
            raise ParameterError(name, f"{quoted(value)} is not a whole number", hint="Write 12")
        return pyoxigraph.Literal(str(int(value)), datatype=_datatype("integer"))
    if type == "boolean":
        if (said := BOOLEANS.get(value.lower())) is None:
            raise ParameterError(name, f"{quoted(value)} is neither yes nor no", hint="Write yes")
        return pyoxigraph.Literal(said)
    if type == "text":
        if len(value) > LONGEST_TEXT:
            raise ParameterError(name, f"the text is longer than {LONGEST_TEXT:,} characters")
        return pyoxigraph.Literal(value)
    return pyoxigraph.Literal(
        _moment(name, value, type == "date-end"), datatype=_datatype("dateTime")
    )


def _moment(name: str, value: str, last: bool) -> str:
    """Return the first or last second of a day, month or year, or the moment itself, in UTC."""
    try:
        if _MOMENT.fullmatch(value):
            moment = datetime.fromisoformat(value).astimezone(UTC)
        elif match := _DATE.fullmatch(value):
            moment = _bound(match, last)
        else:
            raise ValueError("not in one of these forms")
    except (ValueError, OverflowError) as error:
        message = f"{quoted(value)} is not a date: {error}"
        raise ParameterError(name, message, hint="Write 2021-02-22, 2021-02 or 2021") from None
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _bound(match: re.Match[str], last: bool) -> datetime:
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    month = month if month is not None else 12 if last else 1
    if not 1 <= month <= 12:
        raise ValueError("there is no such month")
    day = day if day is not None else monthrange(max(year, 1), month)[1] if last else 1
    hour, minute, second = (23, 59, 59) if last else (0, 0, 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _datatype(name: str) -> pyoxigraph.NamedNode:
    return pyoxigraph.NamedNode(_XSD + name)


def plain(term: Term | None) -> str:
    """Write a term as a caller may give it: slug, name, date, yes or no, or the IRI."""
    if term is None:
        return ""
    if is_moment(term):
        return _day(term.value)
    if "boolean" in str(getattr(term, "datatype", "")):
        return "yes" if term.value == "true" else "no"
    return plain_iri(term.value)


def plain_iri(iri: str) -> str:
    """Write an IRI as a caller may give it."""
    for base in _BASES:
        local = iri.removeprefix(base)
        if local != iri and "/" not in local and "#" not in local:
            return local
    return iri


def is_moment(term: Term | None) -> bool:
    """True if a term is a date with a time."""
    return "dateTime" in str(getattr(term, "datatype", ""))


def read_language(value: str) -> str:
    """Parse the tag of a language, English if empty. Raises ParameterError."""
    value = value.strip() or "en"
    if not _LANGUAGE.fullmatch(value) or len(value) > 35:
        message = f"{quoted(value)} is not the tag of a language"
        raise ParameterError("lang", message, hint="Write en, ru or fa")
    return value


def _day(moment: str) -> str:
    whole = moment.endswith(("T00:00:00Z", "T23:59:59Z"))
    return moment[:10] if whole else moment
