"""What any estimator says about one field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.domain.results import Conflict


@dataclass(frozen=True, slots=True)
class Estimate:
    """The consensus value of one field of one miner."""

    value: Any
    agreement: float | None = None
    """Share 0–1 of the weight that agrees with it; None where no agreement is asked for."""
    conflict: Conflict | None = None
