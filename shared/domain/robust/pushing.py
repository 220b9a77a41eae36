"""Persistent pushing of single miners: honest on all but a few, so that an average hides it."""

from __future__ import annotations

import numpy as np

from shared.domain.robust.ballot import Bools, Floats
from shared.domain.robust.memory import Memory
from shared.domain.robust.spread import Spread
from shared.domain.robustness import Robustness


def impartiality(memory: Memory, name: str, spread: Spread, policy: Robustness) -> Floats:
    """How little a validator has been pushing one miner [K, M], 1 where it has not.

    The mean signed error on the miner, as far as it exceeds what chance explains, is added to the
    validator's variance there: reference / (reference + excess^2).
    """
    bias = np.abs(memory.of_pairs(f"{name}/bias"))
    excess = np.maximum(bias - policy.pushing_spread * np.sqrt(spread.reference), 0)
    return np.asarray(spread.reference / (spread.reference + excess**2))


def learn_bias(
    memory: Memory, name: str, residual: Floats, usable: Bools, policy: Robustness
) -> Floats:
    """The mean signed errors [K, M] after residuals [K, M], in units, where usable."""
    bias = memory.of_pairs(f"{name}/bias")
    step = policy.pushing_rate * np.where(usable, residual - bias, 0.0)
    # Rounded to what the stored memory keeps, so that both learn alike.
    return (bias + step).astype(np.float16).astype(np.float64)
