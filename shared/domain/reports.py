"""Reports: one validator's batch of statuses each, and a vote that one of them holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.domain.columns import Columns

Status = Mapping[str, Any]
"""One miner as one validator saw it: field → value; a missing field is absent, never None.

Numbers are finite; `last_seen` is the string that the validator sent.
"""


@dataclass(frozen=True)
class Report:
    """One accepted report, never changed. Times are seconds since 1970, UTC."""

    report_id: str
    """Document id: `{validator_uid}_{nonce}`, the nonce beginning with signing nanoseconds."""
    validator_uid: int
    hotkey: str
    epoch: int
    signed_at: float
    received_at: float
    statuses: Sequence[Status]

    @property
    def order(self) -> tuple[float, str]:
        """What makes one report of a validator later than another."""
        return (self.signed_at, self.report_id)

    @cached_property
    def columns(self) -> Columns:
        """Its statuses by field; worked out once."""
        from shared.domain.columns import columns_of  # noqa: PLC0415 - brings numpy; reports are stored without

        return columns_of(self)

    @property
    def uids(self) -> frozenset[int]:
        """Miners that it is about; not kept, as a set takes more memory than the report."""
        return frozenset(self.columns.uids.tolist())


@dataclass(frozen=True, slots=True)
class Vote:
    """A validator's latest status of one miner."""

    report: Report
    stake: float
    """The validator's stake by the registry, TAO."""
    status: Status
    confidence: float
    """Confidence of the report about this miner, 0.1–1."""

    @property
    def validator(self) -> str:
        """Hotkey of the validator that voted."""
        return self.report.hotkey

    def age(self, now: float) -> float:
        """Seconds since it was signed; 0 if signed in the future."""
        return max(0.0, now - self.report.signed_at)


def signing_time_of(report_id: str) -> float | None:
    """Seconds at which a report was signed, read from its id alone; None if it has no such time."""
    nanoseconds = report_id.partition("_")[2].partition("-")[0]
    return int(nanoseconds) / 1e9 if nanoseconds.isdecimal() else None
