"""Rounds of a run: each workload visits the engines in turn, so that noise affects all alike."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.service.bench import answers
from comity.service.bench.answers import ComparedAnswer, NoAnswer
from comity.service.bench.client import Client, ConnectionLost, Exchange, TooSlow, request
from comity.service.bench.engine_processes import RunningEngine, Say
from comity.service.bench.results import Measurement, Outcome, RoundResult, Unit
from comity.service.bench.workloads import CLIENTS, LARGE, BenchmarkQuery, analytic, fresh, small


@dataclass(frozen=True)
class Plan:
    """Parameters of a run: `seconds` per slice, `limit` in seconds for any query."""

    rounds: int
    seconds: float
    limit: float
    seed: int
    workloads: Sequence[str]


class Rounds:
    """One run over running engines; `say` gets a line about each step."""

    def __init__(self, plan: Plan, engines: Sequence[RunningEngine], say: Say) -> None:
        self.plan, self.engines, self.say = plan, engines, say
        self.client = Client()
        self.measurements: list[Measurement] = []
        self.client_costs: dict[str, list[float]] = {each.name: [] for each in engines}
        """Microseconds of the client's processor time for a small answer, per slice."""
        self._turns, self._asked = itertools.count(), itertools.count()

    def close(self) -> None:
        """Close the client."""
        self.client.close()

    def run(self) -> None:
        """Run the workloads of the plan, then measure the memory."""
        queries = analytic()
        for workload in self.plan.workloads:
            if workload.endswith("-small"):
                self._small(workload)
            elif workload == "large-result":
                self._timed(workload, [each for each in queries if each.name == LARGE])
            else:
                self._timed(workload, queries)
        self._memory()

    def _turn(self) -> list[RunningEngine]:
        """Return the engines, starting with a different one each time."""
        first = next(self._turns) % len(self.engines)
        return [*self.engines[first:], *self.engines[:first]]

    def _note(
        self, workload: str, query: BenchmarkQuery, clients: int, unit: Unit
    ) -> dict[str, Measurement]:
        made = {
            each.name: Measurement(workload, query.name, each.name, clients, unit)
            for each in self.engines
        }
        self.measurements += made.values()
        return made

    def _timed(self, workload: str, queries: Sequence[BenchmarkQuery]) -> None:
        """Run queries one at a time: total time, and time to the first byte."""
        made = {each.name: self._note(workload, each, 1, "ms") for each in queries}
        for number, query in enumerate(queries, 1):
            self.say(f"{workload}: checking {query.name} ({number} of {len(queries)})")
            self._check(query, made[query.name])
        for number in range(1, self.plan.rounds + 1):
            self.say(f"{workload}: round {number} of {self.plan.rounds}")
            for query in queries:
                for engine in self._turn():
                    measurement = made[query.name][engine.name]
                    if measurement.outcome == "ok" and (
                        got := self._ask(engine, query, measurement)
                    ):
                        run = RoundResult(1000 * got.seconds, first_byte=1000 * got.first_byte)
                        measurement.runs.append(run)

    def _check(self, query: BenchmarkQuery, made: dict[str, Measurement]) -> None:
        """Run a query once on every engine, to warm caches; late or wrong answers are not timed."""
        found: dict[str, ComparedAnswer] = {}
        for engine in self.engines:
            measurement = made[engine.name]
            if got := self._ask(engine, query, measurement, keep=True):
                try:
                    found[engine.name] = answers.read(query, got.content)
                except NoAnswer as error:
                    self._failed(measurement, "wrong", str(error))
        for name, answer in found.items():
            made[name].rows = answer.rows
        for name, difference in answers.disagreeing(found).items():
            self._failed(made[name], "wrong", difference)

    def _ask(
        self,
        engine: RunningEngine,
        query: BenchmarkQuery,
        measurement: Measurement,
        keep: bool = False,
    ) -> Exchange | None:
        """Send one request; returns None after recording a failure."""
        if engine.lost:
            self._failed(measurement, "error", engine.lost)
            return None
        text = query.text
        if engine.engine.keeps_answers:  # only the small query may be answered from the cache
            text += f"# {next(self._asked)}\n"
        message = request(engine.address, text, query.accept)
        try:
            got = self.client.fetch(engine.address, message, self.plan.limit, keep)
        except (TooSlow, ConnectionLost) as error:
            self._lost(engine, measurement, error)
            return None
        if got.status == 200:
            return got
        said = " ".join(got.content.decode(errors="replace").split())[:200]
        self._failed(measurement, "error", f"status {got.status}: {said}")
        return None

    def _small(self, workload: str) -> None:
        """Run the small query with 1, 4 and 16 clients: answers per second, and latencies."""
        query = small()
        made = {clients: self._note(workload, query, clients, "requests/s") for clients in CLIENTS}
        self._check(query, made[1])
        for measurements, engine in itertools.product(list(made.values())[1:], self.engines):
            measurement, checked = measurements[engine.name], made[1][engine.name]
            measurement.outcome, measurement.detail = checked.outcome, checked.detail
        values = {engine.name: itertools.count() for engine in self.engines}
        for number in range(1, self.plan.rounds + 1):
            self.say(f"{workload}: round {number} of {self.plan.rounds}")
            for clients, measurements in made.items():
                for engine in self._turn():
                    message = request(engine.address, query.text)
                    messages = (
                        itertools.repeat(message)
                        if workload == "repeated-small"
                        else fresh(message, values[engine.name])
                    )
                    if measurements[engine.name].outcome == "ok":
                        self._slice(engine, measurements[engine.name], clients, messages)

    def _slice(
        self,
        engine: RunningEngine,
        measurement: Measurement,
        clients: int,
        messages: Iterator[bytes],
    ) -> None:
        """Run small queries from `messages` for some seconds."""
        if engine.lost:
            self._failed(measurement, "error", engine.lost)
            return
        limit, seconds = self.plan.limit, self.plan.seconds
        try:
            load = self.client.load(engine.address, messages, clients, seconds, limit)
        except (TooSlow, ConnectionLost) as error:
            self._lost(engine, measurement, error)
            return
        if load.failures or not load.latencies:
            self._failed(
                measurement, "error", f"{load.failures} answers with a status other than 200"
            )
            return
        latencies = sorted(1000 * latency for latency in load.latencies)
        measurement.runs.append(
            RoundResult(
                load.per_second,
                p50=latencies[len(latencies) // 2],
                p99=latencies[int(len(latencies) * 0.99)],
            )
        )
        self.client_costs[engine.name].append(1e6 * load.client_seconds / len(latencies))

    def _memory(self) -> None:
        """Repeat the answered queries on every engine, untimed, to measure its memory."""
        for engine in self.engines:
            self.say(f"memory: {engine.name}")
            mine = [each for each in self.measurements if each.engine == engine.name]
            answered = {each.query for each in mine if each.outcome == "ok"}
            with engine.watched():
                for query in analytic():
                    if query.name in answered:
                        spare = Measurement("memory", query.name, engine.name, 1, "ms")
                        self._ask(engine, query, spare)

    def _lost(
        self, engine: RunningEngine, measurement: Measurement, error: TooSlow | ConnectionLost
    ) -> None:
        self._failed(measurement, "timeout" if isinstance(error, TooSlow) else "error", str(error))
        engine.restart()

    def _failed(self, measurement: Measurement, outcome: Outcome, detail: str) -> None:
        measurement.outcome, measurement.detail = outcome, detail
        self.say(f"{measurement.engine}: {measurement.query}: {outcome}: {detail}")
