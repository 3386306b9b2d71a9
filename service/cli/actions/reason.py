"""Actions of `comity reason` and `comity why`."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import httpx

from comity.graph.engines.bundle import renew
from comity.graph.engines.remote import data as remote_data
from comity.graph.engines.remote.store import RemoteStore
from comity.graph.errors import ComityError, QueryError, StoreInUse
from comity.graph.rdf.terms import shorten
from comity.graph.reasoning.alternatives import explain_triple, say_count
from comity.graph.reasoning.explanation import STATED
from comity.graph.reasoning.reasons import read_question, shorten_question
from comity.graph.store.interface import Why
from comity.graph.store.record import installed_hash
from comity.service.cli.actions.query import refusal
from comity.service.cli.actions.store import open_any
from comity.service.cli.terminal.console import put, say
from comity.service.settings import Settings


def derive_anew(settings: Settings) -> None:
    """Rebuild the derived facts of the store, and print how many each rule gives."""
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


def explain(terms: tuple[str, str, str], limit: int, format: str, settings: Settings) -> None:
    """Print the derivations of a triple down to the words of the sources."""
    question = replace(read_question(*terms), limit=limit)
    with closing(open_any(settings)) as store:
        document = explain_triple(store.engine, question)
    if document is None:
        raise QueryError(
            f"{shorten_question(question)}: not stated, and not derivable",
            hint="Look at what is known, for example SELECT * { id:iran ?p ?o }.",
        )
    text = json.dumps(document, indent=2, ensure_ascii=False)
    put(text if format == "json" else "\n".join(trees(document)))


def answer(question: Mapping[str, str], format: str, settings: Settings) -> None:
    """Print the answer of /why, from the store or the service that holds it."""
    try:
        body = asyncio.run(_from_store(question, settings))
    except StoreInUse as held:
        if held.address is None:
            raise
        body = _from_service(held.address, question, settings)
    document = json.loads(body)
    if format == "json":
        put(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if document["derivations"]:
        put("\n".join(trees(document)))
    else:
        put("\n".join(line for record in document["records"] for line in evidence_lines(record)))


async def _from_store(question: Mapping[str, str], settings: Settings) -> bytes:
    from comity.service.app import create_app

    with closing(open_any(settings)) as store:
        transport = httpx.ASGITransport(create_app(store, settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
            return _body(await client.get("/why", params={**question, "format": "json"}))


def _from_service(address: str, question: Mapping[str, str], settings: Settings) -> bytes:
    try:
        response = httpx.get(
            f"{address.rstrip('/')}/why",
            params={**question, "format": "json"},
            timeout=settings.timeout + 5,
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise ComityError(f"the connection to the service at {address} was lost: {error}") from None
    return _body(response)


def _body(response: httpx.Response) -> bytes:
    if response.is_error:
        raise refusal(response, response.content)
    return response.content


def trees(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of all derivations that are listed, then how many there are."""
    for derivation in document["derivations"]:
        yield from tree(derivation)
        yield ""
    yield say_count(document)


def tree(of: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Yield the lines of a derivation (see `as_json`), each premise below its conclusion."""
    said = shorten_question(Why(*of["triple"]))
    where = ", ".join(map(_graph, of["graphs"])) if of["rule"] == STATED else f"by {of['rule']}"
    yield f"{indent}{said}  ({where})"
    shown = of["evidence"] if of["premises"] or not indent else ()
    for item in shown:
        yield from (f"{indent}  {line}" for line in evidence_lines(item))
    for premise in of["premises"]:
        yield from tree(premise, indent + "    ")


def evidence_lines(of: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a record's evidence (see `comity.graph.descriptions.records.evidence`)."""
    # A service of an earlier release tells neither verdicts nor context.
    wrong = "".join(f", found to be {verdict}" for verdict in of.get("verdicts", ()))
    yield f"| {shorten(of['record'])}: {of['label']} ({of['modality']}{wrong})"
    for quotation in of["quotations"]:
        sentence = quotation["sentence"]
        yield f"|   “{quotation['words']}”" + (
            "" if sentence is None else f" (sentence {sentence})"
        )
    if context := of.get("context"):
        told = ", ".join(str(each["sentence"] or shorten(each["iri"])) for each in context)
        yield f"|   points to sentence{'s' if len(context) > 1 else ''} {told}"
    for cited in of["citations"]:
        yield f"|   {shorten(cited['iri'])} {cited['page'] or ''}".rstrip()


def _graph(iri: str) -> str:
    return shorten(iri) if iri else "the default graph"


def _deriving(what: str) -> None:
    say(f"deriving: {what}")
