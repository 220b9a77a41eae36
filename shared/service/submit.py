"""Submit: keep one signed report of a validator, once.

Costs at most 2 reads (registry, cached for a minute; this validator's latest report) and 1 write;
one read more before a refusal that a repeated request must not get.

Refusal
├── NotAllowed        not a validator of this subnet that may report, or another's uid
├── TooLarge          the body would not fit into an event
├── Replayed          the nonce was used for another body
├── EpochBackwards    an earlier epoch than the last report's
└── RateLimited       too many reports within a minute
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.schemas import Batch, parse_batch
from shared.service.ports import AlreadyExists, Clock, ReportLog, SignedReport, Verified
from shared.service.registries import Registries

MAX_COMPRESSED = 400 * 1024
"""Bytes of a compressed body: an event carries the document and stays under 512 KB."""
RATE_WINDOW = 60.0
EPOCH_MEMORY = 3600.0
"""Seconds for which an epoch must not go backwards."""
RETENTION = 7 * 24 * 3600.0
"""Seconds that a report is kept."""

REASONS = {
    "not_registered": "this hotkey is not registered on this subnet",
    "no_permit": "this hotkey has no validator permit",
    "stake_below_minimum": "the stake of this hotkey is below the minimum",
    "disabled": "the operator has disabled this validator",
    "validator_uid_mismatch": "this hotkey is another validator than the body says",
}
"""Why a signer may not report: code → words."""


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The report is refused; nothing was stored."""


class NotAllowed(Refusal):
    """The signer may not report, or not as this validator; `code` says why."""

    def __init__(self, code: str) -> None:
        """`code` is a key of `REASONS`."""
        self.code = code
        super().__init__(REASONS[code])


class TooLarge(Refusal):
    """The compressed body is larger than an event may carry."""


class Replayed(Refusal):
    """The nonce was used before, for another body."""


class EpochBackwards(Refusal):
    """The last report of this validator was about a later epoch."""


class RateLimited(Refusal):
    """Too many reports; `retry_after` says in how many seconds the next one fits."""

    def __init__(self, limit: int, retry_after: float) -> None:
        """`limit` reports a minute are allowed."""
        self.retry_after = retry_after
        super().__init__(f"at most {limit} reports a minute; wait {retry_after:.1f} s")


@dataclass(frozen=True, slots=True)
class Intake:
    """What submit works with."""

    reports: ReportLog
    registries: Registries
    clock: Clock
    policy: Policy
    rate_limit: int
    """Reports a minute and validator."""


def submit(intake: Intake, netuid: int, verified: Verified, content_type: str) -> SignedReport:
    """Keep the report in a signed body; a repeated request gets the report that it made before.

    Raises a `Refusal`, a `BodyError` or a `StoreError`; nothing is stored then (`Unavailable` alone
    leaves it open: the same request may be sent again).
    """
    uid = _uid_of(intake, netuid, verified.hotkey)
    batch = parse_batch(content_type, verified.body)
    _require_own_uid(batch, uid)
    _require_size(verified.body)
    latest = intake.reports.latest_of(netuid, verified.hotkey)
    report = _report(intake, batch, verified, content_type, latest)
    if latest is None:
        return _create(intake.reports, netuid, report)
    if _is_same(latest, report):
        return latest
    refusal = _refusal(report, latest, intake.rate_limit)
    if refusal is not None:
        return _made_before(intake.reports, netuid, report, refusal)
    return _create(intake.reports, netuid, report)


def _uid_of(intake: Intake, netuid: int, hotkey: str) -> int:
    registry = intake.registries.of(netuid) or Registry(netuid, 0.0, ())
    why = registry.why_refused(hotkey, intake.policy)
    neuron = registry.of_hotkey(hotkey)
    if why is not None or neuron is None:
        raise NotAllowed(why or "not_registered")
    return neuron.uid


def _require_own_uid(batch: Batch, uid: int) -> None:
    if batch.validator_uid != uid:
        raise NotAllowed("validator_uid_mismatch")


def _require_size(body: bytes) -> None:
    # A body this short stays short enough whatever it holds, so most are not compressed twice.
    if len(body) > MAX_COMPRESSED - 1024 and len(zlib.compress(body, 6)) > MAX_COMPRESSED:
        raise TooLarge(f"compressed, the body exceeds {MAX_COMPRESSED} bytes; split the report")


def _report(
    intake: Intake,
    batch: Batch,
    verified: Verified,
    content_type: str,
    latest: SignedReport | None,
) -> SignedReport:
    now = math.floor(intake.clock() * 1000) / 1000  # as in the answer; never ahead of the clock
    before = latest.recent if latest is not None else ()
    return SignedReport(
        report_id=f"{batch.validator_uid}_{verified.nonce}",
        nonce=verified.nonce,
        validator_uid=batch.validator_uid,
        hotkey=verified.hotkey,
        epoch=batch.epoch,
        signed_at=verified.signed_at,
        received_at=now,
        miner_count=len(batch.statuses),
        content_type=content_type,
        body=verified.body,
        body_sha256=verified.body_sha256,
        signature=verified.kept,
        recent=(*before, now)[-intake.rate_limit :],
        expire_at=now + RETENTION,
    )


def _refusal(report: SignedReport, latest: SignedReport, rate_limit: int) -> Refusal | None:
    now = report.received_at
    if report.epoch < latest.epoch and now - latest.received_at < EPOCH_MEMORY:
        return EpochBackwards(f"epoch {report.epoch} after a report of epoch {latest.epoch}")
    within = [at for at in latest.recent if now - at < RATE_WINDOW]
    if len(within) >= rate_limit:
        return RateLimited(rate_limit, within[-rate_limit] + RATE_WINDOW - now)
    return None


def _create(reports: ReportLog, netuid: int, report: SignedReport) -> SignedReport:
    try:
        reports.create(netuid, report)
    except AlreadyExists:
        return _made_before(reports, netuid, report, Replayed("this nonce was used before"))
    return report


def _made_before(
    reports: ReportLog, netuid: int, report: SignedReport, refusal: Refusal
) -> SignedReport:
    """The stored report of the very same request; raises why there is to be no other."""
    stored = reports.get(netuid, report.report_id)
    if stored is None:
        raise refusal
    if not _is_same(stored, report):
        raise Replayed("this nonce was used before, for another report")
    return stored


def _is_same(stored: SignedReport, report: SignedReport) -> bool:
    mine = (report.report_id, report.hotkey, report.body_sha256)
    return (stored.report_id, stored.hotkey, stored.body_sha256) == mine
