"""Assign: lease one place of each chosen miner, never more than there are.

Costs, with a warm instance and nobody in the way, one read per place of the chosen miners (eight
at most of each) and one write per lease and assignment.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.domain.ranking import ProcessingMode
from shared.service.choose import Choose, Task
from shared.service.dispatch_ports import Assignment, Lease, LeaseStore, Place
from shared.service.ports import Clock, Conflict

AT_ONCE = 2
"""Attempts to take all places and create the assignment in one write."""
ONE_BY_ONE = 12
"""Attempts, after that, to take what is left place by place."""
PAUSE = 0.02
"""Seconds: the mean pause after the first attempt; it grows with each."""
RETENTION = 24 * 3600.0
"""Seconds that an assignment is kept after its last lease: how long an `Idempotency-Key` holds."""


class KeyReused(Exception):  # noqa: N818 - an answer, not a fault
    """The idempotency key was used for another request."""


@dataclass(frozen=True, slots=True)
class Assign:
    """The use case "which miners now?". Thread-safe; may raise `Unavailable`."""

    choose: Choose
    leases: LeaseStore
    clock: Clock
    new_id: Callable[[], str]
    """A fresh id of 32 hex digits."""
    pause: Callable[[float], object] = time.sleep

    def __call__(self, netuid: int, task: Task, key_id: str | None = None) -> Assignment:
        """Lease one place of up to `task.count` miners; fewer if there are no more, maybe none.

        `key_id` is the assignment id that stands for an idempotency key: the assignment that was
        made under it, if any, is the answer. An empty assignment is not kept. Raises `KeyReused`.
        """
        made = self._made_before(netuid, task, key_id) if key_id else None
        return made or self._make(netuid, task, key_id or self.new_id())

    def _make(self, netuid: int, task: Task, assignment_id: str) -> Assignment:
        for attempt in range(AT_ONCE):
            try:
                return self._take_at_once(netuid, task, assignment_id)
            except Conflict:
                # Another's, under the same key, or our own: a write whose answer was lost.
                made = self._made_before(netuid, task, assignment_id)
            if made is not None:
                return made
            self._wait(attempt)
        return self._take_one_by_one(netuid, task, assignment_id)

    def _made_before(self, netuid: int, task: Task, assignment_id: str) -> Assignment | None:
        made = self.leases.find(netuid, assignment_id)
        if made is not None and made.request_sha256 != task.sha256:
            raise KeyReused("this Idempotency-Key was used for another request")
        return made

    def _take_at_once(self, netuid: int, task: Task, assignment_id: str) -> Assignment:
        """All places and the assignment in one write, or `Conflict`."""
        choice = self.choose(netuid, task, assignment_id)
        assignment = self._assignment(assignment_id, task, choice.mode, choice.leases)
        if choice.pairs:
            self.leases.open(netuid, assignment, [place for _, place in choice.pairs])
        return assignment

    def _take_one_by_one(self, netuid: int, task: Task, assignment_id: str) -> Assignment:
        """Where many want the same places: keep each that is won, look again for the others."""
        held: list[Lease] = []
        owners: frozenset[str] = frozenset()
        mode: ProcessingMode = "empty"
        for attempt in range(ONE_BY_ONE):
            choice = self.choose(netuid, _rest(task, held), assignment_id, owners)
            mode = choice.mode
            won = [lease for lease, place in choice.pairs if self._take(netuid, lease, place)]
            held += won
            owners |= choice.owners
            if len(won) == len(choice.pairs):
                break
            self._wait(attempt)
        assignment = self._assignment(assignment_id, task, mode, tuple(held))
        return self._keep(netuid, task, replace(assignment, at_once=False))

    def _take(self, netuid: int, lease: Lease, place: Place) -> bool:
        try:
            self.leases.take(netuid, lease, place)
        except Conflict:
            # Another's by now, or our own: a write whose answer was lost.
            return self.leases.look(netuid, [place.name])[0].lease_id == lease.lease_id
        return True

    def _keep(self, netuid: int, task: Task, assignment: Assignment) -> Assignment:
        """Create the assignment of places taken before; under a used key they run out unused."""
        if not assignment.leases:
            return assignment
        try:
            self.leases.open(netuid, assignment, None)
        except Conflict:
            made = self._made_before(netuid, task, assignment.assignment_id)
            if made is None:
                raise
            return made
        return assignment

    def _assignment(
        self, assignment_id: str, task: Task, mode: ProcessingMode, leases: tuple[Lease, ...]
    ) -> Assignment:
        now = self.clock()
        ends = max((lease.expires_at for lease in leases), default=now)
        return Assignment(
            assignment_id=assignment_id,
            request_sha256=task.sha256,
            mode=mode,
            requested=task.count,
            created_at=now,
            expires_at=ends,
            expire_at=ends + RETENTION,
            leases=leases,
        )

    def _wait(self, attempt: int) -> None:
        self.pause(PAUSE * (attempt + 1) * 2 * random.random())  # noqa: S311 - jitter


def _rest(task: Task, held: list[Lease]) -> Task:
    """What is still to be found, of others than those found already."""
    taken = frozenset(lease.uid for lease in held)
    return replace(task, count=task.count - len(held), exclude=task.exclude | taken)
