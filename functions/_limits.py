"""What one instance takes on at a time, so that nobody can fill its threads or its memory."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from queue import Empty, SimpleQueue

from functions._errors import BodyTooSlow, Busy


class Places:
    """So many callers at a time; the others wait a little, and are then sent away.

    `with places:` holds one; raises `Busy` if none gets free in time.
    """

    def __init__(self, count: int, wait: float) -> None:
        """`wait` is in seconds."""
        self._free: SimpleQueue[None] = SimpleQueue()  # a tenth of what a semaphore takes
        self._wait = wait
        for _ in range(count):
            self._free.put(None)

    def __enter__(self) -> None:
        try:
            self._free.get(timeout=self._wait)
        except Empty:
            raise Busy("too many reports at once; send the same request again") from None

    def __exit__(self, *error: object) -> None:
        self._free.put(None)


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

    def awaited(self, connection: socket.socket | None) -> AbstractContextManager[None]:
        """Read a body from this connection; raises `BodyTooSlow` when it was shut meanwhile.

        Without a connection, as in a test client, there is nothing to wait for.
        """
        return _Arrival(self, connection, self._seconds) if connection else nullcontext()

    def begin(self, arrival: _Arrival) -> None:
        """Look at this one from now on."""
        with self._changed:
            self._awaited.add(arrival)
            self._changed.notify()
            if self._watch is None:
                self._watch = threading.Thread(target=self._keep_watch, daemon=True)
                self._watch.start()

    def end(self, arrival: _Arrival) -> None:
        """It is over, whichever way."""
        with self._changed:
            self._awaited.discard(arrival)

    def _keep_watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._awaited)
                now = time.monotonic()
                for arrival in self._awaited:
                    arrival.shut_if_late(now)
            time.sleep(self._every)


class _Arrival:
    def __init__(self, arrivals: Arrivals, connection: socket.socket, seconds: float) -> None:
        self._arrivals = arrivals
        self._connection = connection
        self._seconds = seconds
        self._due = time.monotonic() + seconds
        self._late = False

    def __enter__(self) -> None:
        self._arrivals.begin(self)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._arrivals.end(self)
        if self._late and kind is None:
            raise BodyTooSlow(f"the body took more than {self._seconds:g} s")

    def shut_if_late(self, now: float) -> None:
        """End its reading when its time (monotonic seconds) is up."""
        if now >= self._due and not self._late:
            self._late = True
            with suppress(OSError):  # the client was faster
                self._connection.shutdown(socket.SHUT_RD)
