"""Which reports one instance took lately, so that a repeated request is answered unread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace

from shared.service.ports import SignedReport, Verified

MOST = 1024
"""Reports that are remembered: of 64 validators the last minute at least, some 2 MiB."""

Request = tuple[int, str, str, str, str]
"""Subnet, hotkey, nonce, content type, and hash of the body: all that an answer depends on."""


class Receipts:
    """The last reports that were kept, without their bodies; thread-safe."""

    def __init__(self, most: int = MOST) -> None:
        """Remember so many."""
        self._most = most
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
            self._kept[request] = replace(report, body=b"")
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def of(self, netuid: int, verified: Verified, content_type: str) -> SignedReport | None:
        """The report that this very request made, without its body; None if it is not known."""
        request = (netuid, verified.hotkey, verified.nonce, content_type, verified.body_sha256)
        with self._lock:
            return self._kept.get(request)
