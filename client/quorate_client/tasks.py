"""What a task sender asks for and gets: tasks, miners with a leased place, and how they did."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, TypedDict

Outcome = Literal["success", "failure", "timeout"]
Mode = Literal["weighted", "best", "fair"]
Clock = Callable[[], float]
"""Seconds from some moment on; only differences count."""


class Task(TypedDict, total=False):
    """What a task asks for; what is left out has the service's default."""

    count: int
    """How many miners, 1–100; 3 by default."""
    task_type: str
    """Miners that serve other types only come last."""
    exclude: Collection[int]
    """uids that must not be chosen."""
    mode: Mode
    """By chance in proportion to the score (default), the best, or whoever had least of late."""
    lease_seconds: float
    """How long the places are held, 1–3600; 60 by default."""
    seed: int
    """Makes the choice repeatable."""


@dataclass(frozen=True, slots=True)
class Miner:
    """A miner with a leased place."""

    uid: int
    hotkey: str
    ip: str
    port: int
    availability_score: float
    """0.1–1."""
    consensus_confidence: float
    """0–1."""
    lease_id: str
    expires_at: str
    """RFC 3339; the lease ends by itself then."""

    @property
    def address(self) -> str:
        """`ip:port` as a URL has it."""
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who shall do a task, the first choice first."""

    assignment_id: str | None
    """None where nobody is free."""
    processing_mode: str
    """`consensus`, `fallback` or `empty`."""
    miners: tuple[Miner, ...]
    requested: int


@dataclass(frozen=True, slots=True)
class Result:
    """How one miner did."""

    uid: int
    outcome: Outcome
    latency_ms: float | None = None
    """≥ 0; None: the service takes the time since the assignment."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What the service knows of an assignment's results."""

    accepted: tuple[int, ...]
    """uids whose result is new; a miner's first result stands."""
    outstanding: tuple[int, ...]
    """uids without a result."""


@dataclass(slots=True)
class Work:
    """An assignment in hand, and how its miners did so far."""

    assignment: Assignment
    clock: Clock = time.perf_counter
    results: dict[int, Result] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Miner]:
        """The miners, the first choice first."""
        return iter(self.assignment.miners)

    def calling(self, miner: Miner) -> Calling:
        """Measure the call within: it failed if it raises, and what it raised goes on."""
        return Calling(self, miner)

    def note(self, miner: Miner, began: float, error: Exception | None) -> None:
        """Note how a call ended that began then, by the clock; a miner's first result stands."""
        latency_ms = 1000 * (self.clock() - began)
        self.results.setdefault(miner.uid, Result(miner.uid, outcome_of(error), latency_ms))


@dataclass(slots=True)
class Calling:
    """One call of one miner, as a context.

    What raises is a failure, or a timeout if it is called so. Whatever is no `Exception`, an
    interrupt or a cancelled task, is not the miner's fault and leaves no result.
    """

    work: Work
    miner: Miner
    _began: float = 0.0

    def __enter__(self) -> Miner:
        """Begin."""
        self._began = self.work.clock()
        return self.miner

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Note what came of it."""
        if error is None or isinstance(error, Exception):
            self.work.note(self.miner, self._began, error)


def outcome_of(error: Exception | None) -> Outcome:
    """What the end of a call means.

    Timeouts of HTTP libraries share no class, so that the names of an error's classes decide.
    """
    if error is None:
        return "success"
    if any("Timeout" in kind.__name__ for kind in type(error).__mro__):
        return "timeout"
    return "failure"
