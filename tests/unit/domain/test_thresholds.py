"""Quorum and timeout that follow participation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.memory import EMPTY, Memory, ValidatorMemory
from shared.domain.policy import Policy
from shared.domain.rounds import Chain, Known, step
from shared.domain.thresholds import in_force
from tests.unit.domain.makers import NOW, registry, report, status

DYNAMIC = Policy(dynamic_thresholds=True)
STAKES = dict.fromkeys(range(1, 13), 2000.0)


def memory(participation: Mapping[int, float]) -> Memory:
    """A memory of these validators' participation."""
    remembered = {
        f"v{uid}": ValidatorMemory(first_round=100, last_round=166, participation=share)
        for uid, share in participation.items()
    }
    return Memory(round=166, validators=remembered)


def held(
    participation: Mapping[int, float],
    policy: Policy = DYNAMIC,
    stakes: Mapping[int, float] = STAKES,
) -> tuple[int, float]:
    """(quorum, timeout) that hold."""
    found = in_force(policy, memory(participation), registry(stakes))
    return found.min_consensus_validators, found.consensus_timeout


def test_they_are_off_unless_asked_for() -> None:
    """The fixed numbers hold, whoever takes part."""
    assert held(dict.fromkeys(STAKES, 1.0), Policy()) == (2, 300.0)


def test_a_third_of_those_who_take_part_is_a_quorum() -> None:
    """Twelve in every round: four. A typical one reports each minute: three of them are 180 s."""
    assert held(dict.fromkeys(STAKES, 1.0)) == (4, 180.0)


def test_half_the_participation_halves_the_quorum_and_doubles_the_timeout() -> None:
    """Six reports a round, each validator every two minutes."""
    assert held(dict.fromkeys(STAKES, 0.5)) == (2, 360.0)


def test_who_has_left_long_ago_does_not_count() -> None:
    """Ten that report each minute and two whose share has decayed to nearly nothing."""
    quorum, timeout = held({uid: 1.0 if uid <= 10 else 0.001 for uid in STAKES})

    assert quorum == 4
    assert pytest.approx(180.0, rel=0.001) == timeout


def test_who_may_not_report_does_not_count() -> None:
    """An operator's ban or a lost permit takes effect at once."""
    assert held({**dict.fromkeys(STAKES, 1.0), **dict.fromkeys(range(20, 80), 1.0)}) == (4, 180.0)


def test_a_minority_that_reports_in_bursts_times_out_nobody() -> None:
    """Five of twelve report each minute, seven every four: those are given their three reports."""
    often = {uid: 1.0 if uid <= 5 else 0.25 for uid in STAKES}

    assert 720.0 == held(often)[1]


def test_a_minority_that_goes_silent_keeps_no_old_votes_alive() -> None:
    """Five of twelve nearly never report; the timeout is that of the seven."""
    rarely = {uid: 0.01 if uid <= 5 else 1.0 for uid in STAKES}

    assert 180.0 == held(rarely)[1]


def test_many_validators_of_little_stake_put_no_quorum_out_of_reach() -> None:
    """Four hold nearly everything; fifty more would make it eight, which the four never are."""
    few = dict.fromkeys(range(1, 5), 100_000.0)
    many = few | dict.fromkeys(range(5, 55), 1000.0)

    assert (2, 180.0) == held(dict.fromkeys(many, 1.0), stakes=many)


def test_where_stake_does_not_weigh_heads_are_counted() -> None:
    """Whoever may vote is one."""
    equal = replace(DYNAMIC, stake_weighting=False)
    stakes = {uid: 1000.0 * 2**uid for uid in STAKES}

    assert (4, 180.0) == held(dict.fromkeys(STAKES, 1.0), equal, stakes)


def test_they_stay_within_their_bounds() -> None:
    """Whatever participation says."""
    narrow = replace(DYNAMIC, dynamic_quorum_most=3, dynamic_timeout_least=200.0)

    assert held(dict.fromkeys(STAKES, 1.0), narrow) == (3, 200.0)
    assert held(dict.fromkeys(STAKES, 0.05)) == (2, 900.0)


def test_without_a_memory_the_fixed_numbers_hold() -> None:
    """A subnet that begins has no participation yet."""
    found = in_force(DYNAMIC, EMPTY, registry(STAKES))

    assert found == DYNAMIC


@given(st.dictionaries(st.sampled_from(sorted(STAKES)), st.floats(0, 1)))
def test_what_is_echoed_says_the_same_again(participation: Mapping[int, float]) -> None:
    """Who recomputes a snapshot from the policy in it gets the same thresholds."""
    known, chain = memory(participation), registry(STAKES)
    once = in_force(DYNAMIC, known, chain)

    assert once == in_force(Policy.from_dict(once.as_dict()), known, chain)


def test_a_recompute_uses_and_echoes_them() -> None:
    """Three of twelve agree: a quorum of two, none of four."""
    told = [report(uid, status(is_serving=True)) for uid in (1, 2, 3)]
    chain = Chain(memory(dict.fromkeys(STAKES, 1.0)), closed_through=166)

    def state(policy: Policy) -> tuple[int, str]:
        taken = step(chain, Known(told, registry(STAKES), policy), NOW, most_rounds=1)
        return taken.policy.min_consensus_validators, taken.resolution.miners[49].state

    assert (2, "consensus") == state(Policy())
    assert (4, "pending") == state(DYNAMIC)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"dynamic_quorum_share": 0.0}, "dynamic_quorum_share must lie above 0 and up to 1"),
        ({"dynamic_quorum_least": 9}, "dynamic_quorum_least must not exceed dynamic_quorum_most"),
        ({"dynamic_timeout_least": 1000.0}, "must not exceed dynamic_timeout_most"),
        ({"dynamic_timeout_reports": 0.0}, "dynamic_timeout_reports must be above 0"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(numbers: Mapping[str, Any], message: str) -> None:
    """By name."""
    with pytest.raises(ValueError, match=message):
        Policy(**numbers)
