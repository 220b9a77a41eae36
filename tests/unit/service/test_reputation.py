"""Reputation through the whole recompute: earned, lost, quarantined, lifted."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from shared.adapters.memory import MemoryRegistryStore, MemoryReportLog, MemorySnapshotStore
from shared.domain.registry import Neuron, Overrides, Registry
from tests.builders import T0, signed, status
from tests.subnets import Subnet, assert_exact

VALIDATORS = range(40, 47)
LIAR = 40
MINERS = range(12)


def hotkey(uid: int) -> str:
    """A validator's hotkey."""
    return f"5validator{uid}"


@pytest.fixture
def subnet() -> Subnet:
    """Seven validators of equal stake; the chain knows no miner."""
    neurons = tuple(Neuron(uid, hotkey(uid), 5000.0, True) for uid in VALIDATORS)
    chain = Registry(1, T0 - 60, neurons)
    stores = MemoryReportLog(time.time), MemorySnapshotStore(), MemoryRegistryStore()
    return Subnet(*stores, 1, chain=chain)


def report_rounds(subnet: Subnet, first: int, rounds: int) -> None:
    """Honest validators scatter by 0.02 around the truth, 0.5; the liar adds 0.4."""
    recompute = subnet.instance()
    rng = random.Random(first)
    for number in range(first, first + rounds):
        for uid in VALIDATORS:
            lie = 0.4 if uid == LIAR else 0.0
            at = T0 + 60 * number + uid / 10
            scores = {miner: 0.5 + lie + rng.gauss(0, 0.02) for miner in MINERS}
            entries = [status(miner, performance_score=score) for miner, score in scores.items()]
            subnet.now = at
            recompute(1, subnet.post(signed(uid, at, entries, hotkey=hotkey(uid))))
    subnet.now = T0 + 60 * (first + rounds) + 31
    recompute(1)


def test_a_liar_does_not_move_the_consensus_from_the_first_round(subnet: Subnet) -> None:
    """One of seven, 0.4 off: the value stays with the others, where the mean would not."""
    report_rounds(subnet, 0, 1)

    scores = [m.values["performance_score"] for m in subnet.payload.resolution.miners.values()]
    assert pytest.approx([0.5] * len(MINERS), abs=0.05) == scores


def test_a_persistent_liar_is_quarantined_and_no_longer_counts(subnet: Subnet) -> None:
    """Its reputation is 0, the reason is named, and no quorum rests on it."""
    report_rounds(subnet, 0, 12)

    liar = subnet.memory.validators[hotkey(LIAR)]
    assert liar.quarantine == "gross_error"
    assert liar.reputation == 0.0
    assert all(LIAR not in m.validators for m in subnet.payload.resolution.miners.values())
    honest = [subnet.memory.validators[hotkey(uid)] for uid in VALIDATORS if uid != LIAR]
    assert all(validator.quarantine == "" and validator.reputation > 0.5 for validator in honest)
    assert_exact(subnet)


def test_a_lift_counts_once(subnet: Subnet) -> None:
    """The record starts anew with the next round; who goes on lying is set aside again."""
    report_rounds(subnet, 0, 12)
    overrides = Overrides(lifted={hotkey(LIAR): subnet.now})
    subnet.registries.save_overrides(1, overrides)
    subnet.chain = replace(subnet.chain, overrides=overrides)

    report_rounds(subnet, 13, 1)
    lifted = subnet.memory.validators[hotkey(LIAR)]
    report_rounds(subnet, 14, 12)
    again = subnet.memory.validators[hotkey(LIAR)]

    assert lifted.quarantine == ""
    assert lifted.reputation > 0
    assert again.quarantine == "gross_error"
