"""Whole rounds: the engine's arrays beside the slow, obvious reference, from nothing on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings

from shared.domain.robust import (
    REASONS,
    Ballot,
    Label,
    Memory,
    Number,
    Resolution,
    Robustness,
    decay,
    fresh,
    learn,
    resolve,
)
from tests.unit.robust import reference
from tests.unit.robust.ballots import SCORE, ballots
from tests.unit.robust.histories import (
    HASTY,
    Character,
    Play,
    constant,
    contradictor,
    honest,
    liar,
    mislabeller,
    parrot,
    penitent,
    plays,
    pusher,
    scene,
)
from tests.unit.robust.reference.labels import Labelled
from tests.unit.robust.reference.numbers import Number as OneNumber
from tests.unit.robust.translation import arrays, dense, of_engine, plain, rounded_alike

STORED_IN_TWO_BYTES = ("pairs", "peers")


@dataclass(frozen=True)
class Side:
    """What one implementation makes of a round."""

    found: Resolution
    memory: Memory
    expected: reference.Resolution
    past: reference.Past


def both(play: Play) -> Iterator[Side]:
    """Round after round, each implementation with its own memory."""
    memory, past = fresh(*play.shape), reference.fresh(len(play.cast))
    for t in range(play.rounds):
        pause = play.pauses.get(t, 0.0)
        memory = decay(memory, pause, play.policy)
        past = reference.decay(past, pause, play.policy)
        now = scene(play, t, memory)
        found = resolve(now.ballot, memory, play.policy)
        memory = learn(memory, now.ballot, now.observed, play.policy, play.lifts(t))
        paper, lifted = plain(now.ballot), play.lifted.get(t, frozenset())
        expected = reference.resolve(paper, past, play.policy)
        past = reference.learn(past, paper, now.observed.tolist(), play.policy, lifted)
        yield Side(found, memory, expected, past)
        past = rounded_alike(past, memory)


def close(what: str, actual: object, expected: object) -> None:
    """Within 1e-9."""
    np.testing.assert_allclose(
        np.asarray(actual, float), np.asarray(expected, float), rtol=1e-9, atol=1e-9, err_msg=what
    )


def one_step(what: str, actual: object, expected: object) -> None:
    """Within one step of half precision: what is a hair apart may be rounded to either side."""
    np.testing.assert_allclose(
        np.asarray(actual, float), np.asarray(expected, float), rtol=2**-10, atol=1e-7, err_msg=what
    )


def same_number(number: Number, expected: list[OneNumber]) -> None:
    weights = dense([one.weights for one in expected], len(number.weights))
    close("weights", number.weights, weights)
    for name in vars(expected[0]).keys() - {"weights"}:
        actual, wanted = getattr(number, name), [getattr(one, name) for one in expected]
        close(name, actual, wanted)


def same_label(label: Label, expected: Labelled) -> None:
    for name, cells in (("weights", label.weights), ("reputation", label.factors["reputation"])):
        for at, wanted in getattr(expected, name).items():
            assert wanted == pytest.approx(cells[at], rel=1e-9, abs=1e-9), (name, at)
    for name in vars(expected.miners[0]):
        actual, wanted = getattr(label, name), [getattr(one, name) for one in expected.miners]
        close(name, actual, wanted)


def same_resolution(side: Side) -> None:
    for name, number in side.expected.numbers.items():
        same_number(side.found.numbers[name], number)
    for name, label in side.expected.labels.items():
        same_label(side.found.labels[name], label)
    for name in ("confidence", "reputation", "reason"):
        actual, wanted = getattr(side.found, name), getattr(side.expected, name)
        close(name, actual, wanted)


def same_memory(side: Side) -> None:
    found, expected = of_engine(side.memory), arrays(side.past)
    for axis, wanted in expected.items():
        assert wanted.keys() == found[axis].keys()
        alike = one_step if axis in STORED_IN_TWO_BYTES else close
        for name, array in wanted.items():
            alike(name, found[axis][name], array)


def same(side: Side) -> None:
    same_resolution(side)
    same_memory(side)


@given(plays())
@settings(max_examples=150)
def test_whole_rounds_are_what_the_obvious_code_finds_and_learns(play: Play) -> None:
    """Every value, weight, doubt and confidence, and everything that is remembered."""
    for side in both(play):
        same(side)


@given(ballots())
@settings(max_examples=40)
def test_many_validators_without_history_are_what_the_obvious_code_finds(ballot: Ballot) -> None:
    """Up to nine validators and seven miners, with wide stakes and lies among the scores."""
    memory, past = fresh(*ballot.shape), reference.fresh(ballot.shape[0])
    found, expected = (
        resolve(ballot, memory, Robustness()),
        reference.resolve(plain(ballot), past, Robustness()),
    )

    same_resolution(Side(found, memory, expected, past))


STAKES = (1.0, 1.1, 0.9, 1.05, 0.95)


def beside_four(character: Character, facts: float = 0.0) -> Play:
    """The last of five is not honest."""
    return Play((honest, honest, honest, honest, character), STAKES, facts=facts)


@pytest.mark.parametrize(
    ("character", "facts", "reason"),
    [
        (liar, 0.0, "gross_error"),
        (mislabeller, 0.0, "wrong_labels"),
        (constant, 0.0, "no_signal"),
        (pusher, 0.0, "pushing"),
        (contradictor, 1.0, "chain_contradiction"),
    ],
)
def test_both_put_a_liar_in_quarantine_for_the_same_reason(
    character: Character, facts: float, reason: str
) -> None:
    """And nobody else; every reason there is comes up."""
    sides = list(both(beside_four(character, facts)))
    for side in sides:
        same(side)

    assert {REASONS[side.past.reason[4]] for side in sides} >= {reason}
    assert all(side.past.reason[:4] == [0] * 4 for side in sides)
    assert sides[-1].expected.reputation[4] == 0


def test_both_quarantine_no_more_than_a_third_of_the_stake() -> None:
    """Of two liars with 0.4 of the stake the smaller one; the other's votes stay."""
    sides = list(both(Play((honest, honest, honest, liar, liar), STAKES)))
    for side in sides:
        same(side)

    assert all(side.past.term == [0, 0, 0, 0, 2] for side in sides)


def test_both_let_out_whom_the_operator_lifts() -> None:
    """The record starts anew, and the next round's lie is judged again."""
    play = replace(beside_four(liar), lifted={2: frozenset({4})})
    sides = list(both(play))
    for side in sides:
        same(side)

    assert [side.past.reason[4] for side in sides] == [1, 1, 0, 1]


def test_both_let_out_who_has_served_its_term() -> None:
    """Two rounds after the last cause, for who is honest since."""
    sides = list(both(beside_four(penitent)))
    for side in sides:
        same(side)

    assert [side.past.term[4] for side in sides] == [2, 1, 0, 0]
    assert sides[2].expected.reason[4] == 4
    assert sides[3].expected.reason[4] == 0


def test_both_forget_a_quarantine_that_ended_in_silence() -> None:
    """Two empty rounds are the whole term: the reason goes with it."""
    sides = list(both(replace(beside_four(liar), pauses={1: 2.0}, rounds=2)))
    for side in sides:
        same(side)

    assert sides[0].past.reason[4] == 1
    assert sides[1].expected.reason[4] == 0


def test_both_let_copies_share_one_vote() -> None:
    """Two who say the same count as the larger of them."""
    sides = list(both(replace(beside_four(honest), copiers=frozenset({4}))))
    for side in sides:
        same(side)
    original = sides[-1].expected.standing.original

    assert [row[0] for row in original] == pytest.approx([1 / 1.95, 1, 1, 1, 1 / 1.95])


def test_both_leave_a_parrot_hardly_a_vote() -> None:
    """Who repeats the last public consensus keeps a twentieth."""
    sides = list(both(beside_four(parrot)))
    for side in sides:
        same(side)
    original = sides[-1].expected.standing.original

    assert [row[0] for row in original] == pytest.approx([1, 1, 1, 1, 0.05])


def test_both_remember_nothing_of_what_only_the_quarantined_say() -> None:
    """Their plain mean is a value without an error; it is no consensus to be anchored to."""
    play = replace(beside_four(liar), alone={2: frozenset({4})})
    sides = list(both(play))
    for side in sides:
        same(side)

    assert not any(sides[2].past.numbers[SCORE].certainty)
    assert math.isfinite(sides[3].past.numbers[SCORE].drift[1])


@pytest.mark.parametrize(
    ("policy", "copiers", "expected"),
    [
        (HASTY, frozenset[int](), 0.7),
        (HASTY, frozenset({4}), 0.0),
        (replace(HASTY, min_stake_share=0.6), frozenset[int](), 0.0),
    ],
)
def test_both_trust_two_who_agree_unless_they_are_copies_or_hold_too_little(
    policy: Robustness, copiers: frozenset[int], expected: float
) -> None:
    """While three of five fall silent the rest is doubted, but two complete reports are two."""
    play = Play((honest,) * 5, STAKES, policy=policy, copiers=copiers, alone={3: frozenset({0, 4})})
    sides = list(both(play))
    for side in sides:
        same(side)
    confidence = max(sides[3].expected.confidence)

    assert expected == pytest.approx(confidence, abs=1e-6)
