"""Token buckets: the request rate of each client."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from comity.service.settings import Rate

_MOST: Final = 100_000  # clients to remember


class Buckets:
    """Tokens left for each client. `clock` is in seconds."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # at that time

    def take(self, client: str) -> float:
        """Take one request from the client's bucket; else return the seconds until there is one."""
        now, rate = self._clock(), self._rate
        left, since = self._left.pop(client, (float(rate.requests), now))
        left = min(rate.requests, left + (now - since) * rate.requests / rate.seconds)
        wait = 0.0 if left >= 1 else (1 - left) * rate.seconds / rate.requests
        self._left[client] = (left if wait else left - 1, now)
        self._forget(now)
        return wait

    def __len__(self) -> int:
        return len(self._left)

    def _forget(self, now: float) -> None:
        """Drop clients whose buckets are full again by now."""
        while self._left:
            client, (_, since) = next(iter(self._left.items()))
            if now - since < self._rate.seconds and len(self._left) <= _MOST:
                return
            del self._left[client]
