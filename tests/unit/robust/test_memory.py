"""What is learnt, what is forgotten, and what survives storing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shared.domain.robust import (
    REASONS,
    Ballot,
    Memory,
    Robustness,
    decay,
    fresh,
    from_bytes,
    learn,
    resolve,
    select,
    to_bytes,
)

SCORE = "performance_score"
POLICY = Robustness()


def honest(seed: int, validators: int = 9, miners: int = 20) -> Ballot:
    rng = np.random.default_rng(seed)
    truth = np.random.default_rng(0).uniform(0.2, 0.7, miners)
    votes = truth + rng.normal(0, 0.02, (validators, miners))
    shape = votes.shape
    return Ballot(np.ones(validators), np.ones(shape), np.zeros(shape), {SCORE: votes})


def lying(ballot: Ballot, who: int, lie: np.ndarray) -> Ballot:
    votes = ballot.numbers[SCORE].copy()
    votes[who] = lie
    return replace(ballot, numbers={SCORE: votes})


def after(rounds: int, make: object, memory: Memory | None = None) -> Memory:
    memory = fresh(9, 20) if memory is None else memory
    for t in range(rounds):
        ballot = make(t)  # type: ignore[operator]
        memory = learn(memory, ballot, np.ones(ballot.shape, dtype=bool), POLICY)
    return memory


def liar(t: int) -> Ballot:
    ballot = honest(t)
    return lying(ballot, 0, ballot.numbers[SCORE][0] + 0.3)


def test_trust_falls_fast_and_returns_slowly() -> None:
    """Two rounds of lies cost more than ten honest rounds return."""
    good = after(20, honest)
    fallen = after(2, liar, good)
    back = after(10, lambda t: honest(100 + t), fallen)

    before, low, later = (
        resolve(honest(7), memory, POLICY).reputation[0] for memory in (good, fallen, back)
    )

    assert low < 0.5 * before
    assert low <= later < before


def test_a_persistent_liar_is_quarantined_with_a_reason_and_can_be_lifted() -> None:
    """The reason is readable; a lifted validator votes again."""
    memory = after(12, liar)
    seen = resolve(honest(50), memory, POLICY)
    lifted = np.arange(9) == 0
    freed = learn(memory, honest(51), np.ones((9, 20), dtype=bool), POLICY, lifted)

    assert REASONS[int(seen.reason[0])] == "gross_error"
    assert seen.numbers[SCORE].weights[0].sum() == 0
    assert resolve(honest(52), freed, POLICY).numbers[SCORE].weights[0].sum() > 0


def test_copies_share_one_vote() -> None:
    """Three identical validators weigh together what one of them weighs alone."""

    def copying(t: int) -> Ballot:
        ballot = honest(t)
        votes = ballot.numbers[SCORE].copy()
        votes[1:3] = votes[0]
        return replace(ballot, numbers={SCORE: votes})

    own = resolve(copying(60), after(6, copying), POLICY).standing.factors["originality"]

    np.testing.assert_allclose(own[:3], 1 / 3)
    np.testing.assert_array_equal(own[3:], 1.0)


def test_honest_validators_that_agree_on_facts_are_no_copies() -> None:
    """Equal numbers of a majority prove nothing, even beside a persistent liar."""

    def facts(t: int) -> Ballot:
        votes = np.tile(np.round(np.random.default_rng(t).uniform(0, 1, 20), 1), (9, 1))
        votes[0] = 1 - votes[0] / 2
        shape = votes.shape
        return Ballot(np.ones(9), np.ones(shape), np.zeros(shape), {SCORE: votes})

    assert (resolve(facts(70), after(30, facts), POLICY).standing.factors["originality"] == 1).all()


def test_a_constant_report_carries_no_signal() -> None:
    """Who says the same of every miner is quarantined for it."""
    memory = after(12, lambda t: lying(honest(t), 0, np.full(20, 0.45)))

    assert REASONS[int(resolve(honest(80), memory, POLICY).reason[0])] == "no_signal"


def test_empty_rounds_decay_in_closed_form() -> None:
    """Five rounds at once are five rounds one by one."""
    memory = after(5, liar)
    expected = memory
    for _ in range(5):
        expected = decay(expected, 1, POLICY)

    actual = decay(memory, 5, POLICY)

    for axis in ("validators", "miners", "pairs", "peers", "fields"):
        for name, array in getattr(expected, axis).items():
            np.testing.assert_allclose(getattr(actual, axis)[name], array, atol=1e-9)


def test_a_stored_memory_is_the_same_memory() -> None:
    """What is learnt from a loaded memory is what is learnt from the original."""
    memory = after(5, liar)
    loaded = from_bytes(to_bytes(memory))
    observed = np.ones((9, 20), dtype=bool)

    assert to_bytes(learn(loaded, liar(9), observed, POLICY)) == to_bytes(
        learn(memory, liar(9), observed, POLICY)
    )


def test_newcomers_start_from_the_prior_and_the_others_keep_their_memory() -> None:
    """An index of -1 is a row of zeros; the rest moves with its owner."""
    memory = after(5, liar)
    rows, columns = np.array([3, -1, 0]), np.array([5, -1])
    moved = select(memory, rows, columns)

    for name, array in memory.validators.items():
        np.testing.assert_array_equal(moved.validators[name][0], array[3])
        assert not moved.validators[name][1].any()
    assert moved.of_pairs(f"{SCORE}/bias")[2, 0] == memory.of_pairs(f"{SCORE}/bias")[0, 5]
    assert moved.of_miners(f"{SCORE}/value")[1] == 0


def test_a_fact_is_the_value_and_judges_everyone() -> None:
    """Where the chain knows, votes do not count, but contradicting costs reputation."""
    ballot = honest(1)
    known = replace(ballot, facts={SCORE: np.full(20, 0.9)})
    result = resolve(known, fresh(9, 20), POLICY).numbers[SCORE]

    np.testing.assert_array_equal(result.value, 0.9)
    assert result.fact.all()
    assert not result.contested.any()


def test_a_full_size_memory_fits_a_document() -> None:
    """64 validators by 1,024 miners stay below 700 KB."""
    ballot = honest(1, 64, 1024)
    numbers = dict.fromkeys(POLICY.scales, ballot.numbers[SCORE])
    ballot = replace(ballot, numbers=numbers)
    memory = learn(fresh(64, 1024), ballot, np.ones(ballot.shape, dtype=bool), POLICY)

    assert len(to_bytes(memory)) < 700_000
