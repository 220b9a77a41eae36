"""How fast each validator sends, as one instance sees it: reports in a minute, and bytes.

The log knows a validator's last reports a moment late: of requests that arrive at the same time,
each would find room. An instance therefore books every report before it is written, so that its
limit is exact; n instances that are asked at the same moment let through n times as much at most.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from shared.service.refusals import OverBudget, RateLimited, TooManyRefused

WINDOW = 60.0
"""Seconds."""
REFUSED_PER_REPORT = 2
"""Requests in vain that are read within the window, for each report that is allowed in it."""
BUDGET = 4 * 1024 * 1024
"""Bytes that a validator may send at once."""
DRAIN = 16 * 1024 * 1024 / 900
"""Bytes a second that it may send for ever: 16 MiB in 15 minutes, the reporting window."""

Times = tuple[float, ...]
Sender = tuple[int, str]
"""Subnet and hotkey: a validator's reports on another subnet are another matter."""


class Account(NamedTuple):
    """What a validator's last report says of those up to it."""

    recent: Times = ()
    """When the last ones were received, ascending, itself last."""
    debt: int = 0
    """Bytes that were not drained yet when it was received, its own among them."""


class Booking(NamedTuple):
    """A report that an instance lets through."""

    at: float
    """When it was received."""
    size: int
    """Bytes that it counts."""


class Pace:
    """The last minute of every registered validator; thread-safe. Times are seconds since 1970."""

    def __init__(self, limit: int) -> None:
        """`limit` reports fit into a minute."""
        self._limit = limit
        self._lock = threading.Lock()
        self._booked: dict[Sender, tuple[Booking, ...]] = {}
        self._in_vain: dict[Sender, Times] = {}

    def require_patience(self, sender: Sender, now: float) -> None:
        """Raise `TooManyRefused` while too many requests were in vain: reading costs us too."""
        most = REFUSED_PER_REPORT * self._limit
        with self._lock:
            in_vain = _within(self._in_vain.get(sender, ()), now)
        if len(in_vain) >= most:
            rule = f"more than {most} requests of this hotkey were refused or repeated in a minute"
            raise TooManyRefused(rule, in_vain[-most] + WINDOW - now)

    def in_vain(self, sender: Sender, now: float) -> None:
        """Remember that a request made no report: it was refused, or it was a repeat."""
        with self._lock:
            times = (*self._in_vain.get(sender, ()), now)
            self._in_vain[sender] = times[-REFUSED_PER_REPORT * self._limit :]

    def book(self, sender: Sender, report: Booking, stored: Account) -> Account:
        """Make room for one more report; gives the account after it.

        `stored` is what the log knows. Raises `RateLimited` or `OverBudget`.
        """
        now = report.at
        with self._lock:
            booked = self._booked.get(sender, ())
            known = _united(stored.recent, booked)
            self._require_turn(known, now)
            debt = _owed(stored, booked, now) + report.size
            _require_budget(debt)
            lately = (each for each in booked if now - each.at < WINDOW)
            self._booked[sender] = (*lately, report)
        return Account((*known, now)[-self._limit :], debt)

    def cancel(self, sender: Sender, booked: Booking) -> None:
        """The booked report was not written."""
        with self._lock:
            kept = Counter(self._booked.get(sender, ())) - Counter((booked,))
            self._booked[sender] = tuple(sorted(kept.elements()))

    def _require_turn(self, known: Times, now: float) -> None:
        within = _within(known, now)
        if len(within) >= self._limit:
            rule = f"at most {self._limit} reports a minute"
            raise RateLimited(rule, within[-self._limit] + WINDOW - now)


def _require_budget(debt: int) -> None:
    if debt > BUDGET:
        rule = f"at most {BUDGET} bytes of reports at once, and {DRAIN * WINDOW:.0f} a minute"
        raise OverBudget(rule, (debt - BUDGET) / DRAIN)


def _within(times: Iterable[float], now: float) -> Times:
    return tuple(at for at in times if now - at < WINDOW)


def _united(stored: Times, booked: Iterable[Booking]) -> Times:
    """Both, each report once: what is written has the time under which it was booked."""
    times = tuple(each.at for each in booked)
    if not stored or stored == times:
        return times
    return tuple(sorted((Counter(stored) | Counter(times)).elements()))


def _owed(stored: Account, booked: Iterable[Booking], now: float) -> int:
    """Bytes in a leaky bucket at `now`: the log's, and what it has not seen."""
    level, at = float(stored.debt), stored.recent[-1] if stored.recent else 0.0
    for unseen in _unseen(stored.recent, booked):
        level = _drained(level, unseen.at - at) + unseen.size
        at = max(at, unseen.at)
    return int(_drained(level, now - at))


def _unseen(stored: Times, booked: Iterable[Booking]) -> Iterable[Booking]:
    if not stored:
        yield from booked
        return
    seen = Counter(stored)
    for each in booked:
        if seen[each.at]:
            seen[each.at] -= 1
        else:
            yield each


def _drained(level: float, seconds: float) -> float:
    return max(0.0, level - DRAIN * max(0.0, seconds))
