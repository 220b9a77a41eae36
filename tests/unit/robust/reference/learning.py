"""What a closed round teaches: the whole memory after it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from shared.domain.robust import Robustness
from tests.unit.robust.reference import spread as spreads
from tests.unit.robust.reference.ballot import Ballot, Grid, LabelVotes
from tests.unit.robust.reference.certainty import attended
from tests.unit.robust.reference.confusion import whole
from tests.unit.robust.reference.copies import Seen, blended, half_precision, learn_copies
from tests.unit.robust.reference.labels import Labelled
from tests.unit.robust.reference.numbers import By, Number
from tests.unit.robust.reference.past import (
    LabelPast,
    NumberPast,
    Past,
    Table,
    fade,
    faded,
    forgive,
)
from tests.unit.robust.reference.quarantine import causes, quarantine
from tests.unit.robust.reference.resolution import resolve
from tests.unit.robust.reference.spread import Spread


@dataclass(frozen=True)
class Lesson:
    """What one vote teaches: its residual in units, how far that is the others' error, and what
    it counts as evidence.
    """

    residual: float
    noise: float
    weight: float


@dataclass(frozen=True)
class Round:
    """One field of a round: votes by miner, what was found about each, what was known before."""

    votes: list[By]
    found: list[Number]
    observed: Seen
    age: Grid
    spread: Spread
    past: NumberPast
    policy: Robustness

    def teaches(self, k: int, m: int) -> bool:
        """A vote of this round on a settled row."""
        return k in self.votes[m] and self.observed[k][m] and self.found[m].settled


def learn(
    past: Past,
    ballot: Ballot,
    observed: Seen,
    policy: Robustness,
    lifted: frozenset[int] = frozenset(),
) -> Past:
    """The memory after the round; who was lifted out of quarantine starts anew."""
    past = forgive(past, {k for k in lifted if past.term[k] > 0})
    seen, miners = resolve(ballot, past, policy), len(ballot.miners)
    share = seen.standing.share
    numbers, labels = dict(past.numbers), dict(past.labels)
    for name, found in seen.numbers.items():
        before = past.number(name, miners)
        spread = spreads.read(before, share, policy)
        age = seen.standing.age
        numbers[name] = learn_number(
            Round(ballot.numbers[name], found, observed, age, spread, before, policy)
        )
    for name, votes in ballot.labels.items():
        known = past.label(name, miners, votes.classes)
        labels[name] = learn_label(votes, seen.labels[name], observed, known, policy)
    copying = learn_copies(ballot, seen, observed, past, policy)
    after = Past(copying, past.term, past.reason, numbers, labels)
    why = [0 if k in lifted else causes(k, ballot, after, share, policy) for k in ballot.validators]
    term, reason = quarantine(why, past, share, policy)
    return Past(copying, term, reason, numbers, labels)


def learn_number(seen: Round) -> NumberPast:
    """Everything that is remembered of a number."""
    validators, left = range(len(seen.past.long)), fade(seen.policy)
    lessons = [[lesson(seen, k, m) for m in range(len(seen.votes))] for k in validators]
    new = [evidence(row) for row in lessons]
    signal = [signal_of(seen, k) for k in validators]
    return NumberPast(
        long=added(faded(seen.past.long, left), new),
        recent=[kept(row, seen) for row in added(seen.past.recent, new)],
        signal=added(faded(seen.past.signal, left), signal),
        bias=[
            [bias(seen, old, one) for old, one in zip(seen.past.bias[k], lessons[k], strict=True)]
            for k in validators
        ],
        drift=added(faded([seen.past.drift], left), [drift(seen)])[0],
        value=[0.0 if math.isnan(one.value) else one.value for one in seen.found],
        certainty=[certainty(one) for one in seen.found],
        error=[0.0 if math.isnan(one.error) else one.error / one.unit for one in seen.found],
        blended=[float(blended(*each)) for each in zip(seen.votes, seen.found, strict=True)],
        attendance=attended(seen.past.attendance, [one.present for one in seen.found]),
    )


def added(one: Grid, other: Grid) -> Grid:
    return [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(one, other, strict=True)]


def lesson(seen: Round, k: int, m: int) -> Lesson | None:
    """None where there is nothing to be judged by."""
    number, reference = seen.found[m], seen.spread.reference
    if not seen.teaches(k, m):
        return None
    if number.fact:
        return Lesson(residual(seen, k, m, number.value), 0.0, 1.0)
    total, others = sum(number.weights.values()), dict(number.weights)
    held = total - others.pop(k)
    if held <= 1e-9 * total:
        return None
    parts = {j: weight / held for j, weight in others.items()}
    consensus = sum(part * seen.votes[m][j] for j, part in parts.items())
    noise = sum(part**2 * seen.spread.variance(j) for j, part in parts.items())
    lag = sum(part * math.sqrt(seen.age[j][m]) for j, part in parts.items())
    noise += lag**2 * seen.spread.drift
    weight = held / total * reference / (reference + noise)
    return Lesson(residual(seen, k, m, consensus), noise, weight)


def residual(seen: Round, k: int, m: int, truth: float) -> float:
    """In units, clipped."""
    clip = seen.policy.residual_clip * math.sqrt(seen.spread.reference)
    return max(-clip, min(clip, (seen.votes[m][k] - truth) / seen.found[m].unit))


def evidence(lessons: list[Lesson | None]) -> list[float]:
    """[observations, sum of squares less what is the others' error]."""
    found = [one for one in lessons if one]
    squares = sum(one.weight * (one.residual**2 - one.noise) for one in found)
    return [sum(one.weight for one in found), squares]


def kept(record: list[float], seen: Round) -> list[float]:
    """The recent record holds so many observations per miner."""
    full = seen.policy.recent_miners * len(seen.votes)
    return [each * min(1.0, full / max(record[0], 1e-12)) for each in record]


def bias(seen: Round, old: float, found: Lesson | None) -> float:
    """The mean signed error on a miner follows at a tenth; stored in half precision."""
    residual = found.residual if found else old
    return half_precision(old + seen.policy.pushing_rate * (residual - old))


def signal_of(seen: Round, k: int) -> list[float]:
    """[own squares, squares of the consensus on the same miners, miners], in squared units."""
    rows = [m for m in range(len(seen.votes)) if seen.teaches(k, m)]
    own = [seen.votes[m][k] / seen.found[m].unit for m in rows]
    common = [seen.found[m].value / seen.found[m].unit for m in rows]
    return [squares_around_mean(own), squares_around_mean(common), len(rows)]


def squares_around_mean(values: list[float]) -> float:
    centre = sum(values) / max(len(values), 1)
    return sum((value - centre) ** 2 for value in values)


def certainty(found: Number) -> float:
    """How uncontested a row is; what nobody with weight voted for is not remembered."""
    return 0.0 if math.isnan(found.error) else max(0.0, 1 - 2 * found.outside)


def drift(seen: Round) -> list[float]:
    """[rows, squares of how the consensus moved, less the errors of both]."""
    squares, past = [], seen.past
    for m, found in enumerate(seen.found):
        if past.certainty[m] > 0.2 and not math.isnan(found.error):
            moved = (found.value - past.value[m]) / found.unit
            noise = past.error[m] ** 2 + (found.error / found.unit) ** 2
            squares.append(min(moved**2, seen.policy.residual_clip**2) - noise)
    return [len(squares), sum(squares)]


def learn_label(
    labels: LabelVotes, seen: Labelled, observed: Seen, past: LabelPast, policy: Robustness
) -> LabelPast:
    """Each vote counts for each class by the class' probability without that vote."""
    new = [faded(table, 0.0) for table in past.long]
    for (k, m), truth in seen.without.items():
        if observed[k][m] and seen.miners[m].settled:
            for c, probability in enumerate(truth):
                new[k][c][labels.votes[m][k]] += probability
    full = policy.recent_miners * len(labels.votes)
    return LabelPast(
        long=[added(faded(a, fade(policy)), b) for a, b in zip(past.long, new, strict=True)],
        recent=[newest(added(a, b), full) for a, b in zip(past.recent, new, strict=True)],
        attendance=attended(past.attendance, [one.present for one in seen.miners]),
    )


def newest(table: Table, full: float) -> Table:
    """The recent counts, of no more than `full` votes."""
    return faded(table, min(1.0, full / max(whole(table), 1e-12)))
