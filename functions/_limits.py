"""What one instance takes on at a time, so that nobody can fill its threads or its memory."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from functions._errors import BodyTooSlow, Busy


class Places:
    """So many callers at a time; the others wait a little, and are then sent away."""

    def __init__(self, count: int, wait: float) -> None:
        """`wait` is in seconds."""
        self._free = threading.BoundedSemaphore(count)
        self._wait = wait

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold one place; raises `Busy` if none gets free in time."""
        if not self._free.acquire(timeout=self._wait):
            raise Busy("too many reports at once; send the same request again")
        try:
            yield
        finally:
            self._free.release()


@dataclass(eq=False, slots=True)
class _Arrival:
    connection: socket.socket
    due: float
    """Monotonic seconds."""
    late: bool = False


class Arrivals:
    """Ends the reading of bodies that do not arrive in time.

    A reader waits for bytes in the system's own call, where it cannot look at a clock; so another
    thread, one for all, shuts the connection's reading side when time is up.
    """

    def __init__(self, seconds: float, every: float = 0.5) -> None:
        """A body may take `seconds`; they are checked `every` so many seconds."""
        self._seconds = seconds
        self._every = every
        self._awaited: set[_Arrival] = set()
        self._changed = threading.Condition()
        self._watch: threading.Thread | None = None

    @contextmanager
    def awaited(self, connection: socket.socket | None) -> Iterator[None]:
        """Read a body from this connection; raises `BodyTooSlow` when it was shut meanwhile.

        Without a connection, as in a test client, there is nothing to wait for.
        """
        if connection is None:
            yield
            return
        arrival = _Arrival(connection, time.monotonic() + self._seconds)
        self._expect(arrival)
        try:
            yield
        finally:
            with self._changed:
                self._awaited.discard(arrival)
        if arrival.late:
            raise BodyTooSlow(f"the body took more than {self._seconds:g} s")

    def _expect(self, arrival: _Arrival) -> None:
        with self._changed:
            self._awaited.add(arrival)
            self._changed.notify()
            if self._watch is None:
                self._watch = threading.Thread(target=self._keep_watch, daemon=True)
                self._watch.start()

    def _keep_watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._awaited)
                self._shut_late(time.monotonic())
            time.sleep(self._every)

    def _shut_late(self, now: float) -> None:
        for arrival in self._awaited:
            if now >= arrival.due and not arrival.late:
                arrival.late = True
                with suppress(OSError):  # the client was faster
                    arrival.connection.shutdown(socket.SHUT_RD)
