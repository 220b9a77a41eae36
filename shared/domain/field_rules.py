"""How one field is aggregated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NumberField:
    """How one number is aggregated.

    The unit of a row is max(tolerance, relative_tolerance * |anchor|); all spreads that the memory
    keeps are in such units.
    """

    tolerance: float
    relative_tolerance: float = 0.0
    public: bool = False


@dataclass(frozen=True)
class LabelField:
    """How one boolean or string is aggregated. `shared_classes`: codes mean the same everywhere.

    Only then a validator's confusions between classes are learnt; otherwise only how often it is
    right. `prior_accuracy` is the hit rate of a validator nothing is known about.
    """

    shared_classes: bool = True
    prior_accuracy: float = 0.8
    public: bool = False
