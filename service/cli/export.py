"""The command `comity export`."""

from pathlib import Path
from typing import Annotated

import typer

from comity.graph.errors import UsageError
from comity.service.cli.options import StoreOption, is_file, read_text, settings_with


def export(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|FILE|-",
            help="A view, a query of the catalogue, or a file with a query, - for stdin.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="File to write; replaced only when complete."
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="gexf, graphml, cyjs, cx2, dot, svg, png, gephi.zip, neo4j.zip, kumu.json, "
            "vos.json, vowl.json, ttl or jsonld; default: the suffix of FILE, or gexf.",
        ),
    ] = None,
    text: Annotated[str | None, typer.Option("--query", "-q", help="Text of a query.")] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param", "-p", metavar="NAME=VALUE", help="A parameter of the query; can be repeated."
        ),
    ] = None,
    around: Annotated[
        str | None, typer.Option(metavar="THING", help="Only the neighbourhood of a thing.")
    ] = None,
    hops: Annotated[int | None, typer.Option(help="Its radius in edges; default 1.")] = None,
    multi: Annotated[
        str | None,
        typer.Option(metavar="keep|merge", help="Keep or merge parallel edges; default keep."),
    ] = None,
    flavor: Annotated[
        str | None, typer.Option(metavar="yed", help="Variant of the format, for GraphML.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--lang", help="Language of the labels; default en.")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the views and exit.", show_default=False)
    ] = False,
    timeout: Annotated[
        float | None, typer.Option(help="Time limit in seconds; else COMITY_TIMEOUT or 30.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Write a network for a graph viewer: a view, or the answer to any query.

    \b
    Examples:
      comity export --list
      comity export everything -o article.gexf
      comity export positions -f svg -p actor=iran > iran.svg
      comity export positions-of -p holder=Iran -f cx2 -o iran.cx2
      comity export actors --around iran --hops 2 -o around-iran.graphml
      comity export -q 'SELECT ?source ?target { ?source ?p ?target }' -o all.gexf
    """
    settings = settings_with(store=store, timeout=timeout)
    from comity.service.cli.actions import export as export_action

    if listed:
        export_action.list_views(settings)
        return
    if (what is None) == (text is None):
        raise UsageError(
            "give the name of a view or query, or a query with -q",
            hint="comity export everything -o article.gexf; --list lists the views",
        )
    if what is not None and (what == "-" or _means_file(what)):
        text = read_text(what)
    said = {"around": around, "hops": hops, "multi": multi, "flavor": flavor, "lang": language}
    options = {name: str(value) for name, value in said.items() if value is not None}
    export_action.run_export(what or "-q", text, param or (), format, output, options, settings)


def _means_file(what: str) -> bool:
    return (is_file(what) and not what.startswith(("network/", "queries/"))) or what.endswith(".rq")
