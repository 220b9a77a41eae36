"""How many Firestore operations the work in hand has cost: billed reads and writes, counted.

A request's log line carries its counts, so that a bill can be explained line by line.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Operations:
    """Documents read (a query without a result counts one) and written."""

    reads: int = 0
    writes: int = 0


_current: ContextVar[Operations | None] = ContextVar("operations", default=None)


class _Counting:
    """A class, as every request has one: a generator takes three times as long."""

    def __enter__(self) -> Operations:
        operations = Operations()
        self._token = _current.set(operations)
        return operations

    def __exit__(self, *error: object) -> None:
        _current.reset(self._token)


def counting() -> AbstractContextManager[Operations, None]:
    """Count what is done within; the counts are complete when the block ends."""
    return _Counting()


def count(*, reads: int = 0, writes: int = 0) -> None:
    """Add to the counts of the enclosing `counting()`, if there is one."""
    operations = _current.get()
    if operations is not None:
        operations.reads += reads
        operations.writes += writes
