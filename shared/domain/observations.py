"""Observations: one field of one miner in each vote, with the vote's weight.

Everything that is counted from them is a sum by `math.fsum`, which is exact, so that the order of
observations cannot matter; ties are decided by time, then by canonical JSON, never by arrival.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from shared.domain.results import Conflict, ConflictKind

SLACK = 1e-9
"""Relative slack of every comparison with a threshold: 3 of 5 equal weights are 60 %."""
DETAIL_LENGTH = 8
"""Values that a conflict names at most, so that 64 different numbers do not fill a snapshot."""

_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def canonical(value: Any) -> str:
    """Canonical JSON of a value: sorted keys, no spaces. Raises `ValueError` on NaN."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if type(value) is float and math.isfinite(value):
        return repr(value)  # as the encoder does, without its overhead
    return _encode(value)


class Observation(NamedTuple):
    """One validator's value of one field."""

    value: Any
    weight: float
    signed_at: float


@dataclass(frozen=True, slots=True)
class Tally:
    """All observations of one value."""

    value: Any
    share: float
    """Share 0–1 of the weight."""
    newest: float
    """Newest signing time, seconds."""
    votes: int


def reaches(value: float, bar: float) -> bool:
    """Whether `value` ≥ `bar` (both ≥ 0) up to rounding."""
    return value >= bar * (1 - SLACK)


def shares(weights: Sequence[float]) -> list[float]:
    """The weights as shares of their sum; equal ones if there is no weight at all."""
    total = math.fsum(weights)
    if total <= 0:
        return [1 / len(weights) for _ in weights]
    return [weight / total for weight in weights]


def tally(observations: Sequence[Observation]) -> list[Tally]:
    """The distinct values, heaviest first; ties: more recent, then smaller canonical JSON.

    Values are the same if their canonical JSON is: `true`, `"true"` and `1` are three values.
    """
    groups: dict[str, list[tuple[float, Observation]]] = {}
    for share, observed in zip(
        shares([observed.weight for observed in observations]), observations, strict=True
    ):
        groups.setdefault(canonical(observed.value), []).append((share, observed))
    ranked = [(_tally(group), key) for key, group in groups.items()]
    ranked.sort(key=lambda pair: (-round(pair[0].share, 9), -pair[0].newest, pair[1]))
    return [counted for counted, _ in ranked]


def conflict_of(name: str, kind: ConflictKind, tallies: Iterable[Tally]) -> Conflict:
    """A conflict that names the heaviest values with their shares."""
    detail = tuple((counted.value, counted.share) for counted in tallies)
    return Conflict(name, kind, detail[:DETAIL_LENGTH])


def _tally(group: list[tuple[float, Observation]]) -> Tally:
    return Tally(
        value=group[0][1].value,
        share=math.fsum(share for share, _ in group),
        newest=max(observed.signed_at for _, observed in group),
        votes=len(group),
    )
