"""What is remembered of validators and miners by name, around the engine's arrays by position."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from shared.domain import robust

MinerKey = tuple[int, str]
"""(uid, hotkey): whoever comes new to a uid starts from nothing."""
Name = TypeVar("Name", bound=Hashable)

CLOSE = 1e-6


@dataclass(frozen=True, eq=False)
class Record:
    """The engine's memory with the names of its rows and columns, both ascending."""

    validators: tuple[str, ...] = ()
    """Hotkeys."""
    miners: tuple[MinerKey, ...] = ()
    arrays: robust.Memory = field(default_factory=lambda: robust.Memory((0, 0)))
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Label field → canonical JSON of each code's value; codes never change their meaning."""
    learnt_round: int = -1
    """Last round with reports: what an operator lifted since then has not counted yet."""

    def at(self, validators: Sequence[str], miners: Sequence[MinerKey]) -> robust.Memory:
        """The memory of these validators and miners; who is not in the record starts anew."""
        rows, columns = _index(self.validators, validators), _index(self.miners, miners)
        return robust.select(self.arrays, rows, columns)

    def only(self, validators: Sequence[str], miners: Sequence[MinerKey]) -> Record:
        """The record of these alone."""
        arrays = self.at(validators, miners)
        return replace(self, validators=tuple(validators), miners=tuple(miners), arrays=arrays)

    def as_stored(self) -> Record:
        """The record with the numbers that survive storing, so that all instances learn alike."""
        arrays = robust.from_bytes(self.packed)
        return replace(self, arrays=arrays)

    @cached_property
    def packed(self) -> bytes:
        """The arrays as they are stored."""
        return robust.to_bytes(self.arrays)

    def __eq__(self, other: object) -> bool:
        """The same names, and numbers that differ by no more than rounding."""
        if not isinstance(other, Record):
            return NotImplemented
        names = (self.validators, self.miners, self.classes, self.learnt_round)
        same = names == (other.validators, other.miners, other.classes, other.learnt_round)
        return same and _alike(self.arrays, other.arrays)

    __hash__ = None  # type: ignore[assignment] # equal within a tolerance


def _index(known: Sequence[Name], wanted: Sequence[Name]) -> robust.Ints:
    places = {name: place for place, name in enumerate(known)}
    return np.array([places.get(name, -1) for name in wanted], dtype=np.int64)


def _alike(one: robust.Memory, other: robust.Memory) -> bool:
    axes = ("validators", "miners", "pairs", "peers", "fields")
    return all(
        np.allclose(array, getattr(other, axis).get(name, 0.0), rtol=CLOSE, atol=CLOSE)
        for axis in axes
        for name, array in getattr(one, axis).items()
    )
