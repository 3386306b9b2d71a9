"""One benchmark run, from the data to the results."""

import statistics
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from comity.service.bench.engine_processes import Say, running, write_data
from comity.service.bench.engines import found
from comity.service.bench.results import OURS, Results, machine
from comity.service.bench.rounds import Plan, Rounds


def run(plan: Plan, size: int, names: Sequence[str] | None, command: str, say: Say) -> Results:
    """Compare the installed engines on a graph of `size` triples.

    `names` are the engines to compare with Comity, None for all suited to the size. All files are
    in a temporary folder; every process is ended, even on interruption. Raises EngineFailed.
    """
    engines, absent = found(None if names is None else (OURS, *names), size)
    for name, why in absent.items():
        say(f"without {name}: {why}")
    with tempfile.TemporaryDirectory(prefix="comity-bench-") as folder:
        data = Path(folder) / "data" / "bench.nt"
        data.parent.mkdir()
        say(f"making {size:,} triples")
        written = write_data(data, size, plan.seed)
        with (
            running(engines, Path(folder), data, plan.limit, absent, say) as started,
            closing(Rounds(plan, started, say)) as rounds,
        ):
            rounds.run()
            results = Results(
                comity=version("comity"),
                date=datetime.now(UTC).isoformat(timespec="seconds"),
                command=command,
                machine=machine(),
                triples=written,
                seed=plan.seed,
                rounds=plan.rounds,
                limit_seconds=plan.limit,
                client_microseconds={
                    name: statistics.median(costs)
                    for name, costs in rounds.client_costs.items()
                    if costs
                },
                engines=[each.facts for each in started],
                absent=absent,
                measurements=rounds.measurements,
            )
    results.finish()
    return results
