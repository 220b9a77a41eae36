"""What a closed round teaches about its validators and miners: once per round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shared.domain.robust.attendance import learn_attendance
from shared.domain.robust.ballot import Ballot, Bools, Floats
from shared.domain.robust.copiers import blended, learn_copies
from shared.domain.robust.labels import learn_label
from shared.domain.robust.memory import Memory, fade_of, forgive
from shared.domain.robust.numbers import Number
from shared.domain.robust.pushing import learn_bias
from shared.domain.robust.quarantine import causes, quarantine
from shared.domain.robust.resolve import resolve
from shared.domain.robust.spread import Spread, learn_spread, read_spread
from shared.domain.robust.stake import VoteStanding
from shared.domain.robustness import Robustness


@np.errstate(over="ignore")  # as in `resolve`
def learn(
    memory: Memory, ballot: Ballot, observed: Bools, policy: Robustness, lifted: Bools | None = None
) -> Memory:
    """The memory after a round.

    ballot: the votes as of the round's end. observed: [K, M], the votes received in this round;
    only these are learnt from. lifted: [K], whose quarantine the operator lifted: their record
    starts anew, and no new quarantine befalls them while they are listed.
    """
    lifted = np.zeros(ballot.shape[0], dtype=bool) if lifted is None else lifted
    memory = forgive(memory, lifted & (memory.of_validators("quarantine/rounds") > 0))
    seen = resolve(ballot, memory, policy)
    common = seen.standing
    validators, miners = dict(memory.validators), dict(memory.miners)
    pairs, peers, fields = dict(memory.pairs), dict(memory.peers), dict(memory.fields)
    for name, number in seen.numbers.items():
        votes = ballot.numbers[name]
        residual, noise, evidence = judge(name, votes, observed, number, common, memory, policy)
        usable = evidence > 0
        validators |= learn_spread(memory, name, residual, noise, evidence, policy)
        validators[f"{name}/signal/record"] = _signal(name, votes, observed, number, memory, policy)
        pairs[f"{name}/bias"] = learn_bias(memory, name, residual, usable, policy)
        fields[f"{name}/drift/record"] = _drift(name, number, memory, policy)
        miners |= _consensus(name, votes, number)
        miners |= learn_attendance(memory, name, number.present)
    for name, label in seen.labels.items():
        validators |= learn_label(name, label, observed, memory, policy)
        miners |= learn_attendance(memory, name, label.present)
    units = {name: number.unit for name, number in seen.numbers.items()}
    for name, array in learn_copies(ballot, units, observed, common.share, memory, policy).items():
        (peers if array.ndim == 2 else validators)[name] = array
    learnt = replace(
        memory, validators=validators, miners=miners, pairs=pairs, peers=peers, fields=fields
    )
    reason = np.where(lifted, 0, causes(ballot, learnt, common.share, policy))
    validators |= quarantine(reason, memory, common.share, policy)
    return replace(learnt, validators=validators)


def leave_one_out(votes: Floats, number: Number) -> tuple[Floats, Floats]:
    """The consensus without each vote [K, M], NaN where nothing remains, and the rest's weight.

    A fact remains itself whoever is left out.
    """
    weights, value = number.weights, number.value
    total = weights.sum(0)
    rest = total - weights
    alone = rest <= 1e-9 * total
    moved = weights * np.where(np.isnan(votes), 0.0, votes - value)
    others = np.where(alone, np.nan, value - moved / np.where(alone, 1.0, rest))
    return np.where(number.fact, value, others), np.where(alone, 0.0, rest)


def judge(
    name: str,
    votes: Floats,
    observed: Bools,
    number: Number,
    common: VoteStanding,
    memory: Memory,
    policy: Robustness,
) -> tuple[Floats, Floats, Floats]:
    """Residuals, the variance of what they are measured by, and their weight as evidence [K, M].

    In units of the scale. Who carries the consensus is judged less by it, and so is whoever is
    judged by few or by unreliable others.
    """
    spread = read_spread(memory, name, common.share, policy)
    others, rest = leave_one_out(votes, number)
    clip = policy.residual_clip * np.sqrt(spread.reference)
    residual = np.clip((votes - others) / number.unit, -clip, clip)
    usable = observed & ~np.isnan(residual) & number.settled
    noise = np.where(number.fact, 0.0, _noise(number.weights, rest, spread, common.age_rounds))
    total = number.weights.sum(0)
    carried = np.where(number.fact, 1.0, rest / np.where(total > 0, total, 1.0))
    evidence = np.where(usable, carried * spread.reference / (spread.reference + noise), 0.0)
    return np.where(usable, residual, 0.0), noise, evidence


def _noise(weights: Floats, rest: Floats, spread: Spread, age: Floats) -> Floats:
    """Variance of each leave-one-out consensus [K, M], in squared units."""
    part = weights**2 * spread.variance[:, None]
    lag = weights * np.sqrt(age)
    rest = np.where(rest > 0, rest, np.inf)
    moved = (lag.sum(0) - lag) ** 2 * spread.drift
    return np.asarray((part.sum(0) - part + moved) / rest**2)


def _drift(name: str, number: Number, memory: Memory, policy: Robustness) -> Floats:
    """(observations, sum of squares) of how the truth moved since the last round."""
    old = memory.of_drift(name) * fade_of(policy)
    known = (memory.of_miners(f"{name}/certainty") > 0.2) & ~np.isnan(number.error)
    if not known.any():
        return old
    moved = (number.value - memory.of_miners(f"{name}/value"))[known] / number.unit[known]
    noise = memory.of_miners(f"{name}/error") ** 2 + (number.error / number.unit) ** 2
    squares = np.minimum(moved**2, policy.residual_clip**2) - noise[known]
    return np.asarray(old + np.array([moved.size, squares.sum()]))


def _signal(
    name: str, votes: Floats, observed: Bools, number: Number, memory: Memory, policy: Robustness
) -> Floats:
    """[K, 3]: sums of squares around the mean over miners of own votes and of the consensus on
    the same miners, both in units, and observations.
    """
    voted = observed & ~np.isnan(votes) & number.settled
    own, common = (
        _squares(votes / number.unit, voted),
        _squares(np.broadcast_to(number.value / number.unit, votes.shape), voted),
    )
    new = np.stack([own, common, voted.sum(1)], axis=1)
    return np.asarray(memory.of_validators(f"{name}/signal/record", 3) * fade_of(policy) + new)


def _squares(values: Floats, chosen: Bools) -> Floats:
    """Sum of squared deviations from each row's own mean over the chosen [K]."""
    count = np.maximum(chosen.sum(1, keepdims=True), 1)
    values = np.where(chosen, values, 0.0)
    deviation = np.where(chosen, values - values.sum(1, keepdims=True) / count, 0.0)
    return np.asarray((deviation**2).sum(1))


def _consensus(name: str, votes: Floats, number: Number) -> dict[str, Floats]:
    """What the next round remembers of this one's consensus, each [M]."""
    none = np.isnan(number.error)  # nobody voted, or only who is in quarantine
    return {
        f"{name}/value": np.nan_to_num(number.value),
        f"{name}/certainty": np.where(none, 0.0, np.maximum(0, 1 - 2 * number.outside)),
        f"{name}/error": np.nan_to_num(number.error / number.unit),
        f"{name}/blended": blended(votes, number.value, number.unit),
    }
