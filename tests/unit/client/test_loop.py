"""The background loop: never in the way, never silent."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from quorate_client.errors import Unreachable
from quorate_client.loop import ReportLoop
from quorate_client.reporter import Receipt


def receipt(epoch: int) -> Receipt:
    return Receipt(f"nonce-{epoch}", 3, epoch, 1, "00", "2026-01-01T00:00:00Z")


class Desk:
    """Takes reports; each waits for `open`, and epochs in `bad` raise."""

    def __init__(self, bad: Mapping[int, Exception] | None = None) -> None:
        self.open = threading.Event()
        self.taking = threading.Event()
        self.epochs: list[int] = []
        self._bad = bad or {}

    def report(self, statuses: Iterable[Mapping[str, Any]], epoch: int) -> Receipt:
        self.epochs.append(epoch)
        self.taking.set()
        assert self.open.wait(10)
        assert [{"uid": epoch}] == list(statuses)
        if epoch in self._bad:
            raise self._bad[epoch]
        return receipt(epoch)


def offer(loop: ReportLoop, epoch: int) -> None:
    loop.offer([{"uid": epoch}], epoch)


def test_an_offer_is_sent() -> None:
    """The counters and the receipt say so."""
    desk = Desk()
    desk.open.set()
    with ReportLoop(desk) as loop:
        offer(loop, 1)

    assert (1, 0, receipt(1)) == (loop.health.sent, loop.health.failed, loop.health.last_receipt)


def test_the_newest_offer_overtakes_those_that_wait() -> None:
    """While the first is under way, only the last of the others is kept."""
    desk = Desk()
    with ReportLoop(desk) as loop:
        offer(loop, 1)
        assert desk.taking.wait(10)
        for epoch in (2, 3, 4):
            offer(loop, epoch)
        desk.open.set()

    assert [1, 4] == desk.epochs
    assert (2, 2) == (loop.health.sent, loop.health.replaced)


def test_a_failure_is_counted_and_the_next_report_goes_out() -> None:
    """Whatever is raised, also by a wallet, stays out of the main loop."""
    desk = Desk(bad={1: Unreachable("gone"), 2: RuntimeError("locked wallet")})
    desk.open.set()
    loop = ReportLoop(desk)
    for epoch in (1, 2):
        before = loop.health.failed
        offer(loop, epoch)
        _wait_until_failed(loop, before + 1)
    failed = loop.health
    offer(loop, 3)
    loop.close()

    assert (2, 2, "RuntimeError: locked wallet") == (
        failed.failed,
        failed.in_a_row,
        failed.last_error,
    )
    assert (1, 0) == (loop.health.sent, loop.health.in_a_row)


def test_after_close_nothing_is_sent() -> None:
    """A late offer is dropped without an error."""
    desk = Desk()
    loop = ReportLoop(desk)
    loop.close()
    offer(loop, 1)

    assert [] == desk.epochs


def test_close_without_waiting_drops_what_waits() -> None:
    """The report under way ends by itself; the one behind it never starts."""
    desk = Desk()
    loop = ReportLoop(desk)
    offer(loop, 1)
    assert desk.taking.wait(10)
    offer(loop, 2)
    loop.close(wait=False)
    desk.open.set()
    loop.close()

    assert [1] == desk.epochs


def _wait_until_failed(loop: ReportLoop, failed: int) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if loop.health.failed >= failed:
            return
        pause.wait(0.01)
    raise AssertionError(loop.health)
