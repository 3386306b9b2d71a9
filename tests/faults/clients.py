"""Clients of a service that is knocked about: they know what it has acknowledged and see what is half."""

import threading
import time
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Final

import httpx
from served import TOKEN, Service

GRAPH: Final = "https://example.org/faults"
PARTS: Final = 3  # triples of each number, which are all there or none
FOUND: Final = f"""SELECT ?n (COUNT(*) AS ?parts) {{
  GRAPH ?g {{ ?s <x:n> ?n }} FILTER(STRSTARTS(STR(?g), "{GRAPH}"))
}} GROUP BY ?n"""
HALF: Final = FOUND + f" HAVING (COUNT(*) != {PARTS})"
COUNTERS: Final = f"SELECT ?s ?n {{ GRAPH <{GRAPH}> {{ ?s <x:is> ?n }} }}"
SLOW: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
# Statuses that may come while processes are killed, besides 200 and 204: each says that nothing was done.
CLEAN: Final = frozenset((500, 503, 504, 507))


class State(Enum):
    """What is known of a number."""

    THERE = auto()
    ABSENT = auto()
    EITHER = auto()  # asked for, and no answer came


class Client:
    """Does one thing after another until `stop`; what must not be is noted in `faults`."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.faults: list[str] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._stopping = threading.Event()
        self._going = threading.Event()
        self._resting = threading.Event()
        self._going.set()

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        with httpx.Client(
            trust_env=False, timeout=60, headers={"Authorization": f"Bearer {TOKEN}"}
        ) as http:
            steps = self.steps(http)
            while not self._stopping.is_set():
                if not self._going.is_set():
                    self._resting.set()
                    self._going.wait(0.1)
                    continue
                self._resting.clear()
                was_up, starts = self.service.is_up, self.service.starts
                try:
                    next(steps)
                except StopIteration:
                    self.faults.append("it came to an end")
                    return
                except httpx.ConnectError as error:
                    if was_up and self.service.is_up and self.service.starts == starts:
                        self.faults.append(f"no connection: {error}")
                    time.sleep(0.05)
                    steps = self.steps(http)
                except httpx.TimeoutException as error:
                    self.faults.append(f"no answer: {error!r}")
                    steps = self.steps(http)
                except httpx.TransportError:  # broken off, as it should be
                    steps = self.steps(http)

    def steps(self, http: httpx.Client) -> Iterator[None]:
        """What it does: a step for each turn."""
        raise NotImplementedError

    def rest(self) -> None:
        """Wait until it does nothing, which it goes on with until `resume`."""
        self._going.clear()
        self._resting.wait(60)

    def resume(self) -> None:
        self._going.set()

    def stop(self) -> None:
        self._stopping.set()
        self._going.set()
        self._thread.join(60)


class WritingClient(Client):
    """Writes numbers, of `PARTS` triples each, in all ways in which a service can be written to."""

    def __init__(self, service: Service, number: int) -> None:
        super().__init__(service)
        self.number = number
        self.states: dict[int, State] = {}
        self.counted: list[int] = []  # the numbers that the counter was set to, in order
        self._last = number * 1_000_000

    def steps(self, http: httpx.Client) -> Iterator[None]:
        while True:
            self._last += 1
            self._insert(http, self._last)
            yield
            self._last += 1
            self._count(http, self._last)
            yield
            self._last += 1
            self._put(http, self._last)
            yield
            if self._last % 2:
                self._delete(http, self._last)
                yield

    def _insert(self, http: httpx.Client, number: int) -> None:
        text = f"INSERT DATA {{ GRAPH <{GRAPH}> {{ {_triples(number)} }} }}"
        self._try(number, State.THERE, lambda: self._update(http, text))

    def _count(self, http: httpx.Client, number: int) -> None:
        """Set a counter, so that it has one value at any time."""
        counter = f"<x:counter-{self.number}> <x:is>"
        text = f"""WITH <{GRAPH}> DELETE {{ {counter} ?old }}
            INSERT {{ {counter} {number} . {_triples(number)} }}
            WHERE {{ OPTIONAL {{ {counter} ?old }} }}"""
        self.counted.append(number)
        self._try(number, State.THERE, lambda: self._update(http, text))

    def _put(self, http: httpx.Client, number: int) -> None:
        self._try(
            number,
            State.THERE,
            lambda: http.put(
                f"{self.service.address}/store",
                params={"graph": f"{GRAPH}/{number}"},
                content=_triples(number),
                headers={"Content-Type": "text/turtle"},
            ),
        )

    def _delete(self, http: httpx.Client, number: int) -> None:
        if self.states[number] is State.THERE:
            url, graph = f"{self.service.address}/store", f"{GRAPH}/{number}"
            self._try(number, State.ABSENT, lambda: http.delete(url, params={"graph": graph}))

    def _update(self, http: httpx.Client, text: str) -> httpx.Response:
        return http.post(f"{self.service.address}/update", data={"update": text})

    def _try(self, number: int, then: State, request: Callable[[], httpx.Response]) -> None:
        before = self.states.get(number, State.ABSENT)
        self.states[number] = State.EITHER
        response = request()
        if response.is_success:
            self.states[number] = then
        else:
            self.states[number] = before
            if response.status_code not in CLEAN:
                self.faults.append(f"{number}: {response.status_code} {response.text}")


class ReadingClient(Client):
    """Looks for what is half-written, asks something small, and something too long."""

    def steps(self, http: httpx.Client) -> Iterator[None]:
        while True:
            for query, timeout in ((HALF, 30.0), ("ASK { ?s ?p ?o }", 30.0), (SLOW, 0.5)):
                said = {"query": query, "timeout": str(timeout), "format": "csv"}
                response = http.post(f"{self.service.address}/sparql", data=said)
                if query is HALF and response.is_success and response.text.split() != ["n,parts"]:
                    self.faults.append(f"half-written: {response.text.split()}")
                if response.status_code not in CLEAN | {200}:
                    self.faults.append(f"{query}: {response.status_code} {response.text}")
                yield


def compare(service: Service, writers: list[WritingClient]) -> None:
    """Assert that all that was acknowledged is there, whole, and nothing that was refused."""
    before = _known(writers)
    counted = {writer.number: list(writer.counted) for writer in writers}
    found = {int(number): int(parts) for number, parts in service.rows(FOUND)}
    after = _known(writers)
    assert set(found) <= set(after), "what no one has written"
    assert {n: parts for n, parts in found.items() if parts != PARTS} == {}, "half-written"
    known = {n: state for n, state in before.items() if after[n] is state}
    there = {n for n, state in known.items() if state is State.THERE}
    absent = {n for n, state in known.items() if state is State.ABSENT}
    assert there - set(found) == set(), "acknowledged, and lost"
    assert absent & set(found) == set(), "refused, or removed, and there"
    values = service.rows(COUNTERS)
    for number, numbers in counted.items():
        mine = [int(value) for name, value in values if name == f"x:counter-{number}"]
        assert len(mine) <= 1, "a counter with two values"
        later = [each for each in numbers if not mine or each > mine[0]]
        assert [each for each in later if before.get(each) is State.THERE] == [], (
            "a counter set back"
        )


def _known(writers: list[WritingClient]) -> dict[int, State]:
    return {n: state for writer in writers for n, state in list(writer.states.items())}


def _triples(number: int) -> str:
    return " ".join(f"<x:{number}/{part}> <x:n> {number} ." for part in range(PARTS))
