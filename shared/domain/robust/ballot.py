"""The votes of K validators about M miners, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Labels:
    """Votes [K, M] on a boolean or string field as class codes, -1 where there is none.

    `classes`: how many codes there are. `fact` [M]: the code the chain proves, or -1.
    """

    votes: Ints
    classes: int
    fact: Ints | None = None


@dataclass(frozen=True)
class Ballot:
    """K validators by M miners at one moment.

    stake: [K], positive, any unit. confidence: [K, M], 0.1 to 1.0. age_rounds: [K, M], at least 0
    where there is a vote, anything elsewhere. numbers: field -> [K, M], NaN where there is no
    vote. labels: field -> Labels. facts: field -> [M], what the chain proves about a number, NaN
    where it does not. Raises ValueError for no validators, other shapes or stakes that are not
    positive. Rows and columns are the rows and columns of the memory.
    """

    stake: Floats
    confidence: Floats
    age_rounds: Floats
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    labels: Mapping[str, Labels] = field(default_factory=dict)
    facts: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = self.shape
        if not shape[0]:
            raise ValueError("a ballot needs at least one validator")
        shapes = {matrix.shape for matrix in (self.age_rounds, *self.numbers.values())}
        shapes |= {labels.votes.shape for labels in self.labels.values()}
        if shapes != {shape} or self.stake.shape != shape[:1]:
            raise ValueError(f"every matrix of a ballot must be validators x miners, {shape}")
        if self.stake.size and not (np.isfinite(self.stake).all() and self.stake.min() > 0):
            raise ValueError("stakes must be positive and finite")

    @property
    def shape(self) -> tuple[int, int]:
        """(K validators, M miners)."""
        validators, miners = self.confidence.shape
        return validators, miners
