"""From a stored report back to its statuses, and the compression that stored bytes share."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from shared.domain.packed import packed
from shared.domain.reports import Report
from shared.logs import log
from shared.schemas import BodyError, parse_batch
from shared.service.ports import SignedReport

MAX_INFLATED = 64 * 1024 * 1024
"""No stored payload is larger than this when inflated; more is refused."""


def as_report(signed: SignedReport) -> Report:
    """Parse the signed body again, exactly as it was parsed when it was accepted.

    What is kept of it is about as large as the body, whatever stands in it.
    """
    return packed(
        Report(
            report_id=signed.report_id,
            validator_uid=signed.validator_uid,
            hotkey=signed.hotkey,
            epoch=signed.epoch,
            signed_at=signed.signed_at,
            received_at=signed.received_at,
            statuses=parse_batch(signed.content_type, signed.body).statuses,
        )
    )


def as_reports(signed: Iterable[SignedReport]) -> list[Report]:
    """Parse those that can be: a rule that became stricter since must not stop the others."""
    parsed = (_readable(each) for each in signed)
    return [report for report in parsed if report is not None]


def _readable(signed: SignedReport) -> Report | None:
    try:
        return as_report(signed)
    except BodyError as error:
        log.warning("report_unreadable", report=signed.report_id, cause=str(error))
        return None


def deflate(data: bytes) -> bytes:
    """Compress bytes for storage."""
    return zlib.compress(data, 6)


def inflate(data: bytes) -> bytes:
    """Undo `deflate`; raises `ValueError` if the result were larger than `MAX_INFLATED`."""
    inflater = zlib.decompressobj()
    plain = inflater.decompress(data, MAX_INFLATED)
    if inflater.unconsumed_tail:
        raise ValueError(f"a stored payload inflates to more than {MAX_INFLATED} bytes")
    return plain
