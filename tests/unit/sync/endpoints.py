"""Endpoints that say what was laid down, and stores in which others write as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.adapters.memory import MemoryRegistryStore
from shared.domain.registry import Neuron, Registry
from shared.service.sync import ChainUnreachable, Metagraph, Sync
from tests.builders import T0

from .metagraphs import BLOCK, subnet


@dataclass
class Endpoint:
    """An endpoint that gives one metagraph, or none."""

    neurons: Sequence[Neuron] | None = field(default_factory=subnet)
    block: int = BLOCK
    name: str = "first"
    asked: int = 0

    def metagraph(self, netuid: int) -> Metagraph:
        """What was laid down."""
        self.asked += 1
        if self.neurons is None:
            raise ChainUnreachable("answered 429")
        return Metagraph(netuid, self.block, tuple(self.neurons))


@dataclass(slots=True)
class BusyStore(MemoryRegistryStore):
    """A store in which somebody else writes right before each replacement, so many times."""

    others: list[Registry] = field(default_factory=list)

    def replace(self, registry: Registry, revision: object) -> None:
        """Let the other one be quicker."""
        if self.others:
            self.save(self.others.pop(0))
        MemoryRegistryStore.replace(self, registry, revision)


def sync_of(store: MemoryRegistryStore, *endpoints: Endpoint, at: float = T0) -> Sync:
    """A sync from these endpoints at a time, from one that is well if none is given."""
    return Sync(endpoints or (Endpoint(),), store, lambda: at)


def kept(neurons: Sequence[Neuron] = subnet(), block: int | None = BLOCK) -> Registry:
    """What is kept, synced ten minutes ago."""
    return Registry(1, T0 - 600, tuple(neurons), block=block)
