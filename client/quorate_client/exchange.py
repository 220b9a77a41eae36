"""One exchange with the service, retries included, as a generator that does no I/O.

The generator yields what to do (`Send`, `Wait` or `Call`) and is sent what came of it; the sync and
the async clients only drive it, so that both behave alike.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from quorate_client.errors import (
    RateLimited,
    Refused,
    TooSlow,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
    refusal,
)

LONGEST_PATIENCE = 90.0
"""Seconds within which a signed request is certainly still fresh (the service takes 120)."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this request."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Call:
    """Call somebody else's function; an event loop awaits what it gives, if it can be awaited."""

    function: Callable[[], Any]
    catching: type[Exception] | tuple[type[Exception], ...] = ()
    """What it may raise as an outcome; everything else ends the exchange."""


@dataclass(frozen=True, slots=True)
class Called:
    """What a function gave."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """What a function raised."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service sent back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Step = Send | Wait | Call
Outcome = Answer | Unreachable | Called | Raised | None
"""What comes of a step: an answer or none, what a function did, and nothing of a wait."""

T = TypeVar("T")
Exchange = Generator[Step, Outcome, T]


@dataclass(frozen=True)
class Retries:
    """How long to try again, and how to wait: full jitter, `base`·2ⁿ seconds at most, up to `cap`.

    `patience` is the time in seconds, 0–90, after which no further attempt begins; a `Retry-After`
    that does not fit into what is left of it ends the exchange with the service's error.
    """

    patience: float = 45.0
    base: float = 0.5
    cap: float = 10.0
    uniform: Callable[[float, float], float] = field(default=random.uniform)
    clock: Callable[[], float] = field(default=time.monotonic)

    def __post_init__(self) -> None:
        """Refuse a patience that outlives a signature."""
        if not 0 <= self.patience <= LONGEST_PATIENCE:
            raise ValueError(f"patience must lie in 0–{LONGEST_PATIENCE:g} seconds")

    def delay(self, attempt: int) -> float:
        """Seconds before attempt number `attempt` + 1; 0 is the first."""
        return self.uniform(0.0, min(self.cap, self.base * 2**attempt))


def persist(prepare: Callable[[], Send], retries: Retries) -> Exchange[Answer]:
    """Send until there is an answer, or patience ends; gives the answer, whatever a 2xx or 3xx is.

    Where no answer came, or 408 or 5xx, the very same request goes out again: the service knows a
    report by its nonce and a task by its idempotency key, and keeps it once. Only after 429, which
    stores nothing, `prepare` makes another. Raises `Unreachable` or `Refused`.
    """
    request, attempt, deadline = prepare(), 0, retries.clock() + retries.patience
    while True:
        outcome = yield request
        if isinstance(outcome, Answer) and outcome.status < 400:
            return outcome
        failure = _failure_of(outcome)
        pause = max(retries.delay(attempt), getattr(failure, "retry_after", None) or 0.0)
        if not _may_pass(failure) or retries.clock() + pause > deadline:
            raise failure
        yield Wait(pause)
        attempt += 1
        if isinstance(failure, RateLimited):
            request = prepare()


def content_of(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object; raises `UnexpectedAnswer` if it is none."""
    try:
        content = json.loads(answer.body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        kind = answer.headers.get("content-type", "no content type")
        raise UnexpectedAnswer(f"HTTP {answer.status} with {kind} instead of a JSON object")
    return content


def _failure_of(outcome: Outcome) -> Unreachable | Refused:
    if isinstance(outcome, Unreachable):
        return outcome
    if not isinstance(outcome, Answer):
        raise TypeError("a request has an answer or none")
    return refusal(outcome.status, _problem_of(outcome), _retry_after(outcome))


def _may_pass(failure: Unreachable | Refused) -> bool:
    return isinstance(failure, Unreachable | RateLimited | TooSlow | Unavailable)


def _problem_of(answer: Answer) -> dict[str, Any]:
    try:
        return content_of(answer)
    except UnexpectedAnswer as error:
        return {"detail": str(error)}


def _retry_after(answer: Answer) -> float | None:
    """Seconds; the header's date form counts as absent, the service does not use it."""
    value = answer.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdecimal() else None
