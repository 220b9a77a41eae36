"""What a validator measured itself: success, latency and load of its own queries, per miner.

Kept by hotkey, because uids are recycled: a new hotkey at an old uid starts without a history.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Query:
    """One finished query; `seconds` it took, `ended_at` seconds since 1970."""

    succeeded: bool
    seconds: float
    ended_at: float
    task_type: str | None = None


@dataclass(slots=True)
class _Record:
    queries: deque[Query]
    in_flight: int = 0


@dataclass(slots=True)
class Performance:
    """Rolling measurements over the last `window` queries of each miner. Threads may share it.

    A query scores 0 if it failed, else 1 − ½ · min(1, latency / `timeout`): an answer at once
    scores 1, one at the timeout ½. A miner's score is the mean; without a query there is none.
    """

    timeout: float = 12.0
    window: int = 100
    now: Callable[[], float] = time.time
    _records: dict[str, _Record] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def record(
        self, hotkey: str, *, succeeded: bool, seconds: float, task_type: str | None = None
    ) -> None:
        """Count one finished query."""
        query = Query(succeeded, seconds, self.now(), task_type)
        with self._lock:
            self._of(hotkey).queries.append(query)

    @contextmanager
    def querying(self, hotkey: str, task_type: str | None = None) -> Iterator[None]:
        """Measure the query within: it failed if it raises, and what it raised goes on."""
        with self._lock:
            self._of(hotkey).in_flight += 1
        started, succeeded = time.perf_counter(), False
        try:
            yield
            succeeded = True
        finally:
            taken = time.perf_counter() - started
            with self._lock:
                record = self._of(hotkey)
                record.in_flight -= 1
                record.queries.append(Query(succeeded, taken, self.now(), task_type))

    def score(self, hotkey: str) -> float | None:
        """0–1, None where nothing was measured."""
        scores = [self._score(query) for query in self._queries(hotkey)]
        return sum(scores) / len(scores) if scores else None

    def success_rate(self, hotkey: str) -> float | None:
        """Share of queries that succeeded, 0–1; None where nothing was measured."""
        queries = self._queries(hotkey)
        return sum(q.succeeded for q in queries) / len(queries) if queries else None

    def latency(self, hotkey: str) -> float | None:
        """Mean seconds of the queries that succeeded; None without one."""
        return _mean([q.seconds for q in self._queries(hotkey) if q.succeeded])

    def load(self, hotkey: str) -> int:
        """Own queries to this miner that are under way."""
        with self._lock:
            record = self._records.get(hotkey)
            return record.in_flight if record else 0

    def status_fields(self, hotkey: str) -> dict[str, Any]:
        """What a miner status may say of this: nothing that was not measured."""
        queries = self._queries(hotkey)
        if not queries:
            return {}
        fields: dict[str, Any] = {
            "performance_score": round(sum(map(self._score, queries)) / len(queries), 6),
            "current_load": self.load(hotkey),
        }
        seen = max((q.ended_at for q in queries if q.succeeded), default=None)
        if seen is not None:
            fields["last_seen"] = datetime.fromtimestamp(seen, UTC).isoformat(timespec="seconds")
        types = {q.task_type: None for q in queries if q.task_type is not None}
        if types:
            fields["task_type_specialization"] = {t: _of_type(queries, t) for t in types}
        return fields

    def _queries(self, hotkey: str) -> list[Query]:
        with self._lock:
            record = self._records.get(hotkey)
            return list(record.queries) if record else []

    def _of(self, hotkey: str) -> _Record:
        return self._records.setdefault(hotkey, _Record(deque(maxlen=self.window)))

    def _score(self, query: Query) -> float:
        return 1.0 - 0.5 * min(1.0, query.seconds / self.timeout) if query.succeeded else 0.0


def _of_type(queries: list[Query], task_type: str) -> dict[str, float]:
    own = [q for q in queries if q.task_type == task_type]
    good = [q for q in own if q.succeeded]
    return {
        "total": len(own),
        "successful": len(good),
        "avg_time": round(_mean([q.seconds for q in good]) or 0.0, 6),
        "success_rate": len(good) / len(own),
    }


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
