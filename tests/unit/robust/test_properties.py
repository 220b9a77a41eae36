"""What must hold for every ballot (docs/consensus.md, "Guarantees")."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.domain.robust import Ballot, Labels, Memory, Robustness, fresh, learn, resolve
from shared.domain.robust.stake import capped_share
from tests.unit.robust.ballots import SCORE, SERVING, ballots

POLICY = Robustness()


def cold(ballot: Ballot) -> Memory:
    return fresh(*ballot.shape)


def learnt(ballot: Ballot, rounds: int = 2) -> Memory:
    memory = cold(ballot)
    for _ in range(rounds):
        memory = learn(memory, ballot, ~np.isnan(ballot.numbers[SCORE]), POLICY)
    return memory


def reordered(ballot: Ballot, rows: np.ndarray, columns: np.ndarray) -> Ballot:
    at = np.ix_(rows, columns)
    return Ballot(
        ballot.stake[rows],
        ballot.confidence[at],
        ballot.age_rounds[at],
        {name: votes[at] for name, votes in ballot.numbers.items()},
        {name: Labels(x.votes[at], x.classes) for name, x in ballot.labels.items()},
    )


@given(ballots(agreeing=True))
def test_agreeing_reports_give_the_plain_weighted_average(ballot: Ballot) -> None:
    """Without history nobody is down-weighted for agreeing."""
    share = capped_share(ballot.stake, POLICY.stake_cap, POLICY) ** POLICY.stake_exponent
    weights = share[:, None] * ballot.confidence * np.exp2(-ballot.age_rounds / POLICY.half_life)
    votes = ballot.numbers[SCORE]
    voted = ~np.isnan(votes)
    total = np.where(voted, weights, 0).sum(0)
    seen = total > 0

    expected = np.where(voted, weights * votes, 0).sum(0)[seen] / total[seen]
    actual = resolve(ballot, cold(ballot), POLICY).numbers[SCORE].value[seen]

    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-12)


@given(ballots(), st.booleans())
def test_every_weight_is_the_product_of_its_named_factors(ballot: Ballot, warm: bool) -> None:
    """Nothing enters a weight that an auditor cannot read."""
    result = resolve(ballot, learnt(ballot) if warm else cold(ballot), POLICY)
    number, label = result.numbers[SCORE], result.labels[SERVING]

    for field, voted in (
        (number, ~np.isnan(ballot.numbers[SCORE])),
        (label, ballot.labels[SERVING].votes >= 0),
    ):
        product = np.prod([np.broadcast_to(f, ballot.shape) for f in field.factors.values()], 0)

        np.testing.assert_allclose(field.weights, np.where(voted, product, 0.0), atol=1e-12)


@given(ballots(), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_validators_and_miners_is_irrelevant(ballot: Ballot, random: object) -> None:
    """Permuting rows and columns permutes the results, cold and after learning."""
    rng = np.random.default_rng(random.randrange(2**32))  # type: ignore[attr-defined]
    rows, columns = rng.permutation(ballot.shape[0]), rng.permutation(ballot.shape[1])
    moved = reordered(ballot, rows, columns)

    for memory_of in (cold, learnt):
        expected = resolve(ballot, memory_of(ballot), POLICY)
        actual = resolve(moved, memory_of(moved), POLICY)

        np.testing.assert_allclose(
            actual.numbers[SCORE].value, expected.numbers[SCORE].value[columns], atol=1e-6
        )
        np.testing.assert_allclose(actual.confidence, expected.confidence[columns], atol=1e-6)


@given(ballots(least=3), st.integers(1, 8), st.sampled_from([-1e6, 0.0, 0.3, 0.97, 1e6]))
def test_the_anchor_lies_within_the_honest_range(ballot: Ballot, liars: int, lie: float) -> None:
    """Whatever less than half of a miner's capped stake says."""
    votes = ballot.numbers[SCORE].copy()
    assume(liars < votes.shape[0])
    votes[:liars] = np.where(np.isnan(votes[:liars]), np.nan, lie)
    share = capped_share(ballot.stake, POLICY.anchor_cap, POLICY)[:, None] * ~np.isnan(votes)
    safe = (share[liars:].sum(0) > share[:liars].sum(0) * (1 + 1e-9)) & (share[liars:].sum(0) > 0)
    assume(safe.any())
    anchor = (
        resolve(replace(ballot, numbers={SCORE: votes}), cold(ballot), POLICY).numbers[SCORE].anchor
    )
    honest = votes[liars:, safe]

    assert (anchor[safe] >= np.nanmin(honest, 0) - 1e-12).all()
    assert (anchor[safe] <= np.nanmax(honest, 0) + 1e-12).all()


@given(ballots(agreeing=True, least=3), st.integers(0, 6))
def test_an_agreeing_report_never_moves_the_value_away_from_it(ballot: Ballot, m: int) -> None:
    """Adding the first validator's vote brings the value nearer to it."""
    m %= ballot.shape[1]
    votes = ballot.numbers[SCORE]
    assume(not np.isnan(votes[0, m]) and (~np.isnan(votes[1:, m])).any())
    without = votes.copy()
    without[0, m] = np.nan
    before = resolve(replace(ballot, numbers={SCORE: without}), cold(ballot), POLICY)
    after = resolve(ballot, cold(ballot), POLICY)

    distance = abs(before.numbers[SCORE].value[m] - votes[0, m])

    assert abs(after.numbers[SCORE].value[m] - votes[0, m]) <= distance + 1e-12


@given(st.integers(5, 9), st.integers(0, 2**32 - 1), st.floats(-1e9, 1e9))
def test_one_validators_influence_on_a_number_is_bounded(
    validators: int, seed: int, lie: float
) -> None:
    """However wild a vote, the value stays within the range of the others and one rejection."""
    rng = np.random.default_rng(seed)
    votes = rng.uniform(0.4, 0.44, (validators, 4))
    votes[0] = lie
    shape = votes.shape
    ballot = Ballot(np.ones(validators), np.ones(shape), np.zeros(shape), {SCORE: votes})
    reach = POLICY.rejection * POLICY.prior_spread * POLICY.scale(SCORE)[0]

    value = resolve(ballot, cold(ballot), POLICY).numbers[SCORE].value

    assert (value > 0.4 - reach).all()
    assert (value < 0.44 + reach).all()


@given(ballots(), st.integers(0, 3))
def test_nan_never_appears_where_somebody_voted(ballot: Ballot, rounds: int) -> None:
    """Values, errors, intervals, confidences and the memory are finite."""
    memory = learnt(ballot, rounds)
    result = resolve(ballot, memory, POLICY)
    number = result.numbers[SCORE]
    voted = (~np.isnan(ballot.numbers[SCORE])).any(0)

    assert np.isfinite(number.value[voted]).all()
    assert np.isfinite(number.interval[voted]).all()
    assert np.isfinite(result.confidence).all()
    assert np.isfinite(result.reputation).all()
    for axis in (memory.validators, memory.miners, memory.pairs, memory.peers, memory.fields):
        assert all(np.isfinite(array).all() for array in axis.values())


@given(ballots())
def test_resolving_is_pure(ballot: Ballot) -> None:
    """Resolving twice gives the same, and changes neither ballot nor memory."""
    memory = learnt(ballot)
    before = {name: array.copy() for name, array in memory.validators.items()}
    first, second = (resolve(ballot, memory, POLICY).numbers[SCORE].value for _ in range(2))

    np.testing.assert_array_equal(first, second)
    assert all((before[name] == array).all() for name, array in memory.validators.items())


@pytest.mark.parametrize("ages", [(0.0, 0.0), (2.0, 0.0)])
def test_two_agreeing_complete_reports_are_confident(ages: tuple[float, float]) -> None:
    """Two unquarantined validators that agree on every field give at least 0.7."""
    shape = (2, 1)
    ballot = Ballot(
        np.array([1000.0, 3000.0]),
        np.ones(shape),
        np.array(ages)[:, None],
        {
            SCORE: np.full(shape, 0.8),
            "stake": np.full(shape, 5000.0),
            "current_load": np.full(shape, 3.0),
            "max_capacity": np.full(shape, 10.0),
        },
        {SERVING: Labels(np.ones(shape, int), 2), "hotkey": Labels(np.zeros(shape, int), 1)},
    )

    assert resolve(ballot, cold(ballot), POLICY).confidence[0] >= 0.7
