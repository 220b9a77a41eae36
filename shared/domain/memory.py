"""What a closed round leaves to the next: everything that depends on the path.

`resolve` reads it and never writes it; `learn` alone makes the next one, once per round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.domain.record import Record


@dataclass(frozen=True, slots=True)
class MinerMemory:
    """What is remembered of one miner (uid + hotkey)."""

    last_seen_round: int
    """Last round in which a report about it was received."""
    last_quorum_at: float | None = None
    """End of the last round that closed with a quorum, seconds."""
    waiting_since: float | None = None
    """First report since the last quorum, seconds; None while there is a quorum."""


@dataclass(frozen=True, slots=True)
class ValidatorMemory:
    """What is remembered of one validator (hotkey)."""

    first_round: int
    last_round: int
    """Last round in which a report of it was received."""
    reports: int = 0
    """Reports received in closed rounds."""
    participation: float = 0.0
    """Share 0–1 of the recent rounds with a report of it, decayed over `memory_rounds`."""
    reputation: float = 1.0
    """The lowest of its reputations over the fields that it votes on; 0 in quarantine."""
    quarantine: str = ""
    """Why its votes are set aside; "" if they are not."""


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is remembered as of the end of round `round`; −1 before the first."""

    round: int = -1
    miners: Mapping[tuple[int, str], MinerMemory] = field(default_factory=dict)
    validators: Mapping[str, ValidatorMemory] = field(default_factory=dict)
    total_reports: int = 0
    """Reports received in all closed rounds."""
    total_observations: int = 0
    """Miner statuses received in all closed rounds."""
    record: Record = field(default_factory=Record)
    """What the engine has learnt."""


EMPTY = Memory()
