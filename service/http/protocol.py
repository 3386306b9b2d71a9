"""SPARQL 1.1 Protocol: reads the operation that an HTTP request asks for."""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Final
from urllib.parse import parse_qs

from fastapi import Request

from comity.graph.rdf.terms import absolute_iri
from comity.graph.sparql.dataset import Dataset
from comity.service.http.decoding import Sink, is_compressed
from comity.service.http.problems import Refusal

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
MAX_FIELDS: Final = 1000
_KNOWN: Final = frozenset(
    ("query", "default-graph-uri", "named-graph-uri", "format", "output", "results", "timeout")
)

_UPDATES: Final = "Send updates to /update"
_EXAMPLE: Final = "/sparql?query=SELECT * { ?s ?p ?o } LIMIT 10 (percent-encoded)"

Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Operation:
    """A query operation as stated by the request; None for what is not stated.

    `further` has the parameters that are not in the protocol, each once.
    """

    text: str
    dataset: Dataset | None
    format: str | None
    timeout: float | None
    further: Mapping[str, str]


async def read_operation(request: Request, max_body: int) -> Operation | None:
    """Read the query operation of a request; None for a bare GET, which gets the description."""
    parameters: Parameters = parse_fields(request.scope["query_string"])
    if request.method == "POST":
        body = await read_body(request, max_body)
        parameters = _with_body(parameters, request.headers.get("content-type"), body)
    elif not parameters:
        return None
    return Operation(
        text=_query(parameters),
        dataset=_dataset(parameters),
        format=_format(parameters),
        timeout=_timeout(parameters),
        further={name: values[-1] for name, values in parameters.items() if name not in _KNOWN},
    )


async def read_body(request: Request, limit: int) -> bytes:
    """Read the body of a request, decompressed; fails once it exceeds `limit` bytes."""
    body = io.BytesIO()
    sink = Sink(body, limit, "COMITY_MAX_BODY", compressed=is_compressed(request))
    sink.expect(request)
    async for chunk in request.stream():
        sink.take(chunk)
    sink.end()
    return body.getvalue()


def _with_body(parameters: Parameters, content_type: str | None, body: bytes) -> Parameters:
    """Combine the parameters of the address and of a POST body (§2.1.2, §2.1.3)."""
    kind = media_type_of(content_type)
    if kind == FORM:
        return merge(parameters, parse_fields(body))
    if kind == QUERY:
        return merge(parameters, {"query": [decode(body)]})
    if kind == UPDATE:
        raise Refusal(400, "This address takes queries, not updates", hint=_UPDATES)
    raise Refusal(
        415,
        f"The body's type is {kind}" if kind else "The body has no Content-Type",
        hint=f"Send a query as {QUERY}, or as the parameter `query` of {FORM}",
        headers={"Accept-Post": f"{QUERY}, {FORM}"},
    )


def media_type_of(content_type: str | None) -> str | None:
    """Return the type in a Content-Type header; text has to be in UTF-8."""
    if not content_type:
        return None
    if "/" not in content_type.partition(";")[0]:
        return content_type
    header = Message()
    header["content-type"] = content_type
    charset = header.get_param("charset", "utf-8")
    if str(charset).lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Refusal(415, f"The body's charset is {charset}", hint="Send it in UTF-8")
    return header.get_content_type()


def decode(body: bytes) -> str:
    """Decode the text of a query or an update."""
    try:
        return body.decode("utf-8-sig")  # files from Windows have a byte order mark
    except UnicodeDecodeError as error:
        raise Refusal(400, f"The text is not UTF-8: byte {error.start} can't be read") from None


def parse_fields(encoded: bytes) -> dict[str, list[str]]:
    """Parse the fields of an address or a form, each with all values, including blank ones."""
    try:
        text = encoded.decode("ascii")
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        hint = "Percent-encode its UTF-8 bytes"
        raise Refusal(400, "A parameter is not percent-encoded UTF-8", hint=hint) from None
    except ValueError:
        raise Refusal(400, f"There are more than {MAX_FIELDS} parameters") from None


def merge(one: Parameters, other: Parameters) -> Parameters:
    """Return all values of both."""
    return {key: [*one.get(key, ()), *other.get(key, ())] for key in {**one, **other}}


def _query(parameters: Parameters) -> str:
    if "update" in parameters:
        raise Refusal(
            400,
            "This address takes queries, not updates",
            hint=_UPDATES,
            parameter="update",
        )
    texts = parameters.get("query", ())
    if not texts:
        raise Refusal(400, "The query is missing", hint=f"Try {_EXAMPLE}", parameter="query")
    if len(texts) > 1:
        raise Refusal(400, f"{len(texts)} queries were sent; send one", parameter="query")
    return texts[0]


def _dataset(parameters: Parameters) -> Dataset | None:
    """Return the dataset of the request (§2.1.4), None if empty as in a blank form field."""
    default = graph_names(parameters, "default-graph-uri")
    named = graph_names(parameters, "named-graph-uri")
    return Dataset(default, named) if default or named else None


def graph_names(parameters: Parameters, name: str) -> tuple[str, ...]:
    """Return the IRIs in a parameter, ignoring empty ones from blank form fields."""
    names = tuple(filter(None, parameters.get(name, ())))
    for each in names:
        try:
            absolute_iri(each)
        except ValueError as error:
            raise Refusal(422, f"{each} is not an IRI: {error}", parameter=name) from None
    return names


def _format(parameters: Parameters) -> str | None:
    """Return the requested format; `output` and `results` are SPARQLWrapper's names."""
    for name in ("format", "output", "results"):
        if values := list(filter(None, parameters.get(name, ()))):
            return values[0]
    return None


def _timeout(parameters: Parameters) -> float | None:
    values = list(filter(None, parameters.get("timeout", ())))
    if not values:
        return None
    try:
        seconds = float(values[0])
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        detail = f"{values[0]} is not a number of seconds above 0"
        raise Refusal(422, detail, parameter="timeout")
    return seconds
