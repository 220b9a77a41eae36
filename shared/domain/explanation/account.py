"""What an explanation consists of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shared.domain.reports import Report
from shared.domain.weights import Band, band_of

Method = Literal[
    "robust_average",
    "weighted_majority",
    "most_recent",
    "address",
    "chain",
    "best_report",
    "plain_average",
]
"""How a field was decided: the engine's average, a majority (the engine's or a plain one), the
newest heavy value, an address, a fact of the chain, one report for want of a quorum, or the plain
weighted mean.
"""


TRUST = ("confidence", "reputation", "freshness", "standing")
"""Factors that make a vote's band; who is in quarantine has no standing."""


@dataclass(frozen=True, slots=True)
class Note:
    """What happened to a vote."""

    code: str
    """`stake_capped`, `clipped`, `excluded`, `quarantined`, `copied`, `parrot`, `pushing`,
    `incoherent`, `unreliable`, `contradicts_chain`, `lighter`, `older`, `no_address`."""
    detail: str
    """Why, in words that an operator understands."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What one vote on one field weighs: `weight` is the product of `factors`."""

    weight: float
    factors: Mapping[str, float]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedVote:
    """One validator's vote on one field."""

    report: Report
    value: Any
    """None: it is silent on the field, and its weight backs nothing."""
    weight: float
    share: float
    """Share 0–1 of the field's weight."""
    factors: Mapping[str, float]
    """Factor → value, by the names of docs/consensus.md. `counted` 0: the vote takes no part."""
    notes: tuple[Note, ...]

    @property
    def band(self) -> Band | None:
        """Confidence, reputation and freshness in a word for people; None: it takes no part."""
        trust = [self.factors[name] for name in TRUST if name in self.factors]
        return band_of(math.prod(trust)) if trust else None


@dataclass(frozen=True, slots=True)
class ExplainedField:
    """One field of one miner."""

    method: Method
    value: Any
    """None: no vote on it had any weight."""
    interval: tuple[float, float] | None
    """The value lies in it with 90 %, by the engine's word; None where there is none."""
    votes: tuple[ExplainedVote, ...]
    """All votes on it in the reporting window, by validator uid and report id."""
