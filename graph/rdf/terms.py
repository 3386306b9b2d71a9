"""Terms as people write and read them: a slug, a prefixed name, an IRI, a literal in Turtle."""

import re
from typing import Final

import pyoxigraph as ox

from comity.graph.errors import QueryError
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES, SOURCE

WrittenTriple = tuple[str, str, str]

_PLAIN: Final = re.compile(r"[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_LONGEST_FIRST: Final = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))
_SLUG: Final = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


def read_triple(subject: str, predicate: str, object_: str) -> ox.Triple:
    """Parse a triple from three written terms.

    A bare word is the slug of a thing; as the predicate it is the name of a Comity property or `a`,
    and after `a` the name of a class. Raises QueryError.
    """
    first, second = read_term(subject), read_term(predicate, COMITY)
    if not isinstance(first, ox.NamedNode) or not isinstance(second, ox.NamedNode):
        raise QueryError("subject and predicate of a triple must be IRIs")
    is_class = second.value == PREFIXES["rdf"] + "type"
    return ox.Triple(first, second, read_term(object_, COMITY if is_class else ID))


def read_term(text: str, base: str = ID) -> ox.NamedNode | ox.Literal:
    """Parse a slug below `base`, a prefixed name, an IRI or a literal; raises QueryError."""
    prefix, colon, local = text.partition(":")
    try:
        if text == "a" and base == COMITY:
            return ox.NamedNode(PREFIXES["rdf"] + "type")
        if text.startswith('"'):
            return _literal(text)
        if _SLUG.fullmatch(text):
            return ox.NamedNode(base + text)
        if colon and prefix in PREFIXES:
            return ox.NamedNode(PREFIXES[prefix] + local)
        return ox.NamedNode(text.removeprefix("<").removesuffix(">"))
    except (ValueError, SyntaxError) as error:
        raise QueryError(
            f"{text} is not a term: {error}",
            hint="Write a slug (iran), a prefixed name (id:iran), an IRI, or a literal in quotes.",
        ) from None


def absolute_iri(text: str) -> str:
    """Return a text that is an absolute IRI. Raises ValueError."""
    return ox.NamedNode(text).value


def write_triple(triple: ox.Triple) -> WrittenTriple:
    """Write the terms of a triple as `read_triple` reads them: IRIs bare, the rest as N-Triples."""
    subject, predicate, object_ = map(write_term, triple)
    return subject, predicate, object_


def write_term(term: object) -> str:
    """Write a term as `read_term` reads it."""
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def shorten(term: object) -> str:
    """Shorten a term, or the text of an IRI, for people: prefixed name, or value of a literal.

    What belongs to a source becomes source:name#fragment, which is not valid Turtle but short.
    """
    if isinstance(term, ox.Literal):
        return term.value
    value = term.value if isinstance(term, ox.NamedNode) else str(term)
    if value.startswith(SOURCE):
        return "source:" + value.removeprefix(SOURCE)
    for prefix, base in _LONGEST_FIRST:
        if value.startswith(base) and len(value) > len(base):
            return f"{prefix}:{value.removeprefix(base)}"
    return value


def _literal(text: str) -> ox.Literal:
    quads = list(ox.parse(f"<x:s> <x:p> {text} .", ox.RdfFormat.N_TRIPLES))
    if len(quads) != 1 or not isinstance(quads[0].object, ox.Literal):
        raise ValueError("not a single literal")
    return quads[0].object


def local_name(iri: str) -> str:
    """Return the last part of an IRI: supportive, memberOf."""
    return re.split(r"[/#]", iri.rstrip("/#"))[-1] or iri


def in_words(name: str) -> str:
    """Split a name in camel case into words: takes part in."""
    return _HUMP.sub(" ", name).replace("_", " ").lower() if _PLAIN.fullmatch(name) else name
