"""How fast each validator sends, as one instance sees it.

The log knows a validator's last reports a moment late: of requests that arrive at the same time,
each would find room. An instance therefore books every report before it is written, so that its
limit is exact; n instances that are asked at the same moment let through n times as much at most.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence

from shared.service.refusals import RateLimited, TooManyRefused

WINDOW = 60.0
"""Seconds."""
REFUSED_PER_REPORT = 2
"""Refused requests that are read within the window, for each report that is allowed in it."""

Times = tuple[float, ...]
Sender = tuple[int, str]
"""Subnet and hotkey: a validator's reports on another subnet are another matter."""


class Pace:
    """The last minute of every registered validator; thread-safe. Times are seconds since 1970."""

    def __init__(self, limit: int) -> None:
        """`limit` reports fit into a minute."""
        self._limit = limit
        self._lock = threading.Lock()
        self._booked: dict[Sender, Times] = {}
        self._refused: dict[Sender, Times] = {}

    def require_patience(self, sender: Sender, now: float) -> None:
        """Raise `TooManyRefused` while too many requests were refused: reading costs us too."""
        most = REFUSED_PER_REPORT * self._limit
        with self._lock:
            refused = _within(self._refused.get(sender, ()), now)
        if len(refused) >= most:
            rule = f"more than {most} requests of this hotkey were refused within a minute"
            raise TooManyRefused(rule, refused[-most] + WINDOW - now)

    def refused(self, sender: Sender, now: float) -> None:
        """Remember that a request was refused."""
        with self._lock:
            times = (*self._refused.get(sender, ()), now)
            self._refused[sender] = times[-REFUSED_PER_REPORT * self._limit :]

    def book(self, sender: Sender, now: float, stored: Sequence[float]) -> Times:
        """Make room for one more report; gives the times of the last ones, this one last.

        `stored` are those that the log knows, ascending. Raises `RateLimited`.
        """
        with self._lock:
            booked = self._booked.get(sender, ())
            known = _united(stored, booked)
            within = _within(known, now)
            if len(within) >= self._limit:
                rule = f"at most {self._limit} reports a minute"
                raise RateLimited(rule, within[-self._limit] + WINDOW - now)
            self._booked[sender] = (*_within(booked, now), now)
        return (*known, now)[-self._limit :]

    def cancel(self, sender: Sender, booked_at: float) -> None:
        """The booked report was not written."""
        with self._lock:
            times = Counter(self._booked.get(sender, ())) - Counter((booked_at,))
            self._booked[sender] = tuple(sorted(times.elements()))


def _within(times: Iterable[float], now: float) -> Times:
    return tuple(at for at in times if now - at < WINDOW)


def _united(stored: Sequence[float], booked: Times) -> Times:
    """Both, each report once: what is written has the time under which it was booked."""
    if not stored or stored == booked:
        return booked
    return tuple(sorted((Counter(stored) | Counter(booked)).elements()))
