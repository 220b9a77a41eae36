"""The policy refuses what makes no sense, and says all that it is."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from shared.domain.policy import Policy


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"consensus_timeout": 0.0}, "consensus_timeout must be above 0"),
        ({"half_life": -1.0}, "half_life must be above 0"),
        ({"round_seconds": float("nan")}, "round_seconds must be above 0"),
        ({"min_stake_share": 1.1}, "min_stake_share must lie in 0–1"),
        ({"stake_cap": 0.0}, "stake_cap must lie above 0 and up to 1"),
        ({"round_grace": -1.0}, "round_grace must not be negative"),
        ({"majority": 0.5}, "majority must lie above 0.5"),
        ({"min_consensus_validators": 0}, "min_consensus_validators must be ≥ 1"),
        ({"memory_rounds": 0}, "memory_rounds must be ≥ 1"),
        ({"reporting_window": 299.0}, "reporting_window must not be shorter"),
    ],
)
def test_a_number_out_of_range_is_named(given: dict[str, Any], message: str) -> None:
    """The error says which number and what is asked of it."""
    with pytest.raises(ValueError, match=message):
        Policy(**given)


def test_every_number_is_echoed() -> None:
    """The echo is JSON, has every field, and makes the same policy again."""
    policy = Policy(half_life=3.0, min_consensus_validators=3)
    echo = json.loads(json.dumps(policy.as_dict()))
    tolerances = {name: tuple(pair) for name, pair in echo["tolerances"].items()}

    assert {field.name for field in fields(Policy)} == set(echo)
    assert policy.as_dict() == Policy(**{**echo, "tolerances": tolerances}).as_dict()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("stake", 100.0, 5.0),
        ("performance_score", 0.9, 0.1),
        ("current_load", 2.0, 1.0),
        ("current_load", 10.0, 2.0),
        ("temperature", -20.0, 2.0),
    ],
)
def test_a_tolerance_is_the_larger_of_its_two(name: str, value: float, expected: float) -> None:
    """Absolute or relative, whichever is larger; unknown fields have a tenth."""
    assert expected == Policy().tolerance(name, value)
