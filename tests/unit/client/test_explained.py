"""Explanations as tables."""

from __future__ import annotations

from typing import Any

import pytest
from quorate_client.explained import field_tables
from quorate_client.tables import show_miner


def vote(uid: int, share: float, **fields: Any) -> dict[str, Any]:
    """A vote of a validator."""
    return {
        "validator_uid": uid,
        "share": share,
        "factors": {"stake": 0.5, "confidence": 1.0},
        "notes": [],
        **fields,
    }


FIELD = {
    "method": "robust_average",
    "value": 0.81234,
    "low": 0.78,
    "high": 0.84,
    "votes": [
        vote(1, 0.2, value=0.8),
        vote(2, 0.0, value=0.1, factors={"counted": 0.0}, notes=[{"code": "x", "detail": "old"}]),
        vote(3, 0.8, withheld=True, factors={"confidence": 1.0}),
    ],
}


def test_the_heaviest_vote_comes_first() -> None:
    """Share, the factors that change anything, and the notes in words."""
    [(title, rows)] = field_tables({"fields": {"performance_score": FIELD}})

    assert "performance_score: 0.8123 (robust average, 90 % in 0.78 – 0.84)" == title
    assert [
        (3, "withheld", "80.0%", "1", ""),
        (1, 0.8, "20.0%", "stake 0.50", ""),
        (2, 0.1, "0.0%", "counted 0.00", "old"),
    ] == rows


def test_a_miner_is_shown_with_its_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    """After its fields; without one nothing is missing."""
    content: dict[str, Any] = {
        "miner_uid": 7,
        "state": "consensus",
        "timestamp": "now",
        "consensus_status": {"performance_score": 0.8},
    }
    show_miner(content)
    plain = capsys.readouterr().out

    show_miner({**content, "explanation": {"fields": {"performance_score": FIELD}}})
    explained = capsys.readouterr().out

    assert "robust average" not in plain
    assert "robust average" in explained
    assert "withheld" in explained
