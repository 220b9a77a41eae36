"""Retries, step by step: what is sent again, what is made anew, and what ends the exchange."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from quorate_client import errors
from quorate_client.exchange import Answer, Outcome, Retries, Send, Wait, content_of, persist


class Clock:
    """Stands still until a wait is told to it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def answer(status: int, content: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, json.dumps(content or {}).encode())


def rehearse(
    outcomes: list[Outcome], patience: float = 45.0
) -> tuple[list[int], list[float], Answer | errors.QuorateError]:
    """Numbers of the requests sent (equal: the same one), seconds waited, and the end."""
    clock, made = Clock(), iter(range(99))
    retries = Retries(patience, uniform=lambda _, most: most, clock=clock)
    exchange = persist(lambda: Send("POST", str(next(made)), {}), retries)
    sent: list[int] = []
    waits: list[float] = []
    coming: Iterator[Outcome] = iter(outcomes)
    outcome: Outcome = None
    try:
        while True:
            step = exchange.send(outcome)
            if isinstance(step, Wait):
                waits.append(step.seconds)
                clock.now += step.seconds
                outcome = None
            else:
                assert isinstance(step, Send)
                sent.append(int(step.url))
                outcome = next(coming)
    except StopIteration as end:
        return sent, waits, end.value
    except errors.QuorateError as error:
        return sent, waits, error


def test_an_answer_ends_the_exchange() -> None:
    """One request is enough when it is answered."""
    good = answer(200)

    assert ([0], [], good) == rehearse([good])


@pytest.mark.parametrize(
    "failure",
    [errors.Unreachable("gone"), answer(408), answer(500), answer(502), answer(503), answer(504)],
)
def test_where_the_outcome_is_unknown_the_same_request_goes_again(failure: Outcome) -> None:
    """Same nonce, so that the service keeps the report once."""
    sent, waits, _ = rehearse([failure, failure, answer(200)])

    assert ([0, 0, 0], [0.5, 1.0]) == (sent, waits)


def test_after_429_a_new_request_is_made() -> None:
    """Nothing was stored, and the old nonce may be stale by then."""
    sent, waits, _ = rehearse([answer(429, retry_after="7"), answer(200)])

    assert ([0, 1], [7.0]) == (sent, waits)


def test_retry_after_is_honoured_where_it_is_longer() -> None:
    """The service knows better than the back-off, unless it asks for less."""
    _, waits, _ = rehearse(
        [answer(503, retry_after="5"), answer(503, retry_after="0"), answer(200)]
    )

    assert [5.0, 1.0] == waits


def test_a_wait_beyond_patience_is_not_begun() -> None:
    """The service's error comes out at once, with its Retry-After."""
    sent, waits, end = rehearse([answer(429, retry_after="60")])

    assert ([0], []) == (sent, waits)
    assert isinstance(end, errors.RateLimited)
    assert end.retry_after == 60.0


def test_patience_ends() -> None:
    """The last failure is what the caller sees."""
    gone = errors.Unreachable("gone")
    sent, waits, end = rehearse([gone] * 99, patience=4.0)

    assert ([0, 0, 0, 0], [0.5, 1.0, 2.0], gone) == (sent, waits, end)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 422])
def test_a_refusal_is_final(status: int) -> None:
    """What the service refuses once it refuses again."""
    sent, waits, end = rehearse([answer(status, {"detail": "no"})])

    assert ([0], []) == (sent, waits)
    assert isinstance(end, errors.Refused)
    assert (status, "no") == (end.status, end.detail)


def test_delays_grow_up_to_a_cap_and_are_jittered() -> None:
    """Full jitter: anything from nothing to the doubled base."""
    asked: list[tuple[float, float]] = []

    def lowest(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    retries = Retries(uniform=lowest)
    for attempt in range(6):
        retries.delay(attempt)

    assert [(0, 0.5), (0, 1.0), (0, 2.0), (0, 4.0), (0, 8.0), (0, 10.0)] == asked


@pytest.mark.parametrize("patience", [-1.0, 91.0, float("nan")])
def test_patience_stays_within_a_signatures_life(patience: float) -> None:
    """The service takes a nonce for 120 seconds; retries must end before."""
    with pytest.raises(ValueError, match="0–90 seconds"):
        Retries(patience)


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"", b"\xff"])
def test_what_is_no_json_object_is_somebody_elses_answer(body: bytes) -> None:
    """A proxy's page is told apart from the service."""
    with pytest.raises(errors.UnexpectedAnswer, match="HTTP 200 with text/html"):
        content_of(Answer(200, {"content-type": "text/html"}, body))


def test_a_gateways_page_is_an_unavailable_service() -> None:
    """A 502 without problem+json keeps its status and says what came instead."""
    _, _, end = rehearse([Answer(502, {"content-type": "text/html"}, b"<html>")], patience=0.0)

    assert isinstance(end, errors.Unavailable)
    assert end.detail == "HTTP 502 with text/html instead of a JSON object"
