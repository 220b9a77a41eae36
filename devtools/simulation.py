"""A subnet that exists on paper: miners with a true state, validators that see it, some that lie.

Everything follows from one seed. Truth as in the accuracy scenarios: `performance_score` is
Beta(4, 3) per miner plus an AR(1) walk (0.95, σ 0.02); `is_serving` holds for 85 % and flips with
2 % a step; the three worst miners never serve.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from quorate_client.keys import SeedKeypair

from devtools.adversaries import WORST, Lie, Status, promote, shift, unit

WALK, WALK_SIGMA = 0.95, 0.02
SERVING_SHARE, FLIP_CHANCE = 0.85, 0.02
CAPACITY = 5
KEYS_FROM = "quorate simulation"
"""What keys are made from, if nothing else is given: they guard nothing, anyone can make them."""


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
        return unit(self.level + self.drift)


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
    joins_at: int = 0
    """Step from which it reports."""
    knows: frozenset[int] | None = None
    """uids of the miners that it reports; None: all."""

    def report(self, subnet: Subnet, rng: random.Random, now: float) -> list[Status]:
        """Its statuses of the miners that it knows at `now` (seconds since 1970)."""
        known = (it for it in subnet.miners if self.knows is None or it.uid in self.knows)
        honest = (self._see(miner, subnet.truth[miner.uid], rng, now) for miner in known)
        return [self.lie(status, subnet, rng) if self.lie else status for status in honest]

    def _see(self, miner: Miner, condition: Condition, rng: random.Random, now: float) -> Status:
        hit = rng.random() < self.hit_rate
        seen = condition.performance + self.bias + rng.gauss(0, self.sigma)
        return {
            "uid": miner.uid,
            "hotkey": miner.hotkey,
            "stake": miner.stake,
            "is_serving": condition.serving if hit else not condition.serving,
            "performance_score": round(unit(seen), 4),
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
    planned_steps: int = 0
    """Rounds that it will run for; sleepers wake after half of them."""
    steps: int = 0
    """Rounds that have passed."""
    published: dict[int, Status] = field(default_factory=dict)
    """What the last public consensus says of each miner, for those who repeat it."""

    def step(self) -> None:
        """Let a round pass."""
        self.steps += 1
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


def demo_subnet(netuid: int, validators: int, miners: int) -> Subnet:
    """A subnet whose last two validators lie: the last shifts, the one before promotes.

    Validators have the uids 0 … `validators` − 1, the miners the next ones. The liars hold about a
    fifth of the stake.
    """
    rng = random.Random(1)
    lies: dict[int, tuple[Lie, str]] = {
        validators - 2: (promote, f"lies: praises the {WORST} worst miners as live and excellent"),
        validators - 1: (shift, "lies: every score 0.3 too high, serving miners called dead"),
    }
    return Subnet(
        netuid=netuid,
        validators=[make_validator(uid, rng, *lies.get(uid, ())) for uid in range(validators)],
        miners=[make_miner(validators + number, rng) for number in range(miners)],
        truth=make_truth(range(validators, validators + miners), rng),
        rng=rng,
    )


def make_validator(  # noqa: PLR0913 - who it is, given by name
    uid: int,
    rng: random.Random,
    lie: Lie | None = None,
    says: str = "reports what it sees",
    *,
    stake: float | None = None,
    secret: str = KEYS_FROM,
    **habits: Any,
) -> Validator:
    """A validator that sees as well as most; without a stake it gets 4,000 to 6,000 TAO."""
    usual = round(rng.uniform(4_000, 6_000) * (0.7 if lie else 1.0), 1)
    return Validator(
        uid=uid,
        keypair=_keypair("validator", uid, secret),
        stake=usual if stake is None else stake,
        sigma=0.03 * rng.lognormvariate(0, 0.6),
        bias=rng.gauss(0, 0.01),
        hit_rate=min(0.999, max(0.6, rng.betavariate(19.2, 0.8))),
        lie=lie,
        says=says,
        **habits,
    )


def make_miner(uid: int, rng: random.Random, secret: str = KEYS_FROM) -> Miner:
    """A miner by the chain's facts, at an address reserved for examples."""
    address = (f"203.0.113.{uid % 256}", 8091)
    stake = round(rng.uniform(10, 500), 2)
    return Miner(uid, _keypair("miner", uid, secret).ss58_address, stake, address)


def make_truth(uids: Iterable[int], rng: random.Random) -> dict[int, Condition]:
    """How the miners at these uids really do, at the beginning."""
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


def _keypair(role: str, uid: int, secret: str) -> SeedKeypair:
    """A real sr25519 key, the same in every run with this secret."""
    return SeedKeypair.from_seed(hashlib.sha256(f"{secret} {role} {uid}".encode()).digest())
