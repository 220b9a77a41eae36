"""Submit: keep one signed report of a validator, once.

Costs at most 2 reads (registry, cached for a minute; this validator's latest report) and 1 write;
one read more before a refusal that a repeated request must not get.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.schemas import Batch, BodyError, parse_batch
from shared.service.pace import Account, Booking, Pace
from shared.service.ports import (
    RETENTION,
    AlreadyExists,
    Clock,
    ReportLog,
    SignedReport,
    StoreError,
    Verified,
)
from shared.service.receipts import Receipts
from shared.service.refusals import EpochBackwards, NotAllowed, Refusal, Replayed, TooLarge
from shared.service.registries import Registries

MAX_COMPRESSED = 400 * 1024
"""Bytes of a compressed body: an event carries the document and stays under 512 KB."""
STATUS_BYTES = 256
"""What each status counts beside its bytes: the smallest take more memory and time than text."""
EPOCH_MEMORY = 3600.0
"""Seconds for which an epoch must not go backwards."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What submit works with."""

    reports: ReportLog
    registries: Registries
    clock: Clock
    policy: Policy
    pace: Pace
    receipts: Receipts = field(default_factory=Receipts)


class _Sent(NamedTuple):
    """A request that was verified and read."""

    batch: Batch
    verified: Verified
    content_type: str
    now: float

    @property
    def report_id(self) -> str:
        """Of the report that it makes."""
        return f"{self.batch.validator_uid}_{self.verified.nonce}"

    @property
    def booking(self) -> Booking:
        """What it counts."""
        size = len(self.verified.body) + STATUS_BYTES * len(self.batch.statuses)
        return Booking(self.now, size)

    def made(self, stored: SignedReport) -> bool:
        """Whether this very request made it."""
        mine = (self.report_id, self.verified.hotkey, self.verified.body_sha256)
        return (stored.report_id, stored.hotkey, stored.body_sha256) == mine

    def report(self, after: Account) -> SignedReport:
        """What is kept, with its sender's account after it."""
        batch, verified = self.batch, self.verified
        return SignedReport(
            report_id=self.report_id,
            nonce=verified.nonce,
            validator_uid=batch.validator_uid,
            hotkey=verified.hotkey,
            epoch=batch.epoch,
            signed_at=verified.signed_at,
            received_at=self.now,
            miner_count=len(batch.statuses),
            content_type=self.content_type,
            body=verified.body,
            body_sha256=verified.body_sha256,
            signature=verified.kept,
            recent=after.recent,
            debt=after.debt,
            expire_at=self.now + RETENTION,
        )


def submit(intake: Intake, netuid: int, verified: Verified, content_type: str) -> SignedReport:
    """Keep the report in a signed body; a repeated request gets the report that it made before.

    A repeat costs neither parsing nor a read where this instance made the report, and counts as a
    request in vain. Raises a `Refusal`, a `BodyError` or a `StoreError`; nothing is stored then
    (`Unavailable` alone leaves it open: the same request may be sent again).
    """
    uid, sender = _uid_of(intake, netuid, verified.hotkey), (netuid, verified.hotkey)
    now = math.floor(intake.clock() * 1000) / 1000  # as in the answer; never ahead of the clock
    intake.pace.require_patience(sender, now)
    made = intake.receipts.of(netuid, verified, content_type)
    if made is not None and made.validator_uid == uid:
        intake.pace.in_vain(sender, now)
        return made
    try:
        batch = _read(verified.body, content_type, uid)
        return _keep(intake, netuid, _Sent(batch, verified, content_type, now))
    except (BodyError, Refusal):
        intake.pace.in_vain(sender, now)
        raise


def _uid_of(intake: Intake, netuid: int, hotkey: str) -> int:
    registry = intake.registries.of(netuid) or Registry(netuid, 0.0, ())
    why = registry.why_refused(hotkey, intake.policy)
    neuron = registry.of_hotkey(hotkey)
    if why is not None or neuron is None:
        raise NotAllowed(why or "not_registered")
    return neuron.uid


def _read(body: bytes, content_type: str, uid: int) -> Batch:
    batch = parse_batch(content_type, body)
    if batch.validator_uid != uid:
        raise NotAllowed("validator_uid_mismatch")
    # A body this short stays short enough whatever it holds, so most are not compressed twice.
    if len(body) > MAX_COMPRESSED - 1024 and len(zlib.compress(body, 6)) > MAX_COMPRESSED:
        raise TooLarge(f"compressed, the body exceeds {MAX_COMPRESSED} bytes; split the report")
    return batch


def _keep(intake: Intake, netuid: int, sent: _Sent) -> SignedReport:
    latest = intake.reports.latest_of(netuid, sent.verified.hotkey)
    if latest is not None and sent.made(latest):
        return _repeated(intake, netuid, latest, sent)
    before = Account(latest.recent, latest.debt) if latest is not None else Account()
    try:
        _require_epoch(sent, latest)
        after = intake.pace.book((netuid, sent.verified.hotkey), sent.booking, before)
    except Refusal as refusal:
        return _made_before(intake, netuid, sent, refusal)
    return _create(intake, netuid, sent, after)


def _require_epoch(sent: _Sent, latest: SignedReport | None) -> None:
    if latest is None or sent.now - latest.received_at >= EPOCH_MEMORY:
        return
    if sent.batch.epoch < latest.epoch:
        rule = f"epoch {sent.batch.epoch} within an hour after a report of epoch {latest.epoch}"
        raise EpochBackwards(rule)


def _create(intake: Intake, netuid: int, sent: _Sent, after: Account) -> SignedReport:
    report = sent.report(after)
    try:
        intake.reports.create(netuid, report)
    except StoreError as error:
        intake.pace.cancel((netuid, report.hotkey), sent.booking)
        if not isinstance(error, AlreadyExists):
            raise
        used = Replayed("this nonce was used before")
        return _made_before(intake, netuid, sent, used)
    intake.receipts.keep(netuid, report)
    return report


def _made_before(intake: Intake, netuid: int, sent: _Sent, refusal: Refusal) -> SignedReport:
    """The stored report of the very same request; raises why there is to be no other."""
    stored = intake.reports.get(netuid, sent.report_id)
    if stored is None:
        raise refusal
    if not sent.made(stored):
        raise Replayed("this nonce was used before, for another report")
    return _repeated(intake, netuid, stored, sent)


def _repeated(intake: Intake, netuid: int, stored: SignedReport, sent: _Sent) -> SignedReport:
    """What the request made before, which this instance may not have seen."""
    intake.pace.in_vain((netuid, stored.hotkey), sent.now)
    return stored
