"""`comity reason`: derive all facts anew, or tell why one of them holds."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

from comity.graph import remote_data
from comity.graph.bundle import installed_hash, renew
from comity.graph.derivation import STATED, Derivation, derivation
from comity.graph.errors import QueryError
from comity.graph.evidence import Evidence
from comity.graph.remote import RemoteStore
from comity.graph.written import read_triple, shorten
from comity.service.console import put, say
from comity.service.settings import Settings
from comity.service.stores import open_any


def derive_anew(settings: Settings) -> None:
    """Derive all facts of the store anew, and say how many each rule gives."""
    with closing(open_any(settings)) as store:
        if isinstance(store, RemoteStore):
            derived = remote_data.renew(store, _deriving)
        elif installed_hash(store) is None:
            raise QueryError("the store has no bundled graphs, so nothing is derived in it")
        else:
            with store.replacing() as engine:
                derived = renew(engine, progress=_deriving)
    for name, count in derived.shortcuts.items():
        put(f"{name}\t{count}")
    say(str(derived))


def explain(terms: tuple[str, str, str], format: str, settings: Settings) -> None:
    """Print the derivation of a triple down to the words of the sources."""
    triple = read_triple(*terms)
    with closing(open_any(settings)) as store:
        found = derivation(store, triple)
    if found is None:
        raise QueryError(
            f"{' '.join(map(shorten, triple))}: nothing states it, and it does not follow",
            hint="Ask without a predicate for what is known: SELECT * { id:iran ?p ?o }.",
        )
    text = json.dumps(as_json(found), indent=2, ensure_ascii=False)
    put(text if format == "json" else "\n".join(tree(found)))


def tree(of: Derivation, indent: str = "") -> Iterator[str]:
    """The lines of a derivation, each premise below what follows from it."""
    said = " ".join(map(shorten, of.triple))
    where = ", ".join(map(_graph, of.graphs)) if of.rule == STATED else f"by {of.rule}"
    yield f"{indent}{said}  ({where})"
    shown = of.evidence if of.premises or not indent else ()
    for item in shown:
        yield from (f"{indent}  {line}" for line in _evidence(item))
    for premise in of.premises:
        yield from tree(premise, indent + "    ")


def as_json(of: Derivation) -> dict[str, object]:
    """A derivation as JSON, terms in full."""
    return {
        "triple": [str(term) for term in of.triple],
        "rule": of.rule,
        "graphs": list(of.graphs),
        "evidence": [asdict(item) for item in of.evidence],
        "premises": [as_json(premise) for premise in of.premises],
    }


def _evidence(of: Evidence) -> Iterator[str]:
    yield f"| {shorten(of.record)}: {of.label} ({of.modality})"
    for quotation in of.quotations:
        sentence = "" if quotation.sentence is None else f" (sentence {quotation.sentence})"
        yield f"|   “{quotation.words}”{sentence}"
    for cited in of.citations:
        yield f"|   {shorten(cited.iri)} {cited.page or ''}".rstrip()


def _graph(iri: str) -> str:
    return shorten(iri) if iri else "the default graph"


def _deriving(what: str) -> None:
    say(f"deriving: {what}")
