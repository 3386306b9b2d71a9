"""Answers that are kept to be given again, within a limit of bytes."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from comity.service.http.middleware.content_coding import SMALLEST

RawHeaders = list[tuple[bytes, bytes]]
Key = tuple[Hashable, ...]
State = tuple[str, int]  # the data version, and the day since the epoch

_SHARE: Final = 16  # no answer takes more than this part of the limit
_OVERHEAD: Final = 1000  # bytes that an answer takes beside its key, headers and bodies, or more


@dataclass(slots=True)
class StoredAnswer:
    """An answer as it went out: `headers` without those that depend on the content coding.

    `bodies` has it by content coding, "" for none; what is missing of these is made when it is
    asked for, if the answer `encodes` at all. `size` is in bytes, 0 for what is kept no more.
    """

    headers: RawHeaders
    tag: bytes
    bodies: dict[str, bytes]
    encodes: bool
    size: int


@dataclass(slots=True)
class CacheCounters:
    """What the cache has done since the start: for who measures."""

    hits: int = 0
    misses: int = 0
    not_modified: int = 0
    evicted: int = 0


@dataclass(slots=True)
class AnswerCache:
    """The answers of one state of the data: with another one all are forgotten, so none is ever stale.

    `limit` is in bytes, 0 for a cache that keeps nothing; `used` is never more, and has what is on
    its way into the cache, too. What was not asked for the longest goes first.
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
        """Bytes that one answer may have, in all its codings together."""
        return self.limit // _SHARE

    def find(self, key: Key, state: State) -> StoredAnswer | None:
        """The answer to a request, where it is kept for this state of the data."""
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
        """Make room for so many bytes; False where there can't be any."""
        while self.used + size > self.limit and self._kept:
            self._drop(self._kept.popitem(last=False)[1])
            self.counts.evicted += 1
        if self.used + size > self.limit:
            return False
        self.used += size
        return True

    def release(self, size: int) -> None:
        """Give back what was claimed."""
        self.used -= size

    def keep(self, key: Key, state: State, kept: StoredAnswer) -> None:
        """Keep an answer, whose `size` was claimed; one of another state is dropped."""
        if state != self._state or key in self._kept:
            self._drop(kept)
        else:
            self._kept[key] = kept

    def add(self, kept: StoredAnswer, coding: str, body: bytes) -> None:
        """Keep another coding of an answer, where there is room for it."""
        if coding in kept.bodies or kept.size + len(body) > self.largest:
            return
        if self.claim(len(body)):
            if not kept.size:  # it had to make room itself, or was dropped before
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
    """The copy of an answer that is on its way; it ends where the answer turns out too large."""

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
        """Note the next piece, and how it went out in a coding."""
        if self._on and self._grow(len(plain) + len(coded)):
            self._plain.append(plain)
            self._coded.append(coded)
        else:
            self.close()

    def keep(self, coding: str, *, encodes: bool) -> None:
        """The answer is complete: keep it; `coding` is that of the pieces, "" for none."""
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
        """Drop what is not kept."""
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
