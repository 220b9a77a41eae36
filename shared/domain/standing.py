"""How one validator stands, as it is stored and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

NO_OBSERVATION = "."
"""In a map, where there is nothing to compare."""


class Deviation(NamedTuple):
    """A number that lies outside its tolerance."""

    miner_uid: int
    field: str
    tolerances: float
    """Signed distance from the consensus in tolerances: −8.0 is eight tolerances below."""


@dataclass(frozen=True, slots=True)
class Copying:
    """What is held against a vote as a copy."""

    validators: tuple[int, ...]
    """uids of the others with which it shares one vote, ascending; none: it repeats the last public
    consensus."""
    agreement: float
    """Agreement beyond chance, 0–1, with the nearest of them."""
    observations: float
    """On how many observations that rests; old ones fade."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One validator that may report, at one time. Times are seconds since 1970, UTC."""

    uid: int
    hotkey: str
    stake: float
    """TAO, by the registry."""
    is_active: bool
    """Whether it has a vote younger than the consensus timeout."""
    last_report_at: float | None
    """When its last report was received; beyond the reporting window: the end of its round."""
    participation: float
    """Share 0–1 of the recent closed rounds with a report of it."""
    reports: int
    """Reports received in closed rounds."""
    reputation: float | None
    """As learnt from the closed rounds, 1 being an ordinary one; 0 in quarantine; None: unknown."""
    quarantine: str
    """Why its votes are set aside; "" if they are not."""
    agreeing: int
    """Current observations that agree with the consensus."""
    observations: int
    agreement_map: str
    """One character per miner of the resolution, uids ascending; see `character_of`."""
    furthest: Deviation | None
    """The number furthest from its consensus; None while all are within tolerance."""
    copying: Copying | None = None
    """Whose copy it is held to be; None: its votes are its own."""
    peer_map: str = ""
    """One character per validator that may report, uids ascending, about what both say; "" without
    a current vote."""

    @property
    def agreement(self) -> float | None:
        """Agreeing per observation, 0–1; None without observations."""
        return self.agreeing / self.observations if self.observations else None


def character_of(agreeing: float, observations: float) -> str:
    """An agreement in a map: the digit d is one in at least d ninths of the observations."""
    return str(int(9 * agreeing // observations)) if observations else NO_OBSERVATION
