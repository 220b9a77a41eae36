"""The simulated subnet is what it says, liars included."""

from __future__ import annotations

import json
import random
from statistics import fmean

from cli import registry_file
from devtools.adversaries import worst
from devtools.simulation import Subnet, demo_subnet
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.schemas import parse_batch

NOW = 1_800_000_000.0


def subnet() -> Subnet:
    """The demo's."""
    return demo_subnet(netuid=1, validators=8, miners=64)


def test_the_same_seed_gives_the_same_subnet() -> None:
    """Keys, stakes and truth follow from the seed alone."""
    first, second = subnet(), subnet()

    assert first.registry() == second.registry()
    assert first.truth == second.truth


def test_all_validators_may_report_and_no_miner_may() -> None:
    """The registry is one that `quorate registry import` takes."""
    neurons = registry_file.parse(json.dumps(subnet().registry())).neurons
    registry = Registry(1, NOW, neurons)

    assert {n.uid for n in registry.eligible(Policy()).values()} == set(range(8))
    assert len(neurons) == 72


def test_every_report_is_one_that_is_accepted() -> None:
    """Nothing in it breaks a rule of the edge."""
    simulated = subnet()
    for validator in simulated.validators:
        statuses = validator.report(simulated, random.Random(1), NOW)
        body = json.dumps({"validator_uid": validator.uid, "epoch": 1, "miner_statuses": statuses})

        batch = parse_batch("application/json", body.encode())

        assert len(batch.statuses) == 64


def test_honest_validators_are_close_to_the_truth() -> None:
    """Their mean error is of the size of their noise."""
    simulated = subnet()
    for validator in simulated.validators[:6]:
        statuses = validator.report(simulated, random.Random(1), NOW)
        errors = [
            abs(s["performance_score"] - simulated.truth[s["uid"]].performance) for s in statuses
        ]

        assert fmean(errors) < 2 * (validator.sigma + abs(validator.bias))


def test_one_liar_shifts_everything() -> None:
    """The last validator gives 0.3 too much, up to 1, and calls what serves dead."""
    simulated = subnet()
    liar = simulated.validators[-1]
    statuses = liar.report(simulated, random.Random(1), NOW)
    middling = [s for s in statuses if simulated.truth[s["uid"]].performance < 0.6]
    shifts = [s["performance_score"] - simulated.truth[s["uid"]].performance for s in middling]
    lied = [s["is_serving"] != simulated.truth[s["uid"]].serving for s in statuses]

    assert 0.25 < fmean(shifts) < 0.35
    assert fmean(lied) > 0.8


def test_one_liar_praises_the_worst_and_nobody_else() -> None:
    """The last but one gives the three worst miners 0.97 and is honest about the others."""
    simulated = subnet()
    liar = simulated.validators[-2]
    statuses = liar.report(simulated, random.Random(1), NOW)
    praised = {s["uid"] for s in statuses if s["performance_score"] == 0.97}

    assert praised >= worst(simulated.truth)
    assert not any(simulated.truth[uid].serving for uid in worst(simulated.truth))


def test_the_truth_moves_within_its_bounds() -> None:
    """Performance stays in 0–1, load within the capacity, and the worst never serve."""
    simulated = subnet()
    before = {uid: condition.performance for uid, condition in simulated.truth.items()}
    for _ in range(200):
        simulated.step()

    conditions = simulated.truth.values()
    assert all(0 <= c.performance <= 1 and 0 <= c.load <= 5 for c in conditions)
    assert not any(simulated.truth[uid].serving for uid in worst(simulated.truth))
    assert before != {uid: condition.performance for uid, condition in simulated.truth.items()}
