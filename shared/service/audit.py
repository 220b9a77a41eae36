"""Audit: everything that recomputing a closed round, or the current snapshot, needs, as one file.

What is signed and what is stored goes out byte for byte, so that whoever has the file can check
every signature and hash. `quorate verify` does; docs/verify.md describes the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.explanation import hear
from shared.domain.reports import Report
from shared.service.answers import SnapshotTooLarge, UnknownRound
from shared.service.archive import Archive, PastRecord, PresentRecord, require_all
from shared.service.audit_documents import (
    FORMAT,
    encode_closed,
    encode_original,
    encode_payload_bytes,
)
from shared.service.encoding import digest
from shared.service.ports import ReportLog, SignedReport, StoredRound
from shared.service.provenance import ENGINE
from shared.service.round_documents import encode_registry
from shared.service.snapshots import encode_resolution
from shared.service.times import rfc3339

MOST_BYTES = 96 * 1024 * 1024
"""Bytes of signed bodies in one file: 64 validators on 1,024 miners with all their metadata."""


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """One file, ready to be sent."""

    head: dict[str, Any]
    """All but the signed reports."""
    originals: Sequence[SignedReport]

    def chunks(self) -> Iterator[str]:
        """The file as JSON, a report at a time."""
        head, time = dict(self.head), rfc3339(self.head["now"])
        yield _json(head)[:-1] + ',"reports":['
        for number, report in enumerate(self.originals):
            yield ("," if number else "") + _json(encode_original(report))
        yield f'],"timestamp":"{time}"}}'


@dataclass(frozen=True, slots=True)
class Audit:
    """The use case. May raise `Unavailable`."""

    log: ReportLog
    archive: Archive
    parse: Callable[[SignedReport], Report]
    """From a signed body to its statuses, as when it was accepted."""
    most_bytes: int = MOST_BYTES

    def past(self, netuid: int, number: int) -> SnapshotFile:
        """A closed round (2 reads + 1 per input).

        Raises `UnknownRound` and `SnapshotTooLarge`.
        """
        record = self.archive.past(netuid, number)
        originals = self._originals(netuid, record.inputs, f"round {number}")
        found = hear(record.premises(map(self.parse, originals))).resolution
        head = {
            **_about(netuid, "round", record),
            "round": number,
            "now": record.now,
            "hash": record.closed.payload_sha256,
            **encode_payload_bytes(record.closed.payload),
            "result": encode_resolution(found),
            "before": _before(record.before),
        }
        return SnapshotFile(head, originals)

    def present(self, netuid: int) -> SnapshotFile:
        """The current snapshot (4 reads + 1 per input).

        Raises `UnknownRound` where there is none yet, and `SnapshotTooLarge`.
        """
        stored = self.archive.snapshots.load(netuid)
        if stored is None:
            raise UnknownRound("there is no snapshot yet")
        record = self.archive.present(netuid, stored)
        head = {
            **_about(netuid, "current", record),
            "version": stored.version,
            "now": stored.computed_at,
            "watermark": stored.watermark,
            "closed_through": stored.closed_through,
            "hash": digest(stored.payload),
            **encode_payload_bytes(stored.payload),
            "registry": encode_registry(record.registry),
            "last_round": stored.last_round,
            "last_round_hash": stored.last_round_hash,
            "before": _before(record.last),
        }
        return SnapshotFile(head, self._originals(netuid, record.inputs, "the snapshot"))

    def _originals(self, netuid: int, inputs: Sequence[str], what: str) -> list[SignedReport]:
        found: list[SignedReport] = []
        size = 0
        for report in self.log.originals(netuid, inputs):
            found.append(report)
            size += len(report.body)
            if size > self.most_bytes:
                raise SnapshotTooLarge(f"{what} rests on more than {self.most_bytes} bytes")
        require_all(inputs, (report.report_id for report in found), what)
        return sorted(found, key=lambda report: report.report_id)


def _about(netuid: int, kind: str, record: PastRecord | PresentRecord) -> dict[str, Any]:
    return {
        "success": True,
        "format": FORMAT,
        "engine": ENGINE,
        "kind": kind,
        "netuid": netuid,
        "inputs": list(record.inputs),
    }


def _before(closed: StoredRound | None) -> dict[str, Any] | None:
    return encode_closed(closed) if closed else None


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
