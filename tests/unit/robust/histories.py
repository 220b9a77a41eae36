"""Generated histories: a cast of validators with characters, round after round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from hypothesis import strategies as st

from shared.domain.robust import Ballot, Bools, Floats, Ints, Labels, Memory, Robustness
from tests.unit.robust.ballots import SCORE, SERVING

STAKE, HOTKEY = "stake", "hotkey"
HASTY = replace(
    Robustness(),
    quarantine_observations=1.7,  # uneven numbers, so that rounding decides no tie
    quarantine_spread=2.0,
    quarantine_rounds=2.0,
    copy_observations=1.3,
    copy_agreement=0.77,
    pushing_rate=0.7,
    pushing_miners=2,
    recent_miners=1.5,
)
"""Judges after a round what the default judges after many."""
POLICIES = (
    Robustness(),
    HASTY,
    replace(HASTY, stake_weighting=False, min_stake_share=0.6),
    replace(HASTY, quarantine_stake=0.7, stake_cap_heads=1.0),
)
CLASSES = 3


@dataclass(frozen=True)
class Truth:
    """score, stake, serving, hotkey: [M]. previous: [M], the last consensus on the score, NaN
    where there is none.
    """

    score: Floats
    stake: Floats
    serving: Ints
    hotkey: Ints
    previous: Floats


Words = tuple[Floats, Floats, Ints, Ints]  # score, stake, serving, hotkey: [M] each
Character = Callable[[Truth, np.random.Generator], Words]


def honest(truth: Truth, rng: np.random.Generator) -> Words:
    score = truth.score + rng.normal(0, 0.02, truth.score.size)
    return score, truth.stake, truth.serving, truth.hotkey


def noisy(truth: Truth, rng: np.random.Generator) -> Words:
    """Of everything a little wrong."""
    size = truth.score.size
    wrong = rng.random(size) < 0.3
    return (
        truth.score + rng.normal(0, 0.15, size),
        truth.stake * rng.choice([1.0, 1.0, 1.2], size),
        np.where(wrong, rng.integers(0, CLASSES, size), truth.serving),
        np.where(wrong, rng.integers(0, CLASSES, size), truth.hotkey),
    )


def liar(truth: Truth, rng: np.random.Generator) -> Words:
    """Shifts every score and inverts every label."""
    score, stake, _, hotkey = honest(truth, rng)
    return score + 0.3, stake, (truth.serving + 1) % CLASSES, hotkey


def mislabeller(truth: Truth, rng: np.random.Generator) -> Words:
    """Inverts the labels only."""
    score, stake, _, hotkey = honest(truth, rng)
    return score, stake, (truth.serving + 1) % CLASSES, hotkey


def contradictor(truth: Truth, rng: np.random.Generator) -> Words:
    """Contradicts the chain."""
    score, stake, serving, _ = honest(truth, rng)
    return score, 1.5 * stake, serving, (truth.hotkey + 1) % CLASSES


def pusher(truth: Truth, rng: np.random.Generator) -> Words:
    """Honest about all but the first two miners."""
    score, *rest = honest(truth, rng)
    score[:2] += 0.1
    return score, *rest  # type: ignore[return-value]  # three remain


def constant(truth: Truth, rng: np.random.Generator) -> Words:
    """Says the same of every miner."""
    _, stake, serving, hotkey = honest(truth, rng)
    return np.full(truth.score.size, float(np.median(truth.score))), stake, serving, hotkey


def parrot(truth: Truth, rng: np.random.Generator) -> Words:
    """Repeats the last consensus where there is one."""
    score, *rest = honest(truth, rng)
    score = np.where(np.isnan(truth.previous), score, truth.previous)
    return score, *rest  # type: ignore[return-value]  # three remain


def penitent(truth: Truth, rng: np.random.Generator) -> Words:
    """Pushes the first two miners until there is a consensus to see."""
    return pusher(truth, rng) if np.isnan(truth.previous).all() else honest(truth, rng)


CHARACTERS: tuple[Character, ...] = (
    honest,
    honest,
    noisy,
    liar,
    mislabeller,
    contradictor,
    pusher,
    constant,
    parrot,
    penitent,
)


@dataclass(frozen=True)
class Play:
    """Who they are, what they hold, how many miners and rounds there are.

    copiers: repeat the first one's words. lifted: by round, whom the operator lets out. alone: by
    round, who alone speaks. pauses: empty rounds before a round. silence, stale, facts:
    probabilities that a vote is missing, is of an earlier round, and that the chain knows a miner.
    """

    cast: tuple[Character, ...]
    stakes: tuple[float, ...]
    miners: int = 4
    rounds: int = 4
    seed: int = 0
    policy: Robustness = HASTY
    copiers: frozenset[int] = frozenset()
    lifted: Mapping[int, frozenset[int]] = field(default_factory=dict)
    alone: Mapping[int, frozenset[int]] = field(default_factory=dict)
    pauses: Mapping[int, float] = field(default_factory=dict)
    silence: float = 0.0
    stale: float = 0.0
    facts: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.cast), self.miners

    def mute(self, t: int) -> Bools:
        """[K]: who says nothing in round t."""
        speakers = self.alone.get(t, range(len(self.cast)))
        return ~np.isin(np.arange(len(self.cast)), list(speakers))

    def lifts(self, t: int) -> Bools:
        """[K]: whom the operator lets out in round t."""
        return np.isin(np.arange(len(self.cast)), list(self.lifted.get(t, ())))


@dataclass(frozen=True)
class Scene:
    """One round: the votes at its end, and which of them came in it, [K, M]."""

    ballot: Ballot
    observed: Bools


def truth_of(play: Play, rng: np.random.Generator, memory: Memory) -> Truth:
    """This round's: scores wander, most labels stay."""
    miners = play.miners
    certain = memory.of_miners(f"{SCORE}/certainty") > 0
    return Truth(
        score=np.linspace(0.2, 0.7, miners) + rng.normal(0, 0.02, miners),
        stake=np.linspace(100.0, 200.0, miners),
        serving=np.where(rng.random(miners) < 0.1, 1, np.arange(miners) % 2),
        hotkey=np.zeros(miners, dtype=np.int64),
        previous=np.where(certain, memory.of_miners(f"{SCORE}/value"), np.nan),
    )


def spoken(play: Play, truth: Truth, rng: np.random.Generator) -> list[Words]:
    words = [character(truth, rng) for character in play.cast]
    return [words[0] if k in play.copiers else own for k, own in enumerate(words)]


def scene(play: Play, t: int, memory: Memory) -> Scene:
    """Round t of the play, after what is remembered."""
    rng = np.random.default_rng([play.seed, t])
    truth = truth_of(play, rng, memory)
    scores, stakes, serving, hotkeys = map(np.array, zip(*spoken(play, truth, rng), strict=True))
    silent, old = rng.random(play.shape) < play.silence, rng.random(play.shape) < play.stale
    silent |= play.mute(t)[:, None]
    shy, coy = (silent | (rng.random(play.shape) < play.silence / 2) for _ in range(2))
    proven = rng.random(play.miners) < play.facts
    age = np.where(old, rng.integers(1, 4, play.shape), rng.choice([0.0, 0.0, -0.5], play.shape))
    ballot = Ballot(
        np.array(play.stakes),
        rng.choice([0.4, 0.92], play.shape) + rng.uniform(0, 0.08, play.shape),
        np.where(silent, np.nan, age),
        {SCORE: np.where(coy, np.nan, scores), STAKE: np.where(shy, np.nan, stakes)},
        {
            SERVING: Labels(np.where(shy, -1, serving), CLASSES),
            HOTKEY: Labels(np.where(silent, -1, hotkeys), CLASSES, np.where(proven, 0, -1)),
        },
        {STAKE: np.where(proven, truth.stake, np.nan)},
    )
    return Scene(ballot, ~silent & ~old)


@st.composite
def plays(draw: st.DrawFn) -> Play:
    """1 to 5 validators of any character, 1 to 4 miners, 1 to 4 rounds."""
    cast = tuple(draw(st.lists(st.sampled_from(CHARACTERS), min_size=1, max_size=5)))
    rng = np.random.default_rng(seed := draw(st.integers(0, 2**32 - 1)))
    who = st.frozensets(st.integers(0, len(cast) - 1), max_size=2)
    rounds = draw(st.integers(1, 4))
    return Play(
        cast,
        tuple(np.exp(rng.normal(0, draw(st.sampled_from([0.1, 1.0])), len(cast))).tolist()),
        miners=draw(st.integers(1, 4)),
        rounds=rounds,
        seed=seed,
        policy=draw(st.sampled_from(POLICIES)),
        copiers=draw(who),
        lifted=draw(st.dictionaries(st.integers(1, 3), who, max_size=1)),
        pauses=draw(st.dictionaries(st.integers(1, 3), st.sampled_from([1.0, 3.0]), max_size=1)),
        silence=draw(st.sampled_from([0.0, 0.0, 0.3])),
        stale=draw(st.sampled_from([0.0, 0.3])),
        facts=draw(st.sampled_from([0.0, 0.5])),
    )
