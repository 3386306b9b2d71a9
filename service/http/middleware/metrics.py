"""Metrics of the service, in Prometheus' text format or OpenMetrics."""

import os
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, get_args

from fastapi import Request, Response
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.workers.answer import Outcome
from comity.graph.engines.workers.pool import WorkerPool
from comity.graph.engines.writing.deriving import BackgroundDerivation
from comity.graph.store.interface import Store
from comity.service.http.middleware.cache_storage import AnswerCache

_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Metrics of one service.

    Events of each request are counted in plain numbers, on the event loop only: the library's own
    counters, with their locks, cost a tenth of a small answer's time.
    """

    def __init__(
        self, store: Store, cache: AnswerCache, deriving: BackgroundDerivation | None = None
    ) -> None:
        self.requests: Counter[tuple[str, str, int]] = Counter()  # method, route, status
        self.seconds: defaultdict[str, _Seconds] = defaultdict(_Seconds)  # by route
        self.broken: Counter[str] = Counter()  # by cause: gone, failed
        self.queries: Counter[str] = Counter()  # by outcome; a pool counts for itself
        self.open = 0
        self.bytes = 0
        self.refused = 0
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(_Collector(self, store, cache, deriving))


class _Seconds:
    """Durations of the requests of one route."""

    def __init__(self) -> None:
        self.counts = [0] * (len(_BOUNDS) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(_BOUNDS, seconds)] += 1
        self.sum += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Return the upper bounds, each with the number of requests that took no longer."""
        names = [*map(floatToGoString, _BOUNDS), "+Inf"]
        return list(zip(names, accumulate(self.counts), strict=True))


class _Collector(Collector):
    """Collects counters and current values for a scrape."""

    def __init__(
        self,
        metrics: Metrics,
        store: Store,
        cache: AnswerCache,
        deriving: BackgroundDerivation | None,
    ) -> None:
        self._metrics, self._store, self._cache = metrics, store, cache
        self._deriving = deriving

    def describe(self) -> Iterable[Metric]:
        return ()  # else the registry would collect at once

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("comity", "The running version", {"version": version("comity")})
        yield from _of_requests(self._metrics)
        yield from _of_cache(self._cache)
        if isinstance(self._store, WorkerPool):
            yield from _of_pool(self._store)
        else:
            yield _of_outcomes(self._metrics.queries)
        if isinstance(self._store, WorkerPool | EmbeddedStore):
            size = _size(self._store.folder)
            yield GaugeMetricFamily("comity_store_bytes", "Bytes of the store on disk", size)
        if self._deriving is not None:
            yield GaugeMetricFamily(
                "comity_derived_lag_seconds",
                "Seconds since derived facts became stale, 0 if they are current",
                self._deriving.lag,
            )


def _of_cache(cache: AnswerCache) -> Iterator[Metric]:
    counts = cache.counts
    lookups = CounterMetricFamily(
        "comity_cache_lookups", "Requests looked up in the cache of answers", labels=("result",)
    )
    lookups.add_metric(("hit",), counts.hits)
    lookups.add_metric(("miss",), counts.misses)
    yield lookups
    yield CounterMetricFamily(
        "comity_not_modified", "Requests answered by 304", counts.not_modified
    )
    yield CounterMetricFamily(
        "comity_cache_evictions", "Answers evicted from the cache", counts.evicted
    )
    yield GaugeMetricFamily("comity_cache_answers", "Answers in the cache", len(cache))
    yield GaugeMetricFamily("comity_cache_bytes", "Bytes in the cache", cache.used)


def _of_requests(metrics: Metrics) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "comity_requests",
        "Requests answered, by route template; 499: the client left first",
        labels=("method", "route", "status"),
    )
    for (method, route, status), count in sorted(metrics.requests.items()):
        requests.add_metric((method, route, str(status)), count)
    yield requests
    seconds = HistogramMetricFamily(
        "comity_request_seconds",
        "Seconds from a request's head to the end of its answer",
        labels=("route",),
    )
    for route, taken in sorted(metrics.seconds.items()):
        seconds.add_metric((route,), taken.buckets(), taken.sum)
    yield seconds
    broken = CounterMetricFamily(
        "comity_broken_answers",
        "Answers that broke off: the client left, or something failed",
        labels=("cause",),
    )
    for cause in ("gone", "failed"):
        broken.add_metric((cause,), metrics.broken[cause])
    yield broken
    yield CounterMetricFamily(
        "comity_response_bytes", "Bytes of answers, without heads", metrics.bytes
    )
    yield CounterMetricFamily(
        "comity_rate_limited", "Requests refused by the rate limit", metrics.refused
    )
    yield GaugeMetricFamily("comity_requests_open", "Requests in progress", metrics.open)


def _of_pool(pool: WorkerPool) -> Iterator[Metric]:
    yield _of_outcomes(pool.outcomes())
    load = pool.load()
    running = GaugeMetricFamily(
        "comity_queries_running", "Queries running: short, or longer", labels=("kind",)
    )
    running.add_metric(("short",), load.short)
    running.add_metric(("long",), load.long)
    yield running
    yield GaugeMetricFamily("comity_queries_waiting", "Queries waiting for a worker", load.waiting)
    workers = GaugeMetricFamily("comity_workers", "Worker processes", labels=("state",))
    workers.add_metric(("busy",), load.short + load.long)
    workers.add_metric(("spare",), load.idle)
    workers.add_metric(("starting",), load.starting)
    yield workers


def _of_outcomes(outcomes: Mapping[Any, int]) -> Metric:
    queries = CounterMetricFamily(
        "comity_queries",
        "Queries ended; outcomes other than done and failed were stopped",
        labels=("outcome",),
    )
    for outcome in get_args(Outcome):
        queries.add_metric((outcome,), outcomes.get(outcome, 0))
    return queries


def _size(folder: Path) -> int:
    """Sum the bytes of all files below a folder; hard links count once."""
    sizes: dict[int, int] = {}
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                found = os.stat(os.path.join(path, name))
            except OSError:
                continue  # deleted meanwhile
            sizes[found.st_ino] = found.st_size
    return sum(sizes.values())


def metrics_of(request: Request) -> Metrics:
    """Return the metrics of the service that received this request."""
    found = request.app.state.metrics
    assert isinstance(found, Metrics)
    return found


async def metrics(request: Request) -> Response:
    """Return all metrics in the format of the client's Accept header."""
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    body = encode(metrics_of(request).registry)
    return Response(body, headers={"Content-Type": media_type, "Cache-Control": "no-store"})
