"""The SPARQL endpoint: queries by GET, by form and by direct POST."""

from fastapi import Request, Response

from comity.graph.descriptions.dataset.service_description import describe_service
from comity.graph.networks.formats.registry import FORMATS
from comity.graph.store.interface import Query
from comity.service.http.context import address, context
from comity.service.http.media import GRAPH_TYPES, AnswerTypes, choose, negotiate
from comity.service.http.problems import Refusal
from comity.service.http.protocol import read_operation
from comity.service.http.responses import answer_query
from comity.service.networks.answers import answer_operation, unknown_format
from comity.service.networks.options import is_network
from comity.service.queries import any_query_tables
from comity.service.sparql import editor


async def sparql(request: Request) -> Response:
    """Run a query; without one, describe the service. A browser gets the editor."""
    if editor.is_for_a_person(request):
        return editor.editor(request)
    settings = context(request).settings
    operation = await read_operation(request, settings.max_body)
    if operation is None:
        return _without_query(request)
    as_network = operation.format if is_network(operation.format, operation.text) else None
    as_table = operation.format if operation.format in any_query_tables.TYPES else None
    named = None if as_network or as_table else operation.format
    query_choice = choose(request.headers.get("accept"), named)
    if named and query_choice == AnswerTypes(None, None):
        raise unknown_format(named)
    limits = [settings.timeout, operation.timeout or settings.timeout]
    query = Query(
        text=operation.text,
        table=query_choice.table_format,
        graph=query_choice.graph_format,
        dataset=operation.dataset,
        base=f"{address(request)}/sparql",
        timeout=min(limits),
    )
    if as_network:
        return await answer_operation(request, operation, query, FORMATS[as_network])
    if as_table:
        return await any_query_tables.answer_table(request, operation, query, as_table)
    return await answer_query(request, query, query_choice)


def _without_query(request: Request) -> Response:
    accept = request.headers.get("accept")
    media_type = negotiate(accept, list(GRAPH_TYPES))
    if media_type is None:
        raise Refusal(
            400,
            "The query is missing",
            hint="Add ?query=…, or accept text/turtle for the description of the service",
            parameter="query",
        )
    here, settings = context(request), context(request).settings
    body = describe_service(
        f"{address(request)}/sparql",
        update=f"{address(request)}/update" if here.writer and settings.token else None,
        union=settings.union,
        federated=bool(settings.service_allow),
        format=GRAPH_TYPES[media_type],
    )
    return Response(body, media_type=media_type, headers={"Vary": "Accept"})
