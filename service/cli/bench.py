"""The command `comity bench`."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from comity.graph.errors import OutputError, UsageError

PEERS = ("oxigraph", "virtuoso", "rdflib-endpoint")


def bench(
    triples: Annotated[
        str,
        typer.Option(metavar="NUMBER", help="Size of the graph, 10k to 10M."),
    ] = "100k",
    engine: Annotated[
        list[str] | None,
        typer.Option(
            "--engine",
            metavar="NAME",
            help="Compare only with oxigraph, virtuoso or rdflib-endpoint; can be repeated.",
        ),
    ] = None,
    workload: Annotated[
        list[str] | None,
        typer.Option(
            "--workload",
            metavar="NAME",
            help="Only repeated-small, fresh-small, large-result or analytic; can be repeated.",
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; the results are their medians.")] = 5,
    seconds: Annotated[
        float, typer.Option(min=0.05, help="Seconds of small queries per engine and round.")
    ] = 1.0,
    limit: Annotated[float, typer.Option(min=0.1, help="Time limit of a query in seconds.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Seed of the generated graph.")] = 20210222,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write all results as JSON."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Plot them as .svg, .png or .pdf; needs matplotlib."),
    ] = None,
) -> None:
    """Compare Comity with other installed engines on the same generated graph.

    \b
    Each runs on the loopback with its own store in a temporary folder: `oxigraph serve`
    (pip install oxigraph), Virtuoso (apt-get install virtuoso-opensource) and rdflib-endpoint
    (pip install rdflib-endpoint). Close other programs; a run takes minutes.

    \b
    Examples:
      comity bench
      comity bench --triples 1M --engine oxigraph --output bench.json --plot bench.svg
      comity bench --workload analytic --rounds 3 --limit 60
    """
    from comity.service.bench.benchmark import run
    from comity.service.bench.plot import check_plot, draw
    from comity.service.bench.report import tables
    from comity.service.bench.rounds import Plan
    from comity.service.bench.workloads import WORKLOADS
    from comity.service.cli.terminal.console import put, say

    if sys.platform == "win32":
        raise UsageError("`comity bench` needs Linux or macOS to stop its engines")
    size = _number(triples)
    _known("--workload", workload, WORKLOADS)
    _known("--engine", engine, PEERS)
    if plot:
        check_plot(plot)
    for file in filter(None, (output, plot)):
        if not file.absolute().parent.is_dir():
            raise UsageError(f"there is no folder {file.absolute().parent}")
        if file.is_dir():
            raise UsageError(f"{file} is a folder")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the engines are stopped too
    plan = Plan(rounds, seconds, limit, seed, workload or WORKLOADS)
    command = (
        f"comity bench --triples {triples} --rounds {rounds} --seconds {seconds:g} "
        f"--limit {limit:g} --seed {seed}"
        + "".join(f" --engine {name}" for name in engine or ())
        + "".join(f" --workload {name}" for name in workload or ())
    )
    try:
        results = run(plan, size, engine, command, say)
        put(tables(results))
        if output:
            results.write(output)
        if plot:
            draw(results, plot)
    except OSError as error:
        raise OutputError(f"can't write {error.filename or 'a file'}: {error.strerror}") from None


def _known(flag: str, names: list[str] | None, known: tuple[str, ...]) -> None:
    for name in names or ():
        if name not in known:
            raise UsageError(f"{flag} {name}: should be one of {', '.join(known)}")


def _number(text: str) -> int:
    """Parse a number of triples: `10000`, `10k`, `1.5M`. Raises UsageError."""
    scale = {"k": 1_000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    try:
        number = round(float(text[:-1] if scale > 1 else text) * scale)
    except (ValueError, OverflowError):
        number = 0
    if not 10_000 <= number <= 10_000_000:
        raise UsageError(f"--triples {text}: should be a number from 10k to 10M")
    return number
