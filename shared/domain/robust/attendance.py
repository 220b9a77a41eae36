"""Whose stake is usually heard about a miner: unexpected silence may hide the majority."""

from __future__ import annotations

import numpy as np

from shared.domain.robust.ballot import Floats
from shared.domain.robust.memory import Memory


def usual(memory: Memory, name: str, present: Floats) -> Floats:
    """Share of the stake [M] that usually votes on the field; `present` where none is known."""
    known, missing = memory.of_miners(f"{name}/known"), memory.of_miners(f"{name}/missing")
    return np.where(known > 0, 1 - missing / np.where(known > 0, known, 1.0), present)


def demanded(memory: Memory, name: str) -> Floats:
    """Share of the stake [M] that must be heard before a row teaches: all of it at first.

    So who happens to be heard in a miner's first rounds cannot seize the memory.
    """
    return 1 - memory.of_miners(f"{name}/missing")


def dissent(differing: Floats, present: Floats, expected: Floats) -> Floats:
    """Share [M] of the expected stake that differs, the silent taken for dissenters.

    differing: its share of the stake that votes. present, expected: what of all stake votes now
    and what was expected to.
    """
    silent = np.maximum(expected - present, 0.0) / np.maximum(expected, 1e-12)
    return np.asarray(silent + (1 - silent) * differing)


def learn_attendance(memory: Memory, name: str, present: Floats) -> dict[str, Floats]:
    """What is usual [M] after a round in which `present` voted."""
    known, missing = memory.of_miners(f"{name}/known"), memory.of_miners(f"{name}/missing")
    return {f"{name}/known": _follow(known, 1.0), f"{name}/missing": _follow(missing, 1 - present)}


def _follow(mean: Floats, new: Floats | float) -> Floats:
    """A running mean from 0 that follows new values at a tenth."""
    return np.asarray(mean + 0.1 * (new - mean))
