"""Bring a subnet's registry up to the chain's, and keep the last good one whatever goes wrong.

ChainError
├── ChainUnreachable   no answer, or one that was cut short, too slow or too large
├── ChainRefused       the chain answered that it cannot
├── ChainUnreadable    the answer is not what a metagraph looks like
├── ChainDoubtful      it looks like one that nobody should believe: see `doubt`
└── NotSynced          none of the endpoints gave a metagraph; carries the reason of each
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from shared.domain.registry import Neuron, Registry
from shared.service.ports import Clock, Conflict, RegistryStore, StoredRegistry
from shared.service.sync_changes import Changes, changes_between

ATTEMPTS = 4
"""How often a registry that somebody else changes meanwhile is read again."""
MARGIN = 150
"""Blocks, half an hour: as far as honest endpoints may be apart, and one may run ahead of time."""


class ChainError(Exception):
    """The chain did not give a metagraph to go by; the registry stays as it was."""


class ChainUnreachable(ChainError):  # noqa: N818 - a state
    """No answer, or one that was cut short, too slow or too large."""


class ChainRefused(ChainError):  # noqa: N818 - a fact
    """The chain answered that it cannot."""


class ChainUnreadable(ChainError):  # noqa: N818 - a fact about the answer
    """The answer is not what a metagraph looks like."""


class ChainDoubtful(ChainError):  # noqa: N818 - a fact about the answer
    """A metagraph that nobody should believe without looking."""


class NotSynced(ChainError):  # noqa: N818 - a state
    """None of the endpoints gave a metagraph to go by; the message has the reason of each."""


@dataclass(frozen=True, slots=True)
class Metagraph:
    """The neurons of one subnet at a block of the chain, by uid."""

    netuid: int
    block: int
    neurons: tuple[Neuron, ...]


class Chain(Protocol):
    """One endpoint of the chain."""

    @property
    def name(self) -> str:
        """How a log calls it; never a secret."""

    def metagraph(self, netuid: int) -> Metagraph:
        """The subnet at the last finalized block; raises a `ChainError`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync would write, and over what."""

    stored: StoredRegistry
    registry: Registry
    changes: Changes
    source: str
    """Name of the endpoint that gave it."""
    passed_over: tuple[str, ...] = ()
    """Why not the endpoints that were asked as well, each by its name."""

    @property
    def block(self) -> int:
        """Block of the metagraph."""
        return self.registry.block or 0

    def is_near(self, other: Plan) -> bool:
        """Whether two endpoints are about as far."""
        return abs(self.block - other.block) <= MARGIN

    @property
    def is_news(self) -> bool:
        """Whether the chain is at a later block than what is kept."""
        kept = self.stored.registry
        return kept is None or kept.block != self.registry.block


@dataclass(frozen=True, slots=True)
class Sync:
    """Reads the metagraph from the first endpoint that gives a believable one, and keeps it.

    What is kept and the clock say how late a block can be. One beyond that, or the first one of
    all, needs a second endpoint that is about as far.
    """

    chains: Sequence[Chain]
    """Endpoints, in the order in which they are asked."""
    store: RegistryStore
    clock: Clock
    block_seconds: float = 12.0
    """Seconds in which the chain makes one block."""

    def __call__(self, netuid: int, *, force: bool = False) -> Plan:
        """Sync one subnet and give what was done; raises `NotSynced` or a `StoreError`."""
        return self.apply(self.plan(netuid, force=force), force=force)

    def plan(self, netuid: int, *, force: bool = False) -> Plan:
        """What a sync would do now; `force` believes what is doubtful. Nothing is written."""
        stored, asked = self.store.read(netuid), _Asked()
        for chain in self.chains:
            try:
                plan = self._plan(stored, chain.metagraph(netuid), chain.name, force=force)
            except ChainError as error:
                asked.failed.append(f"{chain.name}: {error}")
                continue
            why = None if force else self._too_early(plan)
            believed = asked.agreed(plan, why) if why else plan
            if believed:
                return asked.over(believed)
        return asked.uncontradicted(stored)

    def apply(self, plan: Plan, *, force: bool = False) -> Plan:
        """Write a plan; what somebody else wrote since is judged anew, and a later block wins.

        A block that is kept already is not written again, so that a chain that stands still does
        not make its registry look fresh.
        """
        for _ in range(ATTEMPTS):
            if not plan.is_news:
                return plan
            try:
                self.store.replace(plan.registry, plan.stored.revision)
            except Conflict:
                plan = self._again(plan, force=force)
            else:
                return plan
        raise Conflict(f"subnet {plan.registry.netuid}: the registry changed {ATTEMPTS} times")

    def _again(self, plan: Plan, *, force: bool) -> Plan:
        stored = self.store.read(plan.registry.netuid)
        graph = Metagraph(plan.registry.netuid, plan.registry.block or 0, plan.registry.neurons)
        kept = stored.registry
        if kept and kept.block and kept.block >= graph.block:
            return Plan(stored, kept, Changes(), plan.source)
        again = self._plan(stored, graph, plan.source, force=force)
        why = None if force else self._ahead(again)
        if why:
            raise ChainDoubtful(why)
        return replace(again, passed_over=plan.passed_over)

    def _plan(self, stored: StoredRegistry, graph: Metagraph, source: str, *, force: bool) -> Plan:
        reason = None if force else doubt(graph, stored.registry)
        if reason:
            raise ChainDoubtful(reason)
        registry = Registry(
            graph.netuid, self.clock(), graph.neurons, stored.overrides, graph.block
        )
        before = stored.registry.neurons if stored.registry else ()
        return Plan(stored, registry, changes_between(before, graph.neurons), source)

    def _too_early(self, plan: Plan) -> str | None:
        """Why its block needs a second endpoint; None if it does not."""
        if plan.stored.block is None:
            said = f"no other endpoint is near its block {plan.block}, and none is kept"
            return said if len(self.chains) > 1 else None
        return self._ahead(plan)

    def _ahead(self, plan: Plan) -> str | None:
        """Why the chain cannot have come that far since; None if it can."""
        kept = plan.stored.registry
        if kept is None or kept.block is None:
            return None
        elapsed = max(0.0, plan.registry.synced_at - kept.synced_at)
        latest = kept.block + int(elapsed / self.block_seconds) + MARGIN
        if plan.block <= latest:
            return None
        return f"its block {plan.block} is ahead of {latest}, the latest that {kept.block} allows"


@dataclass(slots=True)
class _Asked:
    """What endpoints said, as long as none is believed."""

    failed: list[str] = field(default_factory=list)
    """Reasons, by name."""
    early: list[tuple[Plan, str]] = field(default_factory=list)
    """Plans whose block needs a second endpoint, and why."""

    def agreed(self, plan: Plan, why: str) -> Plan | None:
        """Take one more early plan; gives the first by another endpoint that is near it."""
        others = (each for each, _ in self.early if each.source != plan.source)
        near = next((each for each in others if each.is_near(plan)), None)
        self.early.append((plan, why))
        return near

    def over(self, plan: Plan) -> Plan:
        """The plan that is believed, with the reasons why not the others."""
        far = [(each, why) for each, why in self.early if not each.is_near(plan)]
        return replace(plan, passed_over=(*self.failed, *_told(far)))

    def uncontradicted(self, stored: StoredRegistry) -> Plan:
        """With no block to go by, the only plan; raises `NotSynced` otherwise."""
        if stored.block is None and len(self.early) == 1:
            return self.over(self.early[0][0])
        raise NotSynced("; ".join([*self.failed, *_told(self.early)]) or "no endpoint is set")


def _told(early: Sequence[tuple[Plan, str]]) -> list[str]:
    return [f"{plan.source}: {why}" for plan, why in early]


def doubt(graph: Metagraph, kept: Registry | None) -> str | None:
    """Why a metagraph should not replace the registry that is kept; None if it may.

    A subnet in which nobody may validate, a block before the one that is kept, or one in which
    fewer than half of the hotkeys are left, as when an endpoint serves another chain.
    """
    if not any(neuron.validator_permit and neuron.stake > 0 for neuron in graph.neurons):
        return f"none of its {len(graph.neurons)} neurons has a permit and stake"
    if kept is None:
        return None
    if kept.block is not None and graph.block < kept.block:
        return f"its block {graph.block} is older than {kept.block}, which is kept"
    left = sum(kept.of_hotkey(neuron.hotkey) is not None for neuron in graph.neurons)
    if 2 * left < len(kept.neurons):
        return f"only {left} of the {len(kept.neurons)} hotkeys that are kept are left"
    return None
