"""Miners that hardly anybody speaks of: how much stake it takes to be heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.audience import audience, is_heard
from shared.domain.ballots import own_votes
from shared.domain.cases import cases_of
from shared.domain.electorate import electorate_at
from shared.domain.memory import EMPTY, Memory, ValidatorMemory
from shared.domain.policy import Policy
from tests.unit.domain.makers import NOW, registry, report, status, votes_on

POLICY = Policy()
FIRST = 1000
EQUAL = dict.fromkeys(range(10), 1000.0)


def miner(number: int) -> dict[str, Any]:
    """Its status, at a uid of no validator."""
    return status(FIRST + number)


def heard(
    watched: Mapping[int, Sequence[int]],
    stakes: Mapping[int, float],
    memory: Memory = EMPTY,
    policy: Policy = POLICY,
) -> dict[int, float]:
    """Miner → audience, where each validator speaks of these."""
    reports = [report(v, *map(miner, uids)) for v, uids in watched.items() if uids]
    chain, votes = registry(stakes), votes_on(reports, stakes, policy)
    electorate = electorate_at(votes, chain, memory, policy, NOW)
    cases = cases_of(memory, electorate)
    found = audience(own_votes(cases, electorate), electorate)
    return {uid - FIRST: share for uid, share in zip(votes.uids, found.tolist(), strict=True)}


def test_half_of_the_stake_is_enough() -> None:
    """Five of ten equal validators; with four the miner has four fifths of an audience."""
    watched = {v: [1, 2, 3] if v < 4 else [1, 2] if v < 5 else [1] for v in EQUAL}

    assert {1: 1.0, 2: 1.0, 3: pytest.approx(0.8)} == heard(watched, EQUAL)


def test_whoever_votes_on_more_miners_has_no_more_say() -> None:
    """Three of ten validators invent 900 miners: what is typical stays what the others watch."""
    invented = list(range(100, 1000))
    found = heard({v: [1, 2, 3] if v < 7 else [1, 2, 3, *invented] for v in EQUAL}, EQUAL)

    assert {1.0} == {found[uid] for uid in (1, 2, 3)}
    assert {0.6} == {round(found[uid], 9) for uid in invented}


def test_a_minority_that_keeps_to_itself_is_not_heard() -> None:
    """Even 45 % of the stake, where it leaves the others' miners alone and so lowers what is
    typical.
    """
    stakes = dict.fromkeys(range(20), 1000.0)
    found = heard({v: [1, 2] if v < 11 else [8, 9] for v in stakes}, stakes)

    assert found[1] == 1.0
    assert found[9] < 1.0


def test_where_validators_watch_different_miners_few_are_enough() -> None:
    """Five pairs, each with miners of its own: all are heard."""
    watched = {v: [v // 2 * 10, v // 2 * 10 + 1] for v in EQUAL}

    assert {1.0} == set(heard(watched, EQUAL).values())


def test_stake_counts_as_in_the_anchor() -> None:
    """A holder of 85 % counts as a third: of 0.33 + 0.15 the others' 0.15 is not half."""
    stakes = {**EQUAL, 0: 51_000.0}
    found = heard({v: [1] if v == 0 else [1, 2] for v in stakes}, stakes)

    assert {1: 1.0, 2: pytest.approx(2 * 0.15 / (1 / 3 + 0.15))} == found


def test_quarantine_is_no_audience() -> None:
    """Those whose votes are set aside neither make a miner heard nor raise what it takes."""
    memory = Memory(
        round=150, validators={f"v{v}": ValidatorMemory(1, 150, reputation=0.0) for v in range(4)}
    )
    found = heard({v: [1, 2] if v < 4 else [1] for v in EQUAL}, EQUAL, memory)

    assert {1: 1.0, 2: 0.0} == found


def test_without_stakes_heads_count() -> None:
    """Where the registry knows no stake, each validator counts alike."""
    watched = {v: [1, 2] if v < 2 else [1] for v in EQUAL}
    policy = Policy(min_validator_stake=0.0)

    found = heard(watched, dict.fromkeys(EQUAL, 0.0), policy=policy)

    assert {1: 1.0, 2: pytest.approx(0.4)} == found


@given(
    st.lists(st.sets(st.integers(0, 6), max_size=5), min_size=1, max_size=8),
    st.lists(st.sampled_from([0.0, 1.0, 500.0, 1e6]), min_size=8, max_size=8),
)
def test_somebody_is_always_heard(watched: list[set[int]], stakes: list[float]) -> None:
    """Shares lie in 0–1, and the miner that most stake speaks of is heard."""
    held = dict(enumerate(stakes))
    found = heard({v: sorted(uids) for v, uids in enumerate(watched)}, held)

    assert all(0.0 <= share <= 1.0 for share in found.values())
    if found:
        assert max(found.values()) == 1.0


def test_heard_is_who_has_the_whole_audience() -> None:
    """But for rounding."""
    assert [True, True, False] == is_heard(np.array([1.0, 1.0 - 1e-12, 0.99])).tolist()
