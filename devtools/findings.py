"""What the demo has seen, and whether it is what it promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Answer = Mapping[str, Any]
"""What `GET /api/v1/miners/network-status` answered."""

QUORUM = 2
SETTLED = {"consensus", "disputed"}
MOST_NAMED = 10
"""uids in a sentence."""


@dataclass(slots=True)
class Findings:
    """Collected from one answer after the other; times are seconds since the demo was ready."""

    miners: frozenset[int]
    silent: int
    """uid of the validator that goes silent."""
    validators: int
    """How many validators report until then."""
    with_quorum: set[int] = field(default_factory=set)
    """Miners that were seen with a quorum at any time."""
    counted_at: float | None = None
    """When the silent validator was first seen to count."""
    silent_at: float | None = None
    expired_at: float | None = None
    """When it no longer counted, after it went silent."""

    def see(self, time: float, answer: Answer) -> None:
        """Take in one answer."""
        for miner in answer["miners"]:
            if has_quorum(miner):
                self.with_quorum.add(miner["uid"])
        if self._counts(answer):
            self.counted_at = time if self.counted_at is None else self.counted_at
        elif self.silent_at is not None and self.expired_at is None and self._is_known(answer):
            self.expired_at = time

    def _counts(self, answer: Answer) -> bool:
        return any(self.silent in miner["consensus_validators"] for miner in answer["miners"])

    def _is_known(self, answer: Answer) -> bool:
        """Whether the others still count and the silent one is missing among the active."""
        active = answer["consensus_stats"]["active_validators"]
        return self.counted_at is not None and 0 < active < self.validators

    def shortcomings(self) -> list[str]:
        """What the demo promises and has not shown, with figures; empty when all is well."""
        return [text for text in (self._quorum_missing(), self._expiry_missing()) if text]

    def _quorum_missing(self) -> str:
        missing = sorted(self.miners - self.with_quorum)
        if not missing:
            return ""
        return (
            f"{len(missing)} of {len(self.miners)} miners never had a quorum of {QUORUM}"
            f" validators: uids {_some(missing)}"
        )

    def _expiry_missing(self) -> str:
        if self.expired_at is not None:
            return ""
        if self.counted_at is None:
            return f"validator {self.silent} was never seen to count"
        if self.silent_at is None:
            return f"validator {self.silent} had no time to go silent"
        return (
            f"validator {self.silent}, silent since {self.silent_at:.0f} s, was not seen to expire"
        )


def has_quorum(miner: Answer) -> bool:
    """Whether a miner's state rests on enough validators."""
    return miner["state"] in SETTLED and len(miner["consensus_validators"]) >= QUORUM


def _some(uids: Sequence[int]) -> str:
    shown = ", ".join(map(str, uids[:MOST_NAMED]))
    return f"{shown} …" if len(uids) > MOST_NAMED else shown
