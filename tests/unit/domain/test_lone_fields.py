"""What validators of little stake can do with fields that nobody else reports: nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.domain.reports import Report
from shared.domain.results import MinerResult
from shared.domain.rounds import Chain, Known, round_of, step

T0 = 1_800_000_000.0
HONEST = range(8)
MINERS = range(100, 106)
GREATEST = 1e15


def report(validator: int, at: float, fields: Mapping[str, Any]) -> Report:
    """The same of every miner."""
    statuses = tuple(
        {
            "uid": uid,
            "hotkey": f"m{uid}",
            "stake": 10.0,
            "is_serving": True,
            "performance_score": 0.5 + uid % 3 / 10,
            **fields,
        }
        for uid in MINERS
    )
    name = f"{validator}_{int(at * 1e9)}"
    return Report(name, validator, f"v{validator}", 1, at, at, statuses)


Told = Mapping[int, list[dict[str, Any]]]
"""Validator uid → further fields, round after round, over and over."""


def resolved(told: Told) -> list[MinerResult]:
    """The miners after six rounds; who is not among the honest has the least stake."""
    told = {**{uid: [{}] for uid in HONEST}, **told}
    validators = [
        Neuron(uid, f"v{uid}", 100_000.0 if uid in HONEST else 1000.0, True) for uid in told
    ]
    miners = [Neuron(uid, f"m{uid}", 10.0) for uid in MINERS]
    known = Registry(1, T0, (*validators, *miners))
    chain, reports = Chain(closed_through=round_of(T0, Policy()) - 1), list[Report]()
    for number in range(6):
        at = T0 + 60 * number
        reports += [
            report(uid, at + uid, fields[number % len(fields)]) for uid, fields in told.items()
        ]
        taken = step(chain, Known(reports, known, Policy()), at + 95, most_rounds=1)
        chain = taken.chain
    return list(taken.resolution.miners.values())


LEAST = {"current_load": 0.0, "max_capacity": 1.0, "external_ip": "9.9.9.1", "external_port": 1}
MOST = {
    "current_load": GREATEST,
    "max_capacity": GREATEST,
    "external_ip": "9.9.9.2",
    "external_port": 2,
}


@pytest.mark.parametrize(
    "liars",
    [{20: [LEAST, MOST]}, {20: [LEAST], 21: [MOST]}, {20: [LEAST, MOST], 21: [MOST, LEAST]}],
    ids=["one that contradicts itself", "two that contradict each other", "two that do both"],
)
def test_no_quarrel_about_what_nobody_else_reports_keeps_a_miner_from_work(liars: Told) -> None:
    """A hundredth of the others' stake neither disputes a miner nor makes its confidence low."""
    expected = [each.confidence for each in resolved({20: [{}], 21: [{}]})]
    found = resolved(liars)

    assert ["consensus"] * len(MINERS) == [each.state for each in found]
    assert pytest.approx(expected, abs=0.01) == [each.confidence for each in found]


def test_a_quarrel_of_those_who_hold_the_stake_disputes_a_miner() -> None:
    """The very same contradictions, by all."""
    found = resolved({uid: [LEAST if uid % 2 else MOST] for uid in HONEST})

    assert {"disputed"} == {each.state for each in found}
    assert max(each.confidence for each in found) < 0.01
