"""Results as Markdown tables, for the command's output and the README."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product

from comity.service.bench.results import OURS, EngineFacts, Measurement, Results, mean_ratio
from comity.service.bench.workloads import CLIENTS, LARGE, SMALL

NONE = "-"
Row = tuple[str, Sequence[str]]


def tables(results: Results) -> str:
    """Return everything: environment, summary, each query, and failures."""
    parts = (
        heading(results),
        summary(results),
        _table(results, "small query", _small(results)),
        _table(results, "analytic query, ms", _analytic(results)),
        "\n".join(_failures(results)),
        notes(results),
    )
    return "\n\n".join(part for part in parts if part)


def excerpt(results: Results) -> str:
    """Return the README's excerpt: command, environment, summary."""
    parts = (f"`{results.command}`: {heading(results)}", summary(results), notes(results))
    return "\n\n".join(part for part in parts if part)


def heading(results: Results) -> str:
    """Describe the data and the environment in a sentence."""
    machine = results.machine
    engines = ", ".join(f"{each.name} {each.version}" for each in results.engines)
    return (
        f"{results.triples:,} triples on {results.date[:10]}, {machine['processor']}, "
        f"{machine['processors']} processors, {round(int(machine['memory']) / 2**30)} GB; {engines}. "
        f"{_rounds(results.rounds)}; in brackets how many times as good Comity is."
    )


def _rounds(number: int) -> str:
    return "One round" if number == 1 else f"Medians of {number} rounds"


def summary(results: Results) -> str:
    """Return one row per workload, and the facts about the engines."""
    rows: list[Row] = []
    for workload in ("repeated-small", "fresh-small"):
        for clients in (1, 16):
            who = "1 client" if clients == 1 else f"{clients} clients"
            found = results.get(workload, SMALL, clients)
            rows.append((f"{workload}, {who}: answers/s", _ratios(results, found)))
        alone = results.get(workload, SMALL, 1)
        rows.append((f"{workload}, 1 client: p50, ms", _values(results, alone, "p50")))
    large = results.get("large-result", LARGE, 1)
    size = max((each.rows or 0 for each in large.values()), default=0)
    rows.append((f"large-result, {size:,} rows: ms", _ratios(results, large)))
    first = _values(results, large, "first_byte")
    rows.append((f"large-result, {size:,} rows: first byte, ms", first))
    rows += _comparison(results)
    facts: tuple[tuple[str, Callable[[EngineFacts], str]], ...] = (
        ("loading, s", lambda each: _figure(each.load_seconds)),
        ("start until it answers, s", lambda each: _figure(each.start_seconds)),
        ("on the disk, MB", lambda each: _mega(each.bytes)),
        ("memory after the start, MB", lambda each: _mega(each.memory_idle)),
        ("memory at most, MB", lambda each: _mega(each.memory_peak)),
    )
    rows += [(label, [fact(each) for each in results.engines]) for label, fact in facts]
    return _table(results, "", rows)


def notes(results: Results) -> str:
    """Return notes on how to read the figures."""
    said = [f"{name} is missing: {why}." for name, why in results.absent.items()]
    if results.client_microseconds:
        costs = (f"{name} {cost:.0f}" for name, cost in results.client_microseconds.items())
        said.append(
            "The client shares the processors with the engines; for a small answer it used, in "
            f"microseconds: {', '.join(costs)}."
        )
    return " ".join(said)


def throughput(results: Results, workload: str, engine: str) -> list[tuple[int, float]]:
    """Return pairs of number of clients and answers per second."""
    found = ((each, results.get(workload, SMALL, each).get(engine)) for each in CLIENTS)
    return [(clients, one.median) for clients, one in found if one and one.median]


def analytic_queries(results: Results) -> list[str]:
    """Return the names of the analytic queries of a run, sorted."""
    return sorted({each.query for each in results.measurements if each.workload == "analytic"})


def _small(results: Results) -> list[Row]:
    rows: list[Row] = []
    for workload, clients in product(("repeated-small", "fresh-small"), CLIENTS):
        found = results.get(workload, SMALL, clients)
        rows.append((f"{workload}, clients: {clients}, answers/s", _ratios(results, found)))
        rows.append((f"{workload}, clients: {clients}, p99 in ms", _values(results, found, "p99")))
    return rows


def _analytic(results: Results) -> list[Row]:
    return [
        (name, _ratios(results, results.get("analytic", name, 1)))
        for name in analytic_queries(results)
    ]


def _comparison(results: Results) -> list[Row]:
    """Summarise the analytic queries: how many were answered, and how Comity's times compare."""
    names = analytic_queries(results)
    if not names:
        return []
    of: dict[str, list[Measurement]] = {each.name: [] for each in results.engines}
    for each in results.measurements:
        if each.workload == "analytic":
            of[each.engine].append(each)
    counts = {name: sum(each.median is not None for each in found) for name, found in of.items()}
    means = {name: mean_ratio(found) for name, found in of.items() if name != OURS}
    return [
        (f"analytic, answered in time, of {len(names)}", [str(counts[name]) for name in of]),
        (
            "analytic, geometric mean of the ratios",
            [f"({_figure(mean)})" if (mean := means.get(name)) else NONE for name in of],
        ),
        (
            "analytic, over four times the best time",
            [str(sum(_slow(results, query, name) for query in names)) for name in of],
        ),
    ]


def _slow(results: Results, query: str, engine: str) -> bool:
    """True if an engine takes over four times the best time, or does not finish."""
    found = results.get("analytic", query, 1)
    times = [each.median for each in found.values() if each.median is not None]
    own = found[engine].median
    return bool(times) and (own is None or own > 4 * min(times))


def _failures(results: Results) -> Iterable[str]:
    for each in results.measurements:
        if each.outcome != "ok":
            yield f"- {each.engine}, {each.workload}, {each.query}: {each.outcome}: {each.detail}"


def _ratios(results: Results, found: Mapping[str, Measurement]) -> list[str]:
    return [_cell(found.get(each.name)) for each in results.engines]


def _cell(measurement: Measurement | None) -> str:
    if measurement is None:
        return NONE
    if measurement.median is None:
        return measurement.outcome if measurement.outcome != "ok" else NONE
    value = _figure(measurement.median)
    if measurement.engine == OURS or measurement.ratio is None:
        return value
    return f"{value} ({_figure(measurement.ratio)})"


def _values(results: Results, found: Mapping[str, Measurement], name: str) -> list[str]:
    values = (getattr(found.get(each.name), name, None) for each in results.engines)
    return [NONE if value is None else _figure(value) for value in values]


def _figure(value: float) -> str:
    """Round to at least two significant digits, with no more decimals than needed."""
    if value < 0.001:
        return "0"
    if value < 0.1:
        return f"{value:.2g}"
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{decimals}f}"


def _mega(value: int | None) -> str:
    return NONE if value is None else f"{value / 1e6:,.0f}"


def _table(results: Results, label: str, rows: Sequence[Row]) -> str:
    """Format a table with a column per engine, without rows that have no figure."""
    rows = [row for row in rows if any(cell != NONE for cell in row[1])]
    if not rows:
        return ""
    lines = [(label, [each.name for each in results.engines]), *rows]
    widths = [max(len(row[0]) for row in lines)]
    widths += [max(len(row[1][n]) for row in lines) for n in range(len(results.engines))]
    written = []
    for name, cells in lines:
        padded = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
        written.append(f"| {name.ljust(widths[0])} | {' | '.join(padded)} |")
    ruler = "".join("-" * (width + 1) + ":|" for width in widths[1:])
    written.insert(1, f"|{'-' * (widths[0] + 2)}|{ruler}")
    return "\n".join(written)
