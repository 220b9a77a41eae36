"""What `resolve` gives: one explained status per miner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from shared.domain.ballots import Evidence

State = Literal["consensus", "disputed", "pending", "fallback", "stale"]
ConflictKind = Literal[
    "no_majority", "dispersed", "identity", "address", "chain_mismatch", "contested"
]
Source = Literal["votes", "chain", "report"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where validators disagree about one field of one miner."""

    field: str
    kind: ConflictKind
    detail: tuple[tuple[Any, float], ...]
    """(value, share of the weight 0–1), heaviest first."""
    heard: float = 1.0
    """Share 0–1 of the miner's votes, by weight, that give the field at all."""


@dataclass(frozen=True, slots=True)
class MinerResult:
    """The consensus about one miner at one time. Times are seconds since 1970, UTC."""

    uid: int
    hotkey: str | None
    state: State
    values: Mapping[str, Any]
    """Field → consensus value, without uid and hotkey."""
    confidence: float
    """Consensus confidence 0–1."""
    validators: tuple[int, ...]
    """uids of the validators that the values rest on, ascending."""
    conflicts: tuple[Conflict, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    """Field → where its value is from, if not from votes."""
    last_updated: float | None = None
    """Newest signing time among the votes."""
    last_reported_by_validator: int | None = None
    epoch: int | None = None
    """Median epoch, by stake, of the validators that voted."""
    validator_reports_count: int = 0
    """Votes in the reporting window, about any hotkey at this uid."""
    is_registered: bool = True
    """False: fresh facts of the chain know no miner at this uid, so it is sent no work."""
    waiting_since: float | None = None
    """While there is no quorum: when waiting for one began."""

    @property
    def has_quorum(self) -> bool:
        """Whether enough validators agree on who it is to have voted on it."""
        return self.state in ("consensus", "disputed") and self.waiting_since is None

    @property
    def is_assignable(self) -> bool:
        """Whether work sent to its address reaches it, confidence and state apart.

        Only the address that work is sent to counts: a conflict about the external one would let
        a single validator bar a miner whose other reporters leave it out.
        """
        return self.is_registered and not any(
            conflict.kind == "identity" or (conflict.kind == "address" and conflict.field == "ip")
            for conflict in self.conflicts
        )


@dataclass(frozen=True, slots=True)
class Resolution:
    """All miners of a subnet at one time."""

    miners: Mapping[int, MinerResult]
    """uid → result, ascending."""
    active_validators: tuple[int, ...]
    """uids of the validators with a vote younger than the consensus timeout, ascending."""
    eligible_validators: int
    """How many validators may report."""
    evidence: Evidence | None = field(default=None, compare=False, repr=False)
    """What may be learnt from; it is not stored."""
