"""Weights, and the confidence that they lead to."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.consensus_confidence import consensus_confidence
from shared.domain.policy import Policy
from shared.domain.robust.stake import freshness
from shared.domain.weights import Weight, band_of, stake_factors, weigh
from tests.unit.domain.makers import NOW, report, status, votes_on


@pytest.mark.parametrize(
    ("trust", "band"),
    [
        (0.8, "high"),
        (0.79, "medium"),
        (0.6, "medium"),
        (0.59, "low"),
        (0.4, "low"),
        (0.39, "very low"),
    ],
)
def test_a_band_tells_people_what_trust_is(trust: float, band: str) -> None:
    """The limits themselves belong to the better word."""
    assert band == band_of(trust)


def test_a_weight_is_the_product_of_its_factors() -> None:
    """Nothing decides that has no name."""
    weight = Weight(stake=0.5, confidence=0.9, freshness=0.25, reputation=0.5)

    assert 0.5 * 0.9 * 0.25 * 0.5 == weight.product


def test_a_vote_carries_its_factors() -> None:
    """Stake √(1/4), confidence 1 − 0.2 + 0.05, one half-life old."""
    votes = votes_on([report(1, status(performance_score=0.5), signed_at=NOW - 120)], {1: 1000.0})
    [each] = weigh(votes[49], {"v1": 0.5}, Policy(), NOW)

    assert Weight(stake=0.5, confidence=0.85, freshness=0.5) == each.weight


def test_age_of_many_half_lives_is_no_error() -> None:
    """Freshness falls to 0 and stays finite."""
    assert [0.0] == freshness(np.array([1e300]), Policy()).tolist()


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=64))
def test_no_stake_factor_exceeds_the_cap(stakes: list[float]) -> None:
    """Factors lie between 0 and the capped share's root, and more stake never means less."""
    by_hotkey = {f"v{index:02}": stake for index, stake in enumerate(sorted(stakes))}
    factors = list(stake_factors(by_hotkey, Policy()).values())
    cap = max(0.25, 3 / len(stakes))

    assert all(0 <= factor <= math.sqrt(min(cap, 1)) for factor in factors)
    assert factors == sorted(factors)


@given(st.integers(1, 64), st.floats(0, 1))
def test_two_agreeing_complete_reports_may_get_tasks(voters: int, stake_share: float) -> None:
    """Full agreement of complete reports reaches 0.7 with two validators and never with one."""
    reports = [report(uid, status(stake=1.0, is_serving=True)) for uid in range(voters)]
    stakes = dict.fromkeys(range(voters), 1000.0)
    votes = weigh(votes_on(reports, stakes)[49], {f"v{uid}": 0.5 for uid in stakes}, Policy(), NOW)

    confidence = consensus_confidence(votes, [1.0, 1.0, 1.0], stake_share)

    assert (voters >= 2) == (confidence >= 0.7)
    assert 0 < confidence < 1
