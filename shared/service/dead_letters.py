"""Dead letters: assignments that nobody ever reported on, found and counted by the sweep."""

from __future__ import annotations

from dataclasses import dataclass

from shared.service.dispatch_ports import LeaseStore
from shared.service.ports import Clock

BATCH = 200
"""Most that one sweep counts; what is left is the next one's."""


@dataclass(frozen=True, slots=True)
class Buried:
    """What one sweep found."""

    expired_assignments: int
    """Assignments whose leases all ran out without a result, counted by this sweep."""
    dead_letters: int
    """All that were ever counted."""


@dataclass(frozen=True, slots=True)
class Bury:
    """The use case "count what was lost": 2 reads where nothing was. May raise `Unavailable`."""

    leases: LeaseStore
    clock: Clock

    def __call__(self, netuid: int) -> Buried:
        """Count the assignments that have run out since the last sweep, each once."""
        overdue = self.leases.overdue(netuid, self.clock(), BATCH)
        buried = self.leases.bury(netuid, overdue)
        return Buried(buried, self.leases.dead_letters(netuid))
