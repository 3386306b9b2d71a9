"""Plot of the results by matplotlib."""

from pathlib import Path

from comity.graph.errors import MissingProgram, UsageError
from comity.service.bench.report import analytic_queries, throughput
from comity.service.bench.results import Results

# Paul Tol's bright scheme, as in the networks: made for colour-blind readers.
_COLOURS = ("#4477AA", "#EE6677", "#228833", "#CCBB44")


def check_plot(file: Path) -> None:
    """Check before a long run that the plot can be drawn. Raises MissingProgram and UsageError."""
    if file.suffix not in (".svg", ".png", ".pdf"):
        raise UsageError(f"--plot {file}: should end in .svg, .png or .pdf")
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise MissingProgram(
            "a plot needs matplotlib", hint="pip install 'comity[bench]'"
        ) from None


def draw(results: Results, file: Path) -> None:
    """Draw throughput by number of clients, and the time of each analytic query."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"svg.hashsalt": "comity", "svg.fonttype": "none"})
    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(12, 7), width_ratios=(1, 2), layout="constrained"
    )
    engines = [each.name for each in results.engines]
    names = analytic_queries(results)
    for engine, colour in zip(engines, _COLOURS, strict=False):
        for workload, line in (("repeated-small", "-"), ("fresh-small", "--")):
            points = throughput(results, workload, engine)
            if points:
                left.plot(
                    *zip(*points, strict=True),
                    line,
                    marker="o",
                    color=colour,
                    label=f"{engine}, {workload.partition('-')[0]}",
                )
        times = [results.get("analytic", name, 1)[engine].median for name in names]
        shown = [(time, row) for row, time in enumerate(times) if time is not None]
        if shown:
            right.plot(*zip(*shown, strict=True), "o", color=colour, label=engine)
    left.set(title="Small queries", xlabel="clients", ylabel="answers per second", ylim=(0, None))
    left.set_xticks([1, 4, 16])
    right.set_yticks(range(len(names)), names)
    right.set(title="Analytic queries", xlabel="milliseconds", xscale="log")
    right.invert_yaxis()
    right.grid(axis="both", alpha=0.3)
    legend = (left if left.lines else right).get_legend_handles_labels()
    figure.legend(*legend, loc="outside lower center", ncols=4, fontsize="small")
    figure.suptitle(
        f"{results.triples:,} triples, {results.machine['processor']}, {results.date[:10]}"
    )
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)
    pyplot.close(figure)
