"""What a lying validator makes of an honest status: the adversaries of docs/consensus.md, live."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from devtools.simulation import Condition, Subnet

Status = dict[str, Any]
Lie = Callable[[Status, "Subnet", random.Random], Status]
"""An honest status of a subnet's miner → what is reported instead."""

WORST = 3
"""Miners that a promoter is paid to praise."""
SHIFT, PROMOTED = 0.3, 0.97
STEALTH_SIGMAS = 2
SWING_STEPS = 5
COPIED_SIGMA, COPIED_ERRORS = 0.06, 0.1


def noise(status: Status, subnet: Subnet, rng: random.Random) -> Status:  # noqa: ARG001 - a lie's signature
    """Anything at all."""
    return _said(status, rng.random(), rng.random() < 0.5)


def flip(status: Status, subnet: Subnet, rng: random.Random) -> Status:  # noqa: ARG001 - the same
    """Every second miner is called dead when it serves, and live when it does not."""
    turned = rng.random() < 0.5
    return {**status, "is_serving": status["is_serving"] is not turned}


def shift(status: Status, subnet: Subnet, rng: random.Random) -> Status:  # noqa: ARG001 - the same
    """0.3 better than it is, and live miners are dead."""
    return _said(status, status["performance_score"] + SHIFT, not status["is_serving"])


def promote(status: Status, subnet: Subnet, rng: random.Random) -> Status:  # noqa: ARG001 - the same
    """The worst miners are the best."""
    return _said(status, PROMOTED, True) if status["uid"] in worst(subnet.truth) else status


def stealth(status: Status, subnet: Subnet, rng: random.Random) -> Status:  # noqa: ARG001 - the same
    """Better by twice what honest validators scatter: too little to stand out."""
    sigma = median(v.sigma for v in subnet.validators if v.lie is None)
    return _said(status, status["performance_score"] + STEALTH_SIGMAS * sigma, status["is_serving"])


def oscillate(status: Status, subnet: Subnet, rng: random.Random) -> Status:
    """Perfect for five rounds, shifted for five, and so on."""
    lying = subnet.steps // SWING_STEPS % 2 == 1
    return (shift if lying else perfect)(status, subnet, rng)


def copy(status: Status, subnet: Subnet, rng: random.Random) -> Status:  # noqa: ARG001 - the same
    """What all copiers say: one view, as noisy as that of a mediocre validator."""
    shared = random.Random(f"{subnet.steps} {status['uid']}")
    true = subnet.truth[status["uid"]]
    wrong = shared.random() < COPIED_ERRORS
    seen = true.performance + shared.gauss(0, COPIED_SIGMA)
    return _said(status, seen, true.serving is not wrong)


def parrot(status: Status, subnet: Subnet, rng: random.Random) -> Status:  # noqa: ARG001 - the same
    """The last public consensus, once there is one."""
    return {**status, **subnet.published.get(status["uid"], {})}


def perfect(status: Status, subnet: Subnet, rng: random.Random) -> Status:  # noqa: ARG001 - the same
    """The truth to the last digit."""
    true = subnet.truth[status["uid"]]
    return _said(status, true.performance, true.serving)


def sleeper(lie: Lie) -> Lie:
    """Perfect for the first half of the rounds, then lying."""

    def asleep_then_lying(status: Status, subnet: Subnet, rng: random.Random) -> Status:
        awake = 2 * subnet.steps > subnet.planned_steps
        return (lie if awake else perfect)(status, subnet, rng)

    return asleep_then_lying


def worst(truth: Mapping[int, Condition]) -> set[int]:
    """uids of the miners with the lowest level, which a promoter is paid to praise."""
    return set(sorted(truth, key=lambda uid: (truth[uid].level, uid))[:WORST])


def unit(value: float) -> float:
    """The nearest number from 0 to 1."""
    return min(1.0, max(0.0, value))


def _said(status: Status, performance: float, serving: bool) -> Status:
    score = round(unit(performance), 4)
    return {**status, "performance_score": score, "is_serving": serving}
