"""Verified capacity: a claim of many places at once has to be earned.

Small claims are taken at their word. Beyond that, capacity grows by one place with each success
at full use and shrinks by a fifth with each failure, never above what the consensus says and never
below one.
"""

from __future__ import annotations

import math

TRUSTED = 8
"""Places that nobody has to earn."""
SHRINK = 0.8


def places(declared: int, verified: float | None) -> int:
    """How many leases a miner may hold at once: 1 … `declared` (≥ 1)."""
    return max(1, math.floor(_held(verified, declared)))


def grown(verified: float | None, declared: int, concurrent: int) -> float:
    """Capacity after a success with `concurrent` live leases; full use earns one place more."""
    held = _held(verified, declared)
    return min(float(declared), held + 1.0) if concurrent >= math.floor(held) else held


def shrunk(verified: float | None, declared: int, concurrent: int) -> float:  # noqa: ARG001 - grown's twin
    """Capacity after a failure or timeout."""
    return max(1.0, SHRINK * _held(verified, declared))


def _held(verified: float | None, declared: int) -> float:
    return float(min(declared, TRUSTED if verified is None else verified))
