"""Confidence of a report about a miner."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.confidence import report_confidence

SIGNED_AT = 1_700_000_000.0  # 2023-11-14T22:13:20Z
REQUIRED = {"uid": 49, "hotkey": "m49", "stake": 1.0, "is_serving": True}
BARE = {"uid": 49}  # 0.7: room above for what is added


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (REQUIRED, 1.0),
        ({}, 0.6),
        (BARE, 0.7),
        ({"uid": 49, "hotkey": "", "stake": "1", "is_serving": 1}, 0.7),
        ({**BARE, "performance_score": 0.0}, 0.75),
        ({**BARE, "performance_score": 0.0, "current_load": 0}, 0.8),
        ({**BARE, "task_type_specialization": {}}, 0.75),
        ({**BARE, "performance_score": float("nan")}, 0.7),
        ({**REQUIRED, "performance_score": 1.0, "current_load": 1}, 1.0),
    ],
)
def test_missing_fields_cost_and_optional_ones_add(status: Any, expected: float) -> None:
    """A tenth for each missing required field, a twentieth for each optional one, up to 1."""
    assert expected == report_confidence(status, SIGNED_AT)


@pytest.mark.parametrize(
    ("last_seen", "expected"),
    [
        ("2023-11-14T22:13:20Z", 0.8),
        ("2023-11-14T22:08:20.5Z", 0.8),
        ("2023-11-14T22:08:20Z", 0.75),
        ("2023-11-14T23:58:20.001+02:00", 0.75),
        ("2023-11-14T23:58:20+01:45", 0.8),
        ("2023-11-14T21:58:20.001Z", 0.75),
        ("2023-11-14T21:58:20Z", 0.7),
        ("2023-11-14T22:13:21Z", 0.7),
        ("2023-11-14T22:13:20", 0.7),
        ("2023-11-31T22:13:20Z", 0.7),
        ("just now", 0.7),
        (SIGNED_AT, 0.7),
    ],
)
def test_a_recent_sight_adds(last_seen: Any, expected: float) -> None:
    """Under 5 minutes a tenth, under 15 a twentieth; in the future, naive or malformed nothing."""
    assert expected == report_confidence({**BARE, "last_seen": last_seen}, SIGNED_AT)
