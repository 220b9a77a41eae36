"""A subnet that exists on paper: miners with a true state, validators that see it, some that lie.

Everything follows from one seed. Truth as in the accuracy scenarios: `performance_score` is
Beta(4, 3) per miner plus an AR(1) walk (0.95, σ 0.02); `is_serving` holds for 85 % and flips with
2 % a step; the three worst miners never serve.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from quorate_client.keys import SeedKeypair

Status = dict[str, Any]

WALK, WALK_SIGMA = 0.95, 0.02
SERVING_SHARE, FLIP_CHANCE = 0.85, 0.02
WORST = 3
CAPACITY = 5


@dataclass(frozen=True, slots=True)
class Miner:
    """One miner by the chain's facts."""

    uid: int
    hotkey: str
    stake: float
    axon: tuple[str, int]


@dataclass(slots=True)
class Condition:
    """How one miner really does."""

    level: float
    """Performance 0–1 that it walks around."""
    drift: float
    """Distance from the level."""
    serving: bool
    load: int
    may_serve: bool

    @property
    def performance(self) -> float:
        """True performance 0–1."""
        return _unit(self.level + self.drift)


Truth = Mapping[int, Condition]
"""uid → how the miner really does."""

Lie = Callable[[Status, Truth], Status]
"""What a validator makes of an honest status."""


@dataclass(frozen=True, slots=True)
class Validator:
    """One validator: who it is, how well it sees, and what it does with what it sees."""

    uid: int
    keypair: SeedKeypair
    stake: float
    sigma: float
    """Standard deviation of its view of a performance."""
    bias: float
    hit_rate: float
    """Chance that it sees `is_serving` as it is."""
    lie: Lie | None = None
    says: str = "reports what it sees"
    """Its behaviour, for people."""

    def report(self, subnet: Subnet, rng: random.Random, now: float) -> list[Status]:
        """Its statuses of all miners at `now` (seconds since 1970)."""
        honest = (self._see(miner, subnet.truth[miner.uid], rng, now) for miner in subnet.miners)
        return [self.lie(status, subnet.truth) if self.lie else status for status in honest]

    def _see(self, miner: Miner, condition: Condition, rng: random.Random, now: float) -> Status:
        hit = rng.random() < self.hit_rate
        seen = condition.performance + self.bias + rng.gauss(0, self.sigma)
        return {
            "uid": miner.uid,
            "hotkey": miner.hotkey,
            "stake": miner.stake,
            "is_serving": condition.serving if hit else not condition.serving,
            "performance_score": round(_unit(seen), 4),
            "current_load": max(0, condition.load + rng.choice((-1, 0, 0, 0, 1))),
            "max_capacity": CAPACITY,
            "ip": miner.axon[0],
            "port": miner.axon[1],
            "last_seen": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


@dataclass(slots=True)
class Subnet:
    """All neurons, and the truth about the miners, which `step` moves on."""

    netuid: int
    validators: Sequence[Validator]
    miners: Sequence[Miner]
    truth: dict[int, Condition]
    rng: random.Random

    def step(self) -> None:
        """Let a round pass."""
        for condition in self.truth.values():
            condition.drift = WALK * condition.drift + self.rng.gauss(0, WALK_SIGMA)
            condition.load = min(CAPACITY, max(0, condition.load + self.rng.choice((-1, 0, 1))))
            if condition.may_serve and self.rng.random() < FLIP_CHANCE:
                condition.serving = not condition.serving

    def registry(self) -> dict[str, Any]:
        """The chain's facts as `quorate registry import` reads them."""
        validators = [
            {
                "uid": validator.uid,
                "hotkey": validator.keypair.ss58_address,
                "stake": validator.stake,
                "validator_permit": True,
            }
            for validator in self.validators
        ]
        miners = [
            {
                "uid": miner.uid,
                "hotkey": miner.hotkey,
                "stake": miner.stake,
                "validator_permit": False,
                "axon": f"{miner.axon[0]}:{miner.axon[1]}",
            }
            for miner in self.miners
        ]
        return {"netuid": self.netuid, "neurons": [*validators, *miners]}


def shift(status: Status, truth: Truth) -> Status:  # noqa: ARG001 - a lie's signature
    """0.3 better than it is, and live miners are dead."""
    better = _unit(status["performance_score"] + 0.3)
    return {**status, "performance_score": better, "is_serving": not status["is_serving"]}


def promote(status: Status, truth: Truth) -> Status:
    """The worst miners are the best."""
    if status["uid"] not in worst(truth):
        return status
    return {**status, "performance_score": 0.97, "is_serving": True}


def worst(truth: Truth) -> set[int]:
    """uids of the miners with the lowest level, which a promoter is paid to praise."""
    return set(sorted(truth, key=lambda uid: (truth[uid].level, uid))[:WORST])


def demo_subnet(netuid: int, validators: int, miners: int, seed: int = 1) -> Subnet:
    """A subnet whose last two validators lie: the last shifts, the one before promotes.

    Validators have the uids 0 … `validators` − 1, the miners the next ones. The liars hold about a
    fifth of the stake.
    """
    rng = random.Random(seed)
    lies: dict[int, tuple[Lie, str]] = {
        validators - 2: (promote, f"lies: praises the {WORST} worst miners as live and excellent"),
        validators - 1: (shift, "lies: every score 0.3 too high, serving miners called dead"),
    }
    return Subnet(
        netuid=netuid,
        validators=[_validator(uid, rng, *lies.get(uid, ())) for uid in range(validators)],
        miners=[_miner(validators + number, rng) for number in range(miners)],
        truth=_truth(range(validators, validators + miners), rng),
        rng=rng,
    )


def _validator(
    uid: int, rng: random.Random, lie: Lie | None = None, says: str = "reports what it sees"
) -> Validator:
    return Validator(
        uid=uid,
        keypair=_keypair("validator", uid),
        stake=round(rng.uniform(4_000, 6_000) * (0.7 if lie else 1.0), 1),
        sigma=0.03 * rng.lognormvariate(0, 0.6),
        bias=rng.gauss(0, 0.01),
        hit_rate=min(0.999, max(0.6, rng.betavariate(19.2, 0.8))),
        lie=lie,
        says=says,
    )


def _miner(uid: int, rng: random.Random) -> Miner:
    address = (f"203.0.113.{uid % 256}", 8091)  # a block reserved for examples
    stake = round(rng.uniform(10, 500), 2)
    return Miner(uid, _keypair("miner", uid).ss58_address, stake, address)


def _truth(uids: Sequence[int], rng: random.Random) -> dict[int, Condition]:
    levels = {uid: rng.betavariate(4, 3) for uid in uids}
    poor = set(sorted(levels, key=lambda uid: (levels[uid], uid))[:WORST])
    return {
        uid: Condition(
            level=level,
            drift=0.0,
            serving=uid not in poor and rng.random() < SERVING_SHARE,
            load=rng.randrange(CAPACITY),
            may_serve=uid not in poor,
        )
        for uid, level in levels.items()
    }


def _keypair(role: str, uid: int) -> SeedKeypair:
    """A real sr25519 key, the same in every run."""
    return SeedKeypair.from_seed(
        hashlib.sha256(f"quorate simulation {role} {uid}".encode()).digest()
    )


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
