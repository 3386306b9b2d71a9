"""The command that writes networks."""

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
        typer.Option("--output", "-o", metavar="FILE", help="File to write, whole or not at all."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="gexf, graphml, cyjs, cx2, dot, svg, png, gephi.zip, neo4j.zip, kumu.json, "
            "vos.json, vowl.json, ttl or jsonld; else as FILE ends, else gexf.",
        ),
    ] = None,
    text: Annotated[str | None, typer.Option("--query", "-q", help="The query itself.")] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param", "-p", metavar="NAME=VALUE", help="A parameter of the query; may be repeated."
        ),
    ] = None,
    around: Annotated[
        str | None, typer.Option(metavar="THING", help="Only what lies around a thing.")
    ] = None,
    hops: Annotated[int | None, typer.Option(help="How many edges away; else 1.")] = None,
    multi: Annotated[
        str | None,
        typer.Option(metavar="keep|merge", help="What becomes of parallel edges; else keep."),
    ] = None,
    flavor: Annotated[
        str | None, typer.Option(metavar="yed", help="Variant of the format, for GraphML.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--lang", help="Language of the labels; else en.")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the views and end.", show_default=False)
    ] = False,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds that it may take; else COMITY_TIMEOUT or 30.")
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
            "name a view or a query, or give one by -q",
            hint="comity export everything -o article.gexf; --list lists the views",
        )
    if what is not None and (what == "-" or _means_file(what)):
        text = read_text(what)
    said = {"around": around, "hops": hops, "multi": multi, "flavor": flavor, "lang": language}
    options = {name: str(value) for name, value in said.items() if value is not None}
    export_action.run_export(what or "-q", text, param or (), format, output, options, settings)


def _means_file(what: str) -> bool:
    return (is_file(what) and not what.startswith(("network/", "queries/"))) or what.endswith(".rq")
