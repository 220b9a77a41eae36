"""Streams of honest and lying validators whose truth is known.

The rows of the table in docs/consensus.md: noise, flips, shifts, sleepers, promotion, sybils and
stealth; late joiners, copiers, omitted miners, one lying whale, two attackers at once, oscillating
attackers, parrots of the public consensus and uids that are recycled in mid-stream.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MINERS, ROUNDS, TARGETS, WINDOW = 48, 50, 3, 3
PRESENCE, SHIFT, PROMOTED = 0.85, 0.3, 0.97


@dataclass(frozen=True)
class Stream:
    """T rounds of reports of K validators about M miners, with the truth behind them.

    numbers: performance_score [T, K, M], NaN where nothing was reported.
    labels: is_serving [T, K, M] as 0 or 1, -1 where nothing was reported.
    score, serving: the truth [T, M]. stake, sigma, hit_rate, honest: [K].
    scored: rounds [T] that count. recycled: miners [M] and the round of their replacement, or -1.
    parrots: validators [K] whose reports are the last public consensus, filled in while playing.
    """

    numbers: Floats
    labels: Ints
    score: Floats
    serving: Ints
    stake: Floats
    sigma: Floats
    hit_rate: Floats
    honest: Bools
    scored: Bools
    recycled: Ints
    parrots: Bools


@dataclass(frozen=True)
class View:
    """What a method sees at a round: the latest report of the last three rounds, and its age.

    numbers, labels, age: [K, M]; received: [K, M], whether the report came in this round;
    newcomers: [M], miners whose uid was given away in this round.
    """

    round: int
    numbers: Floats
    labels: Ints
    age: Floats
    received: Bools
    newcomers: Bools


def truth(rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Beta(4, 3) per miner plus AR(1) with 0.95 and innovations of 0.02; serving flips at 2 %."""
    level = rng.beta(4, 3, MINERS)
    targets = np.argsort(level)[:TARGETS]
    drift = np.zeros((ROUNDS, MINERS))
    serving = np.zeros((ROUNDS, MINERS), dtype=np.int64)
    serving[0] = rng.random(MINERS) < 0.85
    for t in range(1, ROUNDS):
        drift[t] = 0.95 * drift[t - 1] + rng.normal(0, 0.02, MINERS)
        # Flips keep 85 % serving: 2 % of all miners change state in a round.
        leaves = np.where(serving[t - 1] == 1, 0.01 / 0.85, 0.01 / 0.15)
        serving[t] = serving[t - 1] ^ (rng.random(MINERS) < leaves)
    serving[:, targets] = 0
    return np.clip(level + drift, 0, 1), serving


def targets_of(stream: Stream) -> Ints:
    """The three worst miners at the start."""
    return np.argsort(stream.score[0])[:TARGETS]


def honest_stream(rng: np.random.Generator, validators: int) -> Stream:
    """Everyone honest: sigma 0.03 e^N(0, 0.6), bias N(0, 0.01), hit rate Beta(19.2, 0.8)."""
    score, serving = truth(rng)
    sigma = 0.03 * np.exp(rng.normal(0, 0.6, validators))
    bias = rng.normal(0, 0.01, validators)
    hit_rate = np.clip(rng.beta(19.2, 0.8, validators), 0.6, 0.999)
    shape = (ROUNDS, validators, MINERS)
    numbers = score[:, None] + bias[:, None] + sigma[:, None] * rng.normal(size=shape)
    hits = rng.random(shape) < hit_rate[:, None]
    labels = np.where(hits, serving[:, None], 1 - serving[:, None])
    present = rng.random((ROUNDS, validators)) < PRESENCE
    return Stream(
        np.where(present[..., None], np.clip(numbers, 0, 1), np.nan),
        np.where(present[..., None], labels, -1),
        score,
        serving,
        np.exp(rng.normal(0, 1, validators)),
        sigma,
        hit_rate,
        np.ones(validators, dtype=bool),
        np.arange(ROUNDS) >= 20,
        np.full(MINERS, -1),
        np.zeros(validators, dtype=bool),
    )


def _split(stream: Stream, heads: int, share: float) -> Stream:
    """The first `heads` validators lie and hold `share` of the stake."""
    honest = np.arange(stream.stake.size) >= heads
    stake = stream.stake.copy()
    if heads:
        stake[~honest] *= share / stake[~honest].sum()
        stake[honest] *= (1 - share) / stake[honest].sum()
    return replace(stream, stake=stake, honest=honest)


Attack = Callable[[np.random.Generator, Stream, Bools], tuple[Floats, Ints]]


def noise(rng: np.random.Generator, s: Stream, who: Bools) -> tuple[Floats, Ints]:
    shape = s.numbers[:, who].shape
    return rng.random(shape), rng.integers(0, 2, shape)


def flip(rng: np.random.Generator, s: Stream, who: Bools) -> tuple[Floats, Ints]:
    labels = s.labels[:, who]
    return s.numbers[:, who], np.where(rng.random(labels.shape) < 0.5, 1 - labels, labels)


def promote(rng: np.random.Generator, s: Stream, who: Bools) -> tuple[Floats, Ints]:
    numbers, labels = s.numbers[:, who], s.labels[:, who]
    numbers[..., targets_of(s)] = PROMOTED
    labels[..., targets_of(s)] = 1
    return numbers, labels


def shift(rng: np.random.Generator, s: Stream, who: Bools) -> tuple[Floats, Ints]:
    return np.clip(s.numbers[:, who] + SHIFT, 0, 1), 1 - s.labels[:, who]


def stealth(rng: np.random.Generator, s: Stream, who: Bools) -> tuple[Floats, Ints]:
    push = 2 * float(np.median(s.sigma[s.honest]))
    return np.clip(s.numbers[:, who] + push, 0, 1), s.labels[:, who]


def _perfect_but(lying: Bools, attack: Attack) -> Attack:
    """The truth to the last digit, but in the rounds [T] of lying."""
    lies = lying[:, None, None]

    def lie(rng: np.random.Generator, s: Stream, who: Bools) -> tuple[Floats, Ints]:
        numbers, labels = attack(rng, s, who)
        score, serving = s.score[:, None], s.serving[:, None]
        return np.where(lies, numbers, score), np.where(lies, labels, serving)

    return lie


def copy_one(rng: np.random.Generator, s: Stream, who: Bools) -> tuple[Floats, Ints]:
    """All repeat the first of them, who is as noisy as an honest validator of sigma 0.06."""
    shape = (len(s.score), 1, s.score.shape[1])
    noisy = np.clip(s.score[:, None] + rng.normal(0, 0.06, shape), 0, 1)
    wrong = rng.random(shape) < 0.1
    labels = np.where(wrong, 1 - s.serving[:, None], s.serving[:, None])
    full = s.numbers[:, who].shape
    return np.broadcast_to(noisy, full), np.broadcast_to(labels, full)


def two_at_once(rng: np.random.Generator, s: Stream, who: Bools) -> tuple[Floats, Ints]:
    """Half of the attackers shift, the other half promotes."""
    half = who & (np.cumsum(who) <= who.sum() // 2)
    lied, lied_labels = promote(rng, s, who)
    first = half[who]
    lied[:, first], lied_labels[:, first] = shift(rng, s, half)
    return lied, lied_labels


SECOND_HALF = np.arange(ROUNDS) >= ROUNDS // 2
FIVE_IN_TEN = np.arange(ROUNDS) // 5 % 2 == 1
ATTACKS: dict[str, Attack] = {
    "noise": noise,
    "flip": flip,
    "promote": promote,
    "shift": shift,
    "stealth": stealth,
    "sleeper": _perfect_but(SECOND_HALF, shift),
    "targeted sleeper": _perfect_but(SECOND_HALF, promote),
    "sybil": shift,
    "whale": shift,
    "copiers": copy_one,
    "two at once": two_at_once,
    "oscillating": _perfect_but(FIVE_IN_TEN, shift),
}
SLEEPERS = {"sleeper", "targeted sleeper"}


def _attacked(rng: np.random.Generator, stream: Stream, name: str, alpha: float) -> Stream:
    validators = stream.stake.size
    heads, share = round(alpha * validators), alpha
    if name == "sybil":
        heads, share = round(0.7 * validators), 0.2
    if name == "whale":
        heads, share = 1, 1 / 3
    stream = _split(stream, heads, share)
    who = ~stream.honest
    numbers, labels = ATTACKS[name](rng, stream, who)
    silent = np.isnan(stream.numbers[:, who])
    stream.numbers[:, who] = np.where(silent, np.nan, numbers)
    stream.labels[:, who] = np.where(silent, -1, labels)
    if name in SLEEPERS:
        return replace(stream, scored=SECOND_HALF)
    return stream


def _late_joiners(stream: Stream) -> Stream:
    late = np.arange(stream.stake.size) % 2 == 1
    stream.numbers[:20, late] = np.nan
    stream.labels[:20, late] = -1
    return stream


def _omitted_miners(rng: np.random.Generator, stream: Stream) -> Stream:
    """Every validator knows only four in ten miners, always the same ones."""
    unknown = rng.random(stream.numbers.shape[1:]) > 0.4
    stream.numbers[:, unknown] = np.nan
    stream.labels[:, unknown] = -1
    return stream


def _recycled(rng: np.random.Generator, stream: Stream) -> Stream:
    """A quarter of the uids goes to other miners at round 30."""
    miners = stream.score.shape[1]
    recycled = np.where(rng.random(miners) < 0.25, 30, -1)
    moved = np.where(recycled == 30, rng.choice([-0.4, 0.4], miners), 0.0)
    later = (np.arange(len(stream.score)) >= 30)[:, None]
    score = np.clip(stream.score + later * moved, 0, 1)
    numbers = np.clip(stream.numbers + (score - stream.score)[:, None], 0, 1)
    return replace(stream, score=score, numbers=numbers, recycled=recycled)


def scenario(name: str, validators: int, alpha: float, seed: int) -> Stream:
    """One repetition: `name` is 'honest', a key of ATTACKS or one of our own variations."""
    rng = np.random.default_rng([seed, validators])
    stream = honest_stream(rng, validators)
    if name in ATTACKS:
        return _attacked(rng, stream, name, alpha)
    if name == "late joiners":
        return _late_joiners(stream)
    if name == "omitted miners":
        return _omitted_miners(rng, stream)
    if name == "recycled uids":
        return _recycled(rng, stream)
    if name == "parrots":
        stream = _split(stream, round(alpha * validators), alpha)
        return replace(stream, parrots=~stream.honest)
    if name == "honest":
        return stream
    raise ValueError(f"no scenario {name!r}")


def view(stream: Stream, t: int) -> View:
    """The latest report of the last three rounds of every validator about every miner."""
    numbers = np.full(stream.numbers.shape[1:], np.nan)
    labels = np.full(numbers.shape, -1, dtype=np.int64)
    age = np.zeros(numbers.shape)
    newcomers = stream.recycled == t
    for s in range(max(0, t - WINDOW + 1), t + 1):
        # A vote about the former owner of a uid is no vote about the new one.
        fresh = ~np.isnan(stream.numbers[s]) & ((stream.recycled > t) | (stream.recycled <= s))
        numbers = np.where(fresh, stream.numbers[s], numbers)
        labels = np.where(fresh, stream.labels[s], labels)
        age = np.where(fresh, t - s, age)
    received = ~np.isnan(stream.numbers[t])
    return View(t, numbers, labels, age, received, newcomers)


def oracle(stream: Stream, seen: View) -> tuple[Floats, Ints]:
    """Who knows who is honest: weights 1 / (sigma^2 + 0.01^2), votes by log-odds of hit rates."""
    voted = ~np.isnan(seen.numbers) & stream.honest[:, None]
    weight = voted / (stream.sigma**2 + 0.01**2)[:, None]
    odds = np.log(stream.hit_rate / (1 - stream.hit_rate))
    balance = (voted * odds[:, None] * (2 * seen.labels - 1)).sum(0)
    total = weight.sum(0)
    mean = (weight * np.nan_to_num(seen.numbers)).sum(0) / np.where(total > 0, total, 1)
    return np.where(total > 0, mean, np.nan), (balance > 0).astype(np.int64)
