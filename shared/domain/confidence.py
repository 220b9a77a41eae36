"""Confidence of a report about a miner: how complete and how recent it says to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.fields import hotkey_of, kind_of, time_of

OPTIONAL_FIELDS = ("performance_score", "current_load", "task_type_specialization")


def report_confidence(status: Mapping[str, Any], signed_at: float) -> float:
    """Confidence 0.1–1.0 of one status in a report signed at `signed_at` (seconds).

    1.0 − 0.1 for each missing of uid, hotkey, stake, is_serving; + 0.05 for each present of
    performance_score, current_load, task_type_specialization; + 0.10 if `last_seen` is under
    5 minutes old, + 0.05 if under 15. A `last_seen` that is malformed or later than the signature
    adds nothing. Its age is that at signing: how a vote ages after that is its freshness.
    """
    present = [
        isinstance(status.get("uid"), int),
        hotkey_of(status) is not None,
        kind_of("stake", status.get("stake")) is not None,
        kind_of("is_serving", status.get("is_serving")) is not None,
    ]
    extra = sum(kind_of(name, status.get(name)) is not None for name in OPTIONAL_FIELDS)
    # In hundredths: whole numbers add up exactly.
    points = 100 - 10 * present.count(False) + 5 * extra + _recency_points(status, signed_at)
    return max(10, min(100, points)) / 100


def _recency_points(status: Mapping[str, Any], signed_at: float) -> int:
    seen = time_of(status.get("last_seen"))
    if seen is None or seen > signed_at:
        return 0
    age = signed_at - seen
    return 10 if age < 300 else 5 if age < 900 else 0
