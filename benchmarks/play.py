"""Plays a stream round by round through ours, the baselines and the oracle."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.baselines import Method, baselines, mean
from benchmarks.scenarios import Floats, Stream, View, oracle, view
from shared.domain import robust

SCORE, SERVING = "performance_score", "is_serving"
TOLERANCE = 0.05


@dataclass(frozen=True)
class Played:
    """One repetition. ratio: RMSE over the oracle's, by method. label_error: of is_serving, by
    method. covered: share of 90 % intervals that hold the truth. flagged: share of miners marked
    contested or in conflict; silent: share that is wrong and not marked. confidence, right,
    label_probability, label_right: per scored miner and round.
    """

    ratio: dict[str, float]
    label_error: dict[str, float]
    covered: float
    flagged: float
    silent: float
    confidence: Floats
    right: Floats
    label_probability: Floats
    label_right: Floats


def ballot_of(stream: Stream, seen: View) -> robust.Ballot:
    """The engine's view of a round."""
    return robust.Ballot(
        stake=stream.stake,
        confidence=np.ones(seen.numbers.shape),
        age_rounds=seen.age,
        numbers={SCORE: seen.numbers},
        labels={SERVING: robust.Labels(seen.labels, 2)},
    )


def _with_parrots(stream: Stream, seen: View, memory: robust.Memory) -> View:
    if not stream.parrots.any() or seen.round == 0:
        return seen
    public = np.broadcast_to(memory.of_miners(f"{SCORE}/value"), seen.numbers.shape)
    repeats = stream.parrots[:, None] & ~np.isnan(seen.numbers)
    return replace(seen, numbers=np.where(repeats, public, seen.numbers))


def play(
    stream: Stream, policy: robust.Robustness, others: dict[str, Method] | None = None
) -> Played:
    """Run one repetition; `others` defaults to all baselines."""
    others = baselines() if others is None else others
    validators, miners = stream.numbers.shape[1:]
    memory = robust.fresh(validators, miners)
    squares: dict[str, list[float]] = {}
    wrong: dict[str, list[float]] = {}
    rows: list[Floats] = []
    for t in range(len(stream.score)):
        seen = _with_parrots(stream, view(stream, t), memory)
        if seen.newcomers.any():
            index = np.where(seen.newcomers, -1, np.arange(miners))
            memory = robust.select(memory, np.arange(validators), index)
        ballot = ballot_of(stream, seen)
        resolution = robust.resolve(ballot, memory, policy)
        number, label = resolution.numbers[SCORE], resolution.labels[SERVING]
        estimates = {"oracle": oracle(stream, seen), "ours": (number.value, label.code)}
        estimates |= {name: method(seen, stream.stake) for name, method in others.items()}
        known = ~np.isnan(estimates["oracle"][0])
        if stream.scored[t]:
            for name, (numbers, labels) in estimates.items():
                error = (
                    np.where(
                        np.isnan(numbers), mean(seen.numbers, np.ones(seen.age.shape)), numbers
                    )
                    - stream.score[t]
                )
                squares.setdefault(name, []).append(float((error[known] ** 2).mean()))
                miss = (labels != stream.serving[t])[known]
                wrong.setdefault(name, []).append(float(miss.mean()))
            rows.append(_row(stream, t, number, label, resolution.confidence)[:, known])
        memory = robust.learn(memory, ballot, seen.received, policy)
    return _summary(squares, wrong, np.concatenate(rows, axis=1))


def _row(
    stream: Stream, t: int, number: robust.Number, label: robust.Label, confidence: Floats
) -> Floats:
    """[7, M]: covered, flagged, right, confidence, label probability, label right."""
    truth = stream.score[t]
    covered = (number.interval[:, 0] <= truth) & (truth <= number.interval[:, 1])
    flagged = number.dispersed | number.contested | label.contested | ~label.majority
    label_right = label.code == stream.serving[t]
    right = (np.abs(number.value - truth) <= TOLERANCE) & label_right
    columns = (covered, flagged, right, confidence, label.probability, label_right)
    return np.array(columns, dtype=float)


def _summary(
    squares: dict[str, list[float]], wrong: dict[str, list[float]], rows: Floats
) -> Played:
    root = {name: float(np.sqrt(np.mean(values))) for name, values in squares.items()}
    covered, flagged, right, confidence, probability, label_right = rows
    return Played(
        ratio={name: value / root["oracle"] for name, value in root.items()},
        label_error={name: float(np.mean(values)) for name, values in wrong.items()},
        covered=float(covered.mean()),
        flagged=float(flagged.mean()),
        silent=float(((right == 0) & (flagged == 0)).mean()),
        confidence=confidence,
        right=right,
        label_probability=probability,
        label_right=label_right,
    )
