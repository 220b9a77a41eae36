"""One field of one miner: how it was decided, and by whose weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain import robust
from shared.domain.cases import Case
from shared.domain.explanation.account import Method
from shared.domain.explanation.hearing import Hearing
from shared.domain.explanation.scales import EngineScale, Scale
from shared.domain.explanation.values import HOST_OF
from shared.domain.fields import ADDRESSES, RANGES, Kind, kind_of
from shared.domain.results import MinerResult

BY_KIND: Mapping[Kind, Method] = {
    "number": "plain_average",
    "label": "weighted_majority",
    "recent": "most_recent",
}
"""What the plain estimators do with a field."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is explained."""

    name: str
    case: Case
    result: MinerResult
    hearing: Hearing
    scale: Scale
    plain_kind: Kind | None
    """How the plain estimators read the field; None: they do not."""

    @property
    def value(self) -> Any:
        """The consensus value; None if no vote had any weight."""
        return self.result.hotkey if self.name == "hotkey" else self.result.values.get(self.name)

    @property
    def is_fact(self) -> bool:
        """Whether the chain says what it is."""
        return self.result.sources.get(self.name) == "chain"

    @property
    def is_put_together(self) -> bool:
        """Whether votes were put together, and not one report taken."""
        return self.case.is_decided or self.name == "hotkey"

    @property
    def is_address(self) -> bool:
        """Whether it is an IP or a port, which are taken together."""
        return self.name in ADDRESSES or self.name in HOST_OF

    @property
    def number(self) -> robust.Number | None:
        """The engine's findings on a numeric field."""
        if isinstance(self.scale, EngineScale) and isinstance(self.scale.field, robust.Number):
            return self.scale.field
        return None

    @property
    def method(self) -> Method:
        """How it was decided."""
        if self.is_fact:
            return "chain"
        if not self.is_put_together:
            return "best_report"
        if self.is_address:
            return "address"
        if isinstance(self.scale, EngineScale):
            return "robust_average" if self.number else "weighted_majority"
        return BY_KIND[self.plain_kind or "label"]

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the value lies with 90 %, if the engine averaged it."""
        if self.method != "robust_average" or not isinstance(self.scale, EngineScale):
            return None
        if self.number is None or self.value is None:
            return None
        low, high = map(float, self.number.interval[self.scale.column])
        least, most = RANGES.get(self.name, (-math.inf, math.inf))
        return (max(low, least), min(high, most)) if math.isfinite(low + high) else None

    def takes(self, value: Any) -> bool:
        """Whether the value is of the kind that the field is decided as."""
        if self.name == "hotkey" or self.is_address:
            return True
        kind: Kind | None = self.plain_kind
        if isinstance(self.scale, EngineScale):
            kind = "number" if self.number else "label"
        return kind_of(self.name, value) == kind

    def contradicts(self, value: Any) -> bool:
        """Whether a vote says otherwise than the chain."""
        if not self.is_fact or value is None:
            return False
        if self.number is None or not isinstance(self.scale, EngineScale):
            return self.name == "hotkey" and bool(value != self.value)
        unit = float(self.number.unit[self.scale.column])
        return kind_of(self.name, value) == "number" and abs(value - self.value) > unit
