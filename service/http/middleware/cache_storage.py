"""Cached answers, within a limit of bytes."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from comity.service.http.middleware.content_coding import SMALLEST

RawHeaders = list[tuple[bytes, bytes]]
Key = tuple[Hashable, ...]
State = tuple[str, int]  # the data version, and the day since the epoch

_SHARE: Final = 16  # an answer may take 1/16 of the limit
_OVERHEAD: Final = 1000  # bytes per answer besides its key, headers and bodies, at least


@dataclass(slots=True)
class StoredAnswer:
    """A cached answer; `headers` are those that do not depend on the content coding.

    `bodies` holds it by content coding, "" for none; missing codings are made on request, if the
    answer `encodes` at all. `size` is in bytes, 0 once it is dropped.
    """

    headers: RawHeaders
    tag: bytes
    bodies: dict[str, bytes]
    encodes: bool
    size: int


@dataclass(slots=True)
class CacheCounters:
    """Counters of the cache since the start, for metrics."""

    hits: int = 0
    misses: int = 0
    not_modified: int = 0
    evicted: int = 0


@dataclass(slots=True)
class AnswerCache:
    """Cache for one state of the data: a new state empties it, so no answer is ever stale.

    `limit` is in bytes, 0 for no caching; `used` never exceeds it and includes answers being
    recorded. The least recently used answers are dropped first.
    """

    limit: int
    used: int = 0
    counts: CacheCounters = field(default_factory=CacheCounters)
    _state: State = ("", 0)
    _kept: OrderedDict[Key, StoredAnswer] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def largest(self) -> int:
        """Maximum bytes of one answer, in all its codings together."""
        return self.limit // _SHARE

    def find(self, key: Key, state: State) -> StoredAnswer | None:
        """Return the cached answer to a request for this state of the data, or None."""
        if state != self._state:
            self._forget(state)
        kept = self._kept.get(key)
        if kept is None:
            self.counts.misses += 1
            return None
        self._kept.move_to_end(key)
        self.counts.hits += 1
        return kept

    def claim(self, size: int) -> bool:
        """Reserve this many bytes; False if that is impossible."""
        while self.used + size > self.limit and self._kept:
            self._drop(self._kept.popitem(last=False)[1])
            self.counts.evicted += 1
        if self.used + size > self.limit:
            return False
        self.used += size
        return True

    def release(self, size: int) -> None:
        """Return reserved bytes."""
        self.used -= size

    def keep(self, key: Key, state: State, kept: StoredAnswer) -> None:
        """Store an answer whose `size` was reserved; one for another state is dropped."""
        if state != self._state or key in self._kept:
            self._drop(kept)
        else:
            self._kept[key] = kept

    def add(self, kept: StoredAnswer, coding: str, body: bytes) -> None:
        """Store another coding of an answer, if there is room."""
        if coding in kept.bodies or kept.size + len(body) > self.largest:
            return
        if self.claim(len(body)):
            if not kept.size:  # it was evicted to make room, or dropped before
                self.release(len(body))
                return
            kept.size += len(body)
            kept.bodies[coding] = body

    def _forget(self, state: State) -> None:
        for kept in self._kept.values():
            self._drop(kept)
        self._kept.clear()
        self._state = state

    def _drop(self, kept: StoredAnswer) -> None:
        self.used -= kept.size
        kept.size = 0


class Recording:
    """Copy of an answer in progress; abandoned if the answer becomes too large."""

    def __init__(
        self, cache: AnswerCache, key: Key, state: State, tag: bytes, headers: RawHeaders
    ) -> None:
        self._cache, self._key, self._state = cache, key, state
        self._tag, self._headers = tag, headers
        self._plain: list[bytes] = []
        self._coded: list[bytes] = []
        self._size = 0
        self._on = self._grow(_OVERHEAD + _weigh(key) + sum(map(_weigh, headers)))

    def take(self, plain: bytes, coded: bytes) -> None:
        """Record the next piece, plain and as sent in a coding."""
        if self._on and self._grow(len(plain) + len(coded)):
            self._plain.append(plain)
            self._coded.append(coded)
        else:
            self.close()

    def keep(self, coding: str, *, encodes: bool) -> None:
        """Store the complete answer; `coding` is that of the pieces, "" for none."""
        if not self._on:
            return
        bodies = {"": b"".join(self._plain)}
        if coding:
            bodies[coding] = b"".join(self._coded)
        encodes = encodes and len(bodies[""]) >= SMALLEST
        kept = StoredAnswer(self._headers, self._tag, bodies, encodes, self._size)
        self._size, self._on = 0, False
        self._cache.keep(self._key, self._state, kept)

    def close(self) -> None:
        """Drop the copy if it was not stored."""
        self._cache.release(self._size)
        self._size, self._on = 0, False
        self._plain.clear()
        self._coded.clear()

    def _grow(self, size: int) -> bool:
        if self._size + size > self._cache.largest or not self._cache.claim(size):
            return False
        self._size += size
        return True


def _weigh(parts: tuple[Hashable, ...]) -> int:
    return sum(len(part) for part in parts if isinstance(part, (bytes, str)))
