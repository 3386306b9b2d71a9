"""Entry point of the command line: `comity serve | query | export | load | dump | check | …`."""

import os
import sys
import threading
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from comity.graph.errors import ComityError, UsageError
from comity.service.cli import bench as commands_bench
from comity.service.cli import data as commands_data
from comity.service.cli import export as commands_export
from comity.service.cli import serve as commands_serve
from comity.service.cli.options import StoreOption, is_file, read_text, settings_with
from comity.service.cli.terminal.console import report

# Each command imports what it needs: `comity --help` loads no engine, `comity serve` no reasoner.

app = typer.Typer(
    name="comity",
    help="A knowledge graph of diplomacy in which every answer cites the words of its source.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
source = typer.Typer(help="The sources of the graph and their texts.", no_args_is_help=True)
app.add_typer(source, name="source")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"comity {version('comity')}")
        raise typer.Exit


@app.callback()
def comity(
    wanted: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """A knowledge graph of diplomacy in which every answer cites the words of its source."""


def query(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|FILE|-",
            help="A query of the catalogue, or a file with one, - for stdin.",
        ),
    ] = None,
    text: Annotated[str | None, typer.Option("--query", "-q", help="Text of a query.")] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param", "-p", metavar="NAME=VALUE", help="A parameter of the query; can be repeated."
        ),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the catalogue and exit.", show_default=False)
    ] = False,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="json, xml, csv, tsv, ttl, nt, rdf or jsonld; for canned queries also ndjson, srj "
            "and srx; default: a table on a terminal, else CSV or Turtle.",
        ),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Time limit in seconds; else COMITY_TIMEOUT or 30.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Run a SPARQL query on the store, or through the service that holds it.

    \b
    Examples:
      comity query --list
      comity query positions-of --param holder=Iran
      comity query question.rq
      comity query -q 'SELECT * { ?s ?p ?o } LIMIT 5'
      comity query -f json - < question.rq > answer.srj
    """
    settings = settings_with(store=store, timeout=timeout)
    from comity.service.cli.actions import canned_query
    from comity.service.cli.actions.query import run_query

    if listed:
        canned_query.list_catalogue(settings)
    elif text is None and file is not None and file != "-" and not is_file(file):
        canned_query.run_canned(file, param or (), format, settings)
    else:
        if (file is None) == (text is None):
            raise UsageError(
                "give a query as a file or with -q"
                if file is None
                else "give a file or -q, not both",
                hint="comity query -q 'SELECT * { ?s ?p ?o } LIMIT 5'",
            )
        asked = read_text(file) if file is not None else text or ""
        if param:
            asked = canned_query.bind_text(asked, param, settings)
        run_query(asked, format, settings)


app.command()(commands_serve.serve)
app.command()(query)
app.command()(commands_export.export)
app.command()(commands_data.load)
app.command()(commands_data.dump)
app.command()(commands_data.backup)
app.command()(commands_data.restore)
app.command()(commands_data.check)
app.command()(commands_data.reason)
app.command()(commands_bench.bench)
app.command()(commands_data.why)
source.command("list")(commands_data.list_sources)
source.command("attach")(commands_data.attach_text)
source.command("quote")(commands_data.quote_source)


def main() -> None:
    """Run the command of this process, and exit."""
    code = run()
    sys.stdout.flush()
    sys.stderr.flush()
    if threading.active_count() > 1:
        os._exit(code)  # a query past its time limit can't be stopped in any other way
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns 0 for success, 1 for failure, 2 for wrong usage."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="comity")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except UsageError as error:
        report(error)
        return 2
    except ComityError as error:
        report(error)
        return 1
    return 0
