"""Reporting in the background of a validator's main loop, which it never blocks nor breaks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

from quorate_client.reporter import Receipt

logger = logging.getLogger("quorate_client")


class Reports(Protocol):
    """What the loop needs of a reporter."""

    def report(self, statuses: Iterable[Mapping[str, Any]], epoch: int) -> Receipt:
        """Send one report and wait."""


@dataclass(frozen=True, slots=True)
class Health:
    """What became of the reports so far."""

    sent: int = 0
    failed: int = 0
    replaced: int = 0
    """Offers that a newer one overtook before they were sent."""
    in_a_row: int = 0
    """Failures since the last success."""
    last_receipt: Receipt | None = None
    last_error: str | None = None


class ReportLoop:
    """Sends what is offered, one report at a time, the newest first and only.

    While a report is on its way, the latest offer waits; an older one that still waits is replaced
    and counted: a status that is out of date helps nobody. Whatever a report raises is logged and
    counted in `health`, never raised into the main loop.
    """

    def __init__(self, reporter: Reports) -> None:
        """Starts a thread at the first offer."""
        self._reporter = reporter
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="quorate-report")
        self._lock = threading.RLock()  # a report may be done before its callback is added
        self._waiting: tuple[list[Mapping[str, Any]], int] | None = None
        self._health = Health()
        self._closed = False

    @property
    def health(self) -> Health:
        """The counters as of now."""
        with self._lock:
            return self._health

    def offer(self, statuses: Iterable[Mapping[str, Any]], epoch: int) -> None:
        """Report this as soon as possible; returns at once. After `close` it does nothing."""
        listed = list(statuses)
        with self._lock:
            if self._closed:
                return
            overtaken, self._waiting = self._waiting, (listed, epoch)
            if overtaken is not None:
                self._health = replace(self._health, replaced=self._health.replaced + 1)
                return
            self._executor.submit(self._send).add_done_callback(self._count)

    def close(self, *, wait: bool = True) -> None:
        """Send what still waits and end; with `wait=False` drop it."""
        with self._lock:
            self._closed = True
        self._executor.shutdown(wait=wait, cancel_futures=not wait)

    def __enter__(self) -> Self:
        """Itself; closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _send(self) -> Receipt:
        with self._lock:
            offer, self._waiting = self._waiting, None
        if offer is None:
            raise RuntimeError("one offer, one sending")
        return self._reporter.report(*offer)

    def _count(self, done: Future[Receipt]) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            self._succeeded(done.result())
        else:
            self._failed(error)

    def _succeeded(self, receipt: Receipt) -> None:
        with self._lock:
            sent = self._health.sent + 1
            self._health = replace(self._health, sent=sent, in_a_row=0, last_receipt=receipt)

    def _failed(self, error: BaseException) -> None:
        said = f"{type(error).__name__}: {error}"
        logger.warning("a report failed: %s", said)
        with self._lock:
            failed, in_a_row = self._health.failed + 1, self._health.in_a_row + 1
            self._health = replace(self._health, failed=failed, in_a_row=in_a_row, last_error=said)
