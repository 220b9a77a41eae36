"""Which reports one instance took lately, so that a repeated request is answered unread."""

from __future__ import annotations

import threading
from collections import OrderedDict

from shared.service.ports import SignedReport, Verified

MOST_BYTES = 8 * 1024 * 1024
"""Of bodies: those that 64 validators send about 256 miners within a minute, and more."""

ABOUT = 2048
"""Bytes of a report beside its body."""

Request = tuple[int, str, str, str, str]
"""Subnet, hotkey, nonce, content type, and hash of the body: all that an answer depends on."""


class Receipts:
    """The last reports that were kept; thread-safe."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Remember so many bytes of bodies."""
        self._left = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Request, SignedReport] = OrderedDict()

    def keep(self, netuid: int, report: SignedReport) -> None:
        """Remember a report that was stored, and forget the oldest of too many."""
        request = (
            netuid,
            report.hotkey,
            report.nonce,
            report.content_type,
            report.body_sha256,
        )
        with self._lock:
            self._kept[request] = report
            self._left -= _size(report)
            while self._left < 0:
                self._left += _size(self._kept.popitem(last=False)[1])

    def of(self, netuid: int, verified: Verified, content_type: str) -> SignedReport | None:
        """The report that this very request made; None if it is not known."""
        request = (netuid, verified.hotkey, verified.nonce, content_type, verified.body_sha256)
        with self._lock:
            return self._kept.get(request)


def _size(report: SignedReport) -> int:
    return len(report.body) + ABOUT
