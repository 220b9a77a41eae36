"""Circuit breaker: a miner that fails again and again gets no work for a while, then one probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Circuit = Literal["closed", "open", "half_open"]

FAILURES = 5
"""Failures in a row that open the circuit."""
COOLDOWN = 30.0
"""Seconds that it stays open; twice as long after each failed probe."""
LONGEST_COOLDOWN = 120.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """State of one miner's circuit."""

    streak: int = 0
    """Failures and timeouts since the last success."""
    trips: int = 0
    """Times that it opened since the last success."""
    open_until: float = 0.0
    """Seconds since 1970; 0 while it never opened."""

    def circuit(self, now: float) -> Circuit:
        """Closed: work as usual. Open: none. Half open: one task at a time, as a probe."""
        if self.trips == 0:
            return "closed"
        return "open" if now < self.open_until else "half_open"

    def after(self, *, succeeded: bool, now: float) -> Breaker:
        """The breaker after one more result.

        A success closes it. A failure opens it if it is the fifth in a row or a probe's; one that
        comes while it is open, from before, changes nothing but the streak.
        """
        if succeeded:
            return Breaker()
        streak = self.streak + 1
        if streak < FAILURES or self.circuit(now) == "open":
            return Breaker(streak, self.trips, self.open_until)
        cooldown = min(LONGEST_COOLDOWN, COOLDOWN * 2.0 ** min(self.trips, 16))
        return Breaker(streak, self.trips + 1, now + cooldown)
