"""What differs between two registries of a subnet, uid by uid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.registry import Neuron

Pair = tuple[Neuron, Neuron]
"""A uid's neuron before and after."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Neurons by what became of them, each by uid."""

    joined: tuple[Neuron, ...] = ()
    """At a uid that nobody had."""
    left: tuple[Neuron, ...] = ()
    """Whose uid nobody has any more."""
    recycled: tuple[Pair, ...] = ()
    """Whose uid has another hotkey: another neuron, which inherits nothing."""
    altered: tuple[Pair, ...] = ()
    """The same neuron with another stake, permit, coldkey, axon or registration."""

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {
            "joined": len(self.joined),
            "left": len(self.left),
            "recycled": len(self.recycled),
            "altered": len(self.altered),
        }


def changes_between(before: Iterable[Neuron], after: Iterable[Neuron]) -> Changes:
    """What became of each uid."""
    old = {neuron.uid: neuron for neuron in before}
    new = {neuron.uid: neuron for neuron in after}
    both = [(old[uid], new[uid]) for uid in sorted(old.keys() & new.keys())]
    return Changes(
        joined=tuple(new[uid] for uid in sorted(new.keys() - old.keys())),
        left=tuple(old[uid] for uid in sorted(old.keys() - new.keys())),
        recycled=tuple((a, b) for a, b in both if a.hotkey != b.hotkey),
        altered=tuple((a, b) for a, b in both if a.hotkey == b.hotkey and a != b),
    )
