"""Per-validator limits and places: what arrives at once is counted at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions._errors import Busy
from functions._limits import Places
from shared.service.pace import Account, Booking, Pace
from shared.service.refusals import RateLimited, TooManyRefused

T0 = 1_800_000_000.0
ALICE = (1, "alice")


@pytest.fixture
def pace() -> Pace:
    """Three reports a minute."""
    return Pace(limit=3)


def booked(pace: Pace, times: int, now: float = T0) -> int:
    """How many of so many reports at once, none of them in the log yet, find room."""

    def one(_: int) -> bool:
        try:
            pace.book(ALICE, Booking(now, 0), Account())
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        return sum(threads.map(one, range(times)))


def test_a_burst_that_the_log_has_not_seen_is_limited(pace: Pace) -> None:
    """Fifty requests at once are three reports, although the log knows of none."""
    assert 3 == booked(pace, 50)


def test_room_comes_back_when_the_first_is_a_minute_old(pace: Pace) -> None:
    """The whole burst is allowed at once, and again after a minute."""
    booked(pace, 3)

    with pytest.raises(RateLimited) as refused:
        pace.book(ALICE, Booking(T0 + 59.0, 0), Account())
    assert refused.value.retry_after == pytest.approx(1.0)
    assert 3 == booked(pace, 50, T0 + 60.0)


def test_what_the_log_knows_and_what_is_booked_is_counted_once(pace: Pace) -> None:
    """A report stands in both when it is written; another instance's stands in the log alone."""
    pace.book(ALICE, Booking(T0, 0), Account())
    known = Account((T0 - 5, T0))

    assert (T0 - 5, T0, T0 + 1) == pace.book(ALICE, Booking(T0 + 1, 0), known).recent
    with pytest.raises(RateLimited):
        pace.book(ALICE, Booking(T0 + 2, 0), Account((T0 - 5, T0, T0 + 1)))


def test_what_was_not_written_takes_no_room(pace: Pace) -> None:
    """A store that does not answer costs a validator none of its reports."""
    for _ in range(10):
        pace.book(ALICE, Booking(T0, 0), Account())
        pace.cancel(ALICE, Booking(T0, 0))

    assert 3 == booked(pace, 50)


def test_each_validator_and_each_subnet_has_its_own_pace(pace: Pace) -> None:
    """One validator's haste is no other's, nor its own on another subnet."""
    booked(pace, 3)

    assert (T0,) == pace.book((1, "bob"), Booking(T0, 0), Account()).recent
    assert (T0,) == pace.book((2, "alice"), Booking(T0, 0), Account()).recent


def test_who_is_refused_too_often_is_not_read_for_a_while(pace: Pace) -> None:
    """Six refusals for three reports a minute; the seventh request waits until the first is old."""
    for second in range(6):
        pace.require_patience(ALICE, T0 + second)
        pace.in_vain(ALICE, T0 + second)

    with pytest.raises(TooManyRefused) as refused:
        pace.require_patience(ALICE, T0 + 6)
    assert refused.value.retry_after == pytest.approx(54.0)
    pace.require_patience((1, "bob"), T0 + 6)
    pace.require_patience(ALICE, T0 + 60)


def test_so_many_have_a_place_and_the_next_is_sent_away() -> None:
    """Whoever leaves, by an error too, makes room."""
    places = Places(2, wait=0.01)
    with places, places, pytest.raises(Busy), places:
        pytest.fail("a third place")
    with pytest.raises(ZeroDivisionError), places:
        _ = 1 // 0

    with places, places:
        pass


def test_whoever_waits_gets_the_place_that_gets_free() -> None:
    """A burst is served one after the other, not refused."""
    places = Places(1, wait=30.0)
    inside, most = 0, 0
    lock = threading.Lock()

    def work(_: int) -> None:
        nonlocal inside, most
        with places:
            with lock:
                inside += 1
                most = max(most, inside)
            with lock:
                inside -= 1

    run_all(work, 40)

    assert (0, 1) == (inside, most)


def run_all(work: Callable[[int], None], times: int) -> None:
    """At once, and every error comes out."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(times)))
