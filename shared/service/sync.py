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
from dataclasses import dataclass
from typing import Protocol

from shared.domain.registry import Neuron, Registry
from shared.service.ports import Clock, Conflict, RegistryStore, StoredRegistry
from shared.service.sync_changes import Changes, changes_between

ATTEMPTS = 4
"""How often a registry that somebody else changes meanwhile is read again."""


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

    @property
    def is_news(self) -> bool:
        """Whether the chain is at a later block than what is kept."""
        kept = self.stored.registry
        return kept is None or kept.block != self.registry.block


@dataclass(frozen=True, slots=True)
class Sync:
    """Reads the metagraph from the first endpoint that gives a believable one, and keeps it."""

    chains: Sequence[Chain]
    """Endpoints, in the order in which they are asked."""
    store: RegistryStore
    clock: Clock

    def __call__(self, netuid: int, *, force: bool = False) -> Plan:
        """Sync one subnet and give what was done; raises `NotSynced` or a `StoreError`."""
        return self.apply(self.plan(netuid, force=force), force=force)

    def plan(self, netuid: int, *, force: bool = False) -> Plan:
        """What a sync would do now; `force` believes what is doubtful. Nothing is written."""
        stored = self.store.read(netuid)
        reasons = []
        for chain in self.chains:
            try:
                return self._plan(stored, chain.metagraph(netuid), chain.name, force=force)
            except ChainError as error:
                reasons.append(f"{chain.name}: {error}")
        raise NotSynced("; ".join(reasons) or "no endpoint is set")

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
        return self._plan(stored, graph, plan.source, force=force)

    def _plan(self, stored: StoredRegistry, graph: Metagraph, source: str, *, force: bool) -> Plan:
        reason = None if force else doubt(graph, stored.registry)
        if reason:
            raise ChainDoubtful(reason)
        registry = Registry(
            graph.netuid, self.clock(), graph.neurons, stored.overrides, graph.block
        )
        before = stored.registry.neurons if stored.registry else ()
        return Plan(stored, registry, changes_between(before, graph.neurons), source)


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
