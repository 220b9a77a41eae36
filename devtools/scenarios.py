"""Subnets under attack: the scenarios of docs/consensus.md as validators that really report."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devtools import adversaries
from devtools.adversaries import Lie
from devtools.simulation import (
    KEYS_FROM,
    Subnet,
    Validator,
    make_miner,
    make_truth,
    make_validator,
)

LEAST_STAKE = 2_000.0
"""TAO of the poorest validator: above what the policy asks for."""
SYBIL_HEADS, SYBIL_SHARE = 0.7, 0.2
WHALE_SHARE = 1 / 3
LATE_SHARE = 0.4
"""Part of the rounds after which late joiners come."""
KNOWN_SHARE = 0.4
"""Part of the miners that a validator knows where miners are omitted."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Who lies, and how."""

    says: str
    """What they do, for people."""
    lies: tuple[Lie, ...] = ()
    """Of the liars, the first and every n-th one does the first of n, and so on."""
    heads: Callable[[int, float], int] = lambda validators, alpha: round(alpha * validators)
    """(validators, alpha) → how many of them lie."""
    share: Callable[[float], float] = lambda alpha: alpha
    """alpha → the liars' share of the stake."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How large, how long and how bad; `seed` decides everything else."""

    scenario: str
    validators: int
    miners: int
    rounds: int
    alpha: float = 0.3
    """Share of the validators and of their stake that lies, where the scenario does not say."""
    seed: int = 1
    netuid: int = 1
    keys_from: str = KEYS_FROM


def _lying(says: str, *lies: Lie) -> Scenario:
    return Scenario(says, lies)


SCENARIOS: Mapping[str, Scenario] = {
    "honest": Scenario("nobody lies"),
    "noise": _lying("says anything at all", adversaries.noise),
    "flip": _lying("turns every second is_serving around", adversaries.flip),
    "shift": _lying("0.3 too high, serving miners called dead", adversaries.shift),
    "promote": _lying("praises the worst miners", adversaries.promote),
    "stealth": _lying("a little too high, all the time", adversaries.stealth),
    "sleeper": _lying("perfect, then shifts", adversaries.sleeper(adversaries.shift)),
    "targeted-sleeper": _lying("perfect, then praises", adversaries.sleeper(adversaries.promote)),
    "oscillating": _lying("now perfect, now shifting", adversaries.oscillate),
    "copiers": _lying("repeats what one of them sees", adversaries.copy),
    "parrots": _lying("repeats the public consensus", adversaries.parrot),
    "two-at-once": _lying("shifts, or praises", adversaries.shift, adversaries.promote),
    "sybil": Scenario(
        "many heads with little stake, who shift",
        (adversaries.shift,),
        lambda validators, _: round(SYBIL_HEADS * validators),
        lambda _: SYBIL_SHARE,
    ),
    "whale": Scenario(
        "one third of the stake, which shifts",
        (adversaries.shift,),
        lambda *_: 1,
        lambda _: WHALE_SHARE,
    ),
    "late-joiners": Scenario("nobody lies, every second one comes late"),
    "omitted-miners": Scenario("nobody lies, each knows some miners only"),
}


def subnet_of(plan: Plan) -> Subnet:
    """The subnet of a plan: validators have the uids 0 …, the liars first, miners the next ones."""
    rng = random.Random(plan.seed)
    scenario = SCENARIOS[plan.scenario]
    heads = scenario.heads(plan.validators, plan.alpha) if scenario.lies else 0
    stakes = _stakes(plan, heads, scenario.share(plan.alpha), rng)
    uids = range(plan.validators, plan.validators + plan.miners)
    return Subnet(
        netuid=plan.netuid,
        validators=[_validator(uid, heads, stakes, plan, uids, rng) for uid in range(len(stakes))],
        miners=[make_miner(uid, rng, plan.keys_from) for uid in uids],
        truth=make_truth(uids, rng),
        rng=rng,
        planned_steps=plan.rounds,
    )


def _stakes(plan: Plan, heads: int, share: float, rng: random.Random) -> list[float]:
    """Log-normal (σ 1), so that the liars hold their share and nobody is below the least stake."""
    drawn = [rng.lognormvariate(0, 1) for _ in range(plan.validators)]
    if heads:
        lying, honest = sum(drawn[:heads]), sum(drawn[heads:])
        drawn = [
            stake * (share / lying if uid < heads else (1 - share) / honest)
            for uid, stake in enumerate(drawn)
        ]
    return [round(stake * LEAST_STAKE / min(drawn), 2) for stake in drawn]


def _validator(  # noqa: PLR0913, PLR0917 - the draft of one validator
    uid: int,
    heads: int,
    stakes: Sequence[float],
    plan: Plan,
    miners: range,
    rng: random.Random,
) -> Validator:
    scenario = SCENARIOS[plan.scenario]
    habits: dict[str, Any] = {"stake": stakes[uid], "secret": plan.keys_from}
    if plan.scenario == "late-joiners" and uid % 2:
        habits |= {"joins_at": round(LATE_SHARE * plan.rounds), "says": "comes late"}
    if plan.scenario == "omitted-miners":
        known = rng.sample(miners, max(1, round(KNOWN_SHARE * len(miners))))
        habits |= {"knows": frozenset(known), "says": "knows some of the miners"}
    if uid < heads:
        habits |= {"lie": scenario.lies[uid % len(scenario.lies)], "says": scenario.says}
    return make_validator(uid, rng, **habits)
