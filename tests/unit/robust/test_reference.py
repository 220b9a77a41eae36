"""Arrays agree with loops: labels and learning beside their slow, obvious references."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.domain.robust import Ballot, Labels, Memory, Policy, Resolution, fresh, learn, resolve
from shared.domain.robust.memory import fade_of
from shared.domain.robust.spread import read_spread
from tests.unit.robust import reference_labels, reference_learning
from tests.unit.robust.ballots import SCORE, SERVING, ballots
from tests.unit.robust.reference_labels import Vote

POLICY = Policy()


@st.composite
def histories(draw: st.DrawFn) -> list[Ballot]:
    """One to four rounds of the same validators and miners, with two or three classes."""
    first = draw(ballots(least=2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    classes = draw(st.integers(2, 3))
    return [later(first, rng, classes) for _ in range(draw(st.integers(1, 4)))]


def later(ballot: Ballot, rng: np.random.Generator, classes: int) -> Ballot:
    """Another round: some are silent, some change their mind."""
    silent = rng.random(ballot.shape) < 0.2
    scores = ballot.numbers[SCORE] + rng.normal(0, rng.choice([0.01, 0.2]), ballot.shape)
    codes = np.where(rng.random(ballot.shape) < 0.7, 0, rng.integers(0, classes, ballot.shape))
    return Ballot(
        ballot.stake,
        ballot.confidence,
        np.where(silent, 1.0, 0.0) * rng.integers(0, 4, ballot.shape),
        {SCORE: np.where(silent & (codes == 0), np.nan, scores)},
        {SERVING: Labels(np.where(silent, -1, codes), classes)},
    )


def observed(ballot: Ballot) -> np.ndarray:
    return np.asarray(ballot.age_rounds == 0)


def remembering(past: list[Ballot]) -> Memory:
    memory = fresh(*past[0].shape)
    for ballot in past:
        memory = learn(memory, ballot, observed(ballot), POLICY)
    return memory


def label_votes(ballot: Ballot, found: Resolution) -> Iterator[Vote]:
    base, bare = found.standing.weights(), found.standing.bare
    codes = ballot.labels[SERVING].votes
    for k, m in np.argwhere(codes >= 0).tolist():
        yield Vote(k, m, int(codes[k, m]), float(base[k, m]), float(bare[k, m]))


def judged(memory: Memory, classes: int) -> list[reference_labels.Table]:
    long = memory.of_validators(f"{SERVING}/votes", classes, classes).tolist()
    recent = memory.of_validators(f"{SERVING}/recent", classes, classes).tolist()
    return list(map(reference_labels.judged_by, long, recent))


@given(histories())
@settings(max_examples=30, deadline=None)
def test_labels_are_what_the_obvious_code_finds(rounds: list[Ballot]) -> None:
    """Weights, shares and the winner of every miner, cold and after rounds of learning."""
    *past, ballot = rounds
    memory = remembering(past) if past else fresh(*ballot.shape)
    found = resolve(ballot, memory, POLICY)
    label, classes = found.labels[SERVING], ballot.labels[SERVING].classes
    votes = list(label_votes(ballot, found))
    assume(sum(vote.base for vote in votes) > 0)
    expected = reference_labels.resolve(votes, judged(memory, classes), ballot.shape[1], classes)
    voted = label.code >= 0

    for (k, m), weight in expected.weights.items():
        assert weight == pytest.approx(label.weights[k, m], abs=1e-9)
    for m in np.flatnonzero(voted & (label.weights.sum(0) > 0)).tolist():
        assert expected.share[m] == pytest.approx(label.share[m], abs=1e-9)
        assert expected.truth[m] == pytest.approx(label.belief.truth[m].tolist(), abs=1e-9)
        runner_up = np.sort(label.tally[m])[-2]
        if label.tally[m].max() - runner_up > 1e-9:
            assert expected.code[m] == label.code[m]


@given(histories())
@settings(max_examples=30, deadline=None)
def test_labels_teach_what_the_obvious_code_learns(rounds: list[Ballot]) -> None:
    """Each vote of this round on a settled miner counts by the truth as all others tell it."""
    *past, ballot = rounds
    memory = remembering(past) if past else fresh(*ballot.shape)
    found, classes = resolve(ballot, memory, POLICY), ballot.labels[SERVING].classes
    usable = observed(ballot) & found.labels[SERVING].settled
    votes = list(label_votes(ballot, found))
    assume(sum(vote.base for vote in votes) > 0)
    counted = reference_labels.resolve(
        votes, judged(memory, classes), ballot.shape[1], classes
    ).without
    expected = memory.of_validators(f"{SERVING}/votes", classes, classes) * fade_of(POLICY)
    for vote, truth in zip(votes, counted, strict=True):
        if usable[vote.validator, vote.miner]:
            expected[vote.validator, :, vote.code] += truth

    actual = learn(memory, ballot, observed(ballot), POLICY)

    np.testing.assert_allclose(
        actual.of_validators(f"{SERVING}/votes", classes, classes), expected, rtol=0, atol=1e-9
    )


@given(histories())
@settings(max_examples=30, deadline=None)
def test_numbers_teach_what_the_obvious_code_learns(rounds: list[Ballot]) -> None:
    """Records, the variance they give and the memory of pushing, of every validator."""
    *past, ballot = rounds
    memory = remembering(past) if past else fresh(*ballot.shape)
    number = (found := resolve(ballot, memory, POLICY)).numbers[SCORE]
    spread = read_spread(memory, SCORE, found.standing.share, POLICY)
    seen = reference_learning.Round(
        ballot.numbers[SCORE].tolist(),
        number.weights.tolist(),
        ballot.age_rounds.tolist(),
        observed(ballot).tolist(),
        number.value.tolist(),
        number.unit.tolist(),
        number.settled.tolist(),
        spread.variance.tolist(),
        spread.reference,
        spread.drift,
    )
    learnt = learn(memory, ballot, observed(ballot), POLICY)
    after = read_spread(learnt, SCORE, found.standing.share, POLICY)

    for k in range(ballot.shape[0]):
        old = (memory.of_validators(f"{SCORE}/{name}", 2)[k] for name in ("record", "recent"))
        expected = reference_learning.records(seen, k, *(record.tolist() for record in old))
        actual = [learnt.of_validators(f"{SCORE}/{name}", 2)[k] for name in ("record", "recent")]

        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-9)
        assert reference_learning.variance(expected, after.reference) == pytest.approx(
            after.variance[k], abs=1e-9
        )
        for m in range(ballot.shape[1]):
            bias = reference_learning.bias(seen, k, m, memory.of_pairs(f"{SCORE}/bias")[k, m])
            # Stored in half precision.
            assert bias == pytest.approx(learnt.of_pairs(f"{SCORE}/bias")[k, m], rel=1e-3, abs=1e-6)
