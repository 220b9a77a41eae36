"""Which miners get work."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.policy import Policy
from shared.domain.ranking import Ranking, availability_score, rank
from shared.domain.results import Conflict
from tests.unit.domain.makers import SERVING, miner, resolution_of

FALLBACK: dict[str, Any] = {"state": "fallback", "confidence": 0.6, "waiting_since": 1.0}


def active(ranking: Ranking) -> list[int]:
    """uids of the active miners, best first."""
    return [each.result.uid for each in ranking.miners if each.is_active]


@pytest.mark.parametrize(
    ("values", "confidence", "expected"),
    [
        ({"performance_score": 0.8, "current_load": 2, "max_capacity": 10}, 0.5, 0.74),
        ({"performance_score": 0.8, "current_load": 2, "max_capacity": 10}, None, 0.64),
        ({"current_load": 0, "max_capacity": 10}, None, 0.5),
        ({"performance_score": 0.8}, 0.5, 0.9),
        ({"performance_score": 0.8, "current_load": 0.5}, None, 0.4),
        ({"performance_score": 0.8, "current_load": 3}, None, 0.1),
        ({"performance_score": 0.8, "current_load": -3, "max_capacity": 10}, None, 0.8),
        ({"performance_score": 0.8, "current_load": 0.5, "max_capacity": 0}, None, 0.4),
        ({"performance_score": 1.0}, 1.0, 1.0),
        ({}, None, 0.5),
    ],
)
def test_availability(values: dict[str, Any], confidence: float | None, expected: float) -> None:
    """Performance times free capacity plus the boost, within 0.1–1; what is missing has a value."""
    assert expected == pytest.approx(availability_score(values, confidence), abs=1e-12)


@pytest.mark.parametrize(
    "fault",
    [
        {"values": {"stake": 10.0, "is_serving": False}},
        {"values": {"stake": 10.0}},
        {"values": {"is_serving": True, "stake": 0.0}},
        {"values": {"is_serving": True}},
        {"confidence": 0.69},
        {"state": "disputed"},
        {"state": "pending", "waiting_since": 1.0},
        {"state": "stale", "values": {}},
        {"conflicts": (Conflict("ip", "address", ()),)},
    ],
)
def test_a_miner_with_a_fault_is_listed_but_not_active(fault: dict[str, Any]) -> None:
    """It comes after every active miner, however good its score."""
    best_values = {"values": SERVING | {"performance_score": 1.0}}
    ranking = rank(resolution_of(miner(1, **{**best_values, **fault}), miner(2)), Policy())

    assert ranking.mode == "consensus"
    assert [2] == active(ranking)
    assert [2, 1] == [each.result.uid for each in ranking.miners]


def test_a_disputed_external_address_does_not_bar_a_miner() -> None:
    """Work goes to ip and port; one validator's external address must not stop it."""
    conflict = Conflict("external_ip", "address", ())

    assert [1] == active(rank(resolution_of(miner(1, conflicts=(conflict,))), Policy()))


def test_individual_reports_serve_only_when_there_is_no_consensus() -> None:
    """One miner in consensus keeps all those in fallback out."""
    alone = rank(resolution_of(miner(1, **FALLBACK)), Policy())
    beside = rank(resolution_of(miner(1, **FALLBACK), miner(2)), Policy())

    assert ("fallback", [1]) == (alone.mode, active(alone))
    assert ("consensus", [2]) == (beside.mode, active(beside))


def test_an_individual_report_gets_no_boost() -> None:
    """Its score is performance times free capacity alone."""
    [ranked] = rank(resolution_of(miner(1, **FALLBACK)), Policy()).miners

    assert ranked.availability_score == 0.5


def test_an_unresolved_identity_is_no_fallback() -> None:
    """Nobody knows whose address an individual report gives then."""
    conflict = Conflict("hotkey", "identity", ())
    ranking = rank(resolution_of(miner(1, conflicts=(conflict,), **FALLBACK)), Policy())

    assert ("empty", []) == (ranking.mode, active(ranking))


def test_nobody_is_an_answer() -> None:
    """An empty network ranks as empty."""
    assert Ranking("empty", ()) == rank(resolution_of(), Policy())


def test_ties_go_to_the_smaller_uid() -> None:
    """Equal scores are ordered by uid, whatever the order of the resolution."""
    ranking = rank(resolution_of(miner(3), miner(1), miner(2)), Policy())

    assert [1, 2, 3] == active(ranking)


def test_the_others_are_listed_by_state() -> None:
    """Consensus, fallback, pending, disputed, stale."""
    ranking = rank(
        resolution_of(
            miner(1, state="stale", values={}),
            miner(2, state="disputed"),
            miner(3, state="pending", waiting_since=1.0),
            miner(4, **FALLBACK),
            miner(5, confidence=0.5),
            miner(6),
        ),
        Policy(),
    )

    assert [6, 5, 4, 3, 2, 1] == [each.result.uid for each in ranking.miners]
