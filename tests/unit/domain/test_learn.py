"""What a closed round leaves to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.learn import decay, learn
from shared.domain.memory import EMPTY, Memory, MinerMemory, ValidatorMemory
from shared.domain.policy import Policy
from shared.domain.reports import Report
from tests.unit.domain.makers import NOW, report, resolved, status, votes_on

STAKES = {1: 1000.0, 2: 1000.0}
ROUND = 166
"""The round that ends at NOW."""


def close(memory: Memory, number: int, received: Sequence[Report], *older: Report) -> Memory:
    """The memory after round `number`, in which `received` came on top of `older` reports."""
    end = (number + 1) * Policy().round_seconds
    reports = [*older, *received]
    return learn(
        memory,
        number,
        received,
        resolved(reports, STAKES, memory=memory, now=end),
        votes_on(reports, STAKES, now=end),
        Policy(),
    )


def test_a_round_with_a_quorum_is_remembered() -> None:
    """The miner's last quorum is the round's end, and nothing is waited for."""
    memory = close(EMPTY, ROUND, [report(1, status()), report(2, status())])

    assert {(49, "m49"): MinerMemory(ROUND, NOW, None)} == memory.miners
    assert (ROUND, 2, 2) == (memory.round, memory.total_reports, memory.total_observations)


def test_waiting_is_remembered_from_the_first_report() -> None:
    """Later reports do not start the wait again, until a quorum ends it."""
    first = report(1, status(), signed_at=NOW - 50)
    second = report(1, status(), signed_at=NOW + 30)
    third = report(2, status(), signed_at=NOW + 40)
    waiting = close(EMPTY, ROUND, [first])
    still = close(waiting, ROUND + 1, [second], first)
    over = close(
        waiting,
        ROUND + 1,
        [second, third],
        first,
    )

    assert MinerMemory(ROUND, None, NOW - 50) == waiting.miners[49, "m49"]
    assert MinerMemory(ROUND + 1, None, NOW - 50) == still.miners[49, "m49"]
    assert MinerMemory(ROUND + 1, NOW + 60, None) == over.miners[49, "m49"]


def test_a_report_given_twice_counts_once() -> None:
    """Events come at least once; what is learnt does not depend on it."""
    reports = [report(1, status()), report(2, status())]

    assert close(EMPTY, ROUND, reports) == close(EMPTY, ROUND, [*reports, *reports])


def test_a_newcomer_inherits_nothing_and_the_displaced_is_kept() -> None:
    """The memory of a recycled uid is by hotkey."""
    before = Memory(ROUND - 1, {(49, "old"): MinerMemory(ROUND - 1, 9960.0, None)})
    after = close(before, ROUND, [report(1, status(), signed_at=NOW - 10)])

    assert before.miners[49, "old"] == after.miners[49, "old"]
    assert MinerMemory(ROUND, None, NOW - 10) == after.miners[49, "m49"]


def test_a_miner_survives_forty_rounds_without_a_report() -> None:
    """In the forty-first it is forgotten."""
    memory = close(EMPTY, ROUND, [report(1, status())])

    assert (49, "m49") in decay(memory, ROUND + 40, Policy()).miners
    assert (49, "m49") not in decay(memory, ROUND + 41, Policy()).miners


def test_a_forgotten_miner_is_not_remembered_again_without_a_report() -> None:
    """A resolution that still lists it as stale does not bring it back."""
    memory = close(EMPTY, ROUND, [report(1, status())])
    later = report(1, status(uid=50), signed_at=NOW + 50 * 60)
    number = ROUND + 50

    after = close(memory, number, [later])

    assert [(50, "m50")] == list(after.miners)


def test_a_stale_miner_keeps_its_memory() -> None:
    """Another miner's report closes the round; this one is unseen, and keeps its wait."""
    before = Memory(ROUND - 20, {(49, "m49"): MinerMemory(ROUND - 20, None, 8765.0)})
    after = close(before, ROUND, [report(1, status(uid=50))])

    assert before.miners[49, "m49"] == after.miners[49, "m49"]


def test_participation_is_the_share_of_rounds_reported_in() -> None:
    """With a long memory it is close to the plain share: two of four rounds."""
    policy = Policy(memory_rounds=1_000_000)
    memory = EMPTY
    for number in (10, 12):
        received = [report(1, status(), signed_at=number * 60.0)]
        memory = learn(memory, number, received, resolved([], STAKES), votes_on([], STAKES), policy)
    memory = decay(memory, 13, policy)

    validator = memory.validators["v1"]

    assert abs(validator.participation - 0.5) < 1e-5
    assert ValidatorMemory(10, 12, 2) == replace(validator, participation=0.0)


def test_a_report_in_every_round_is_full_participation() -> None:
    """However short the memory is."""
    memory = EMPTY
    for number in range(10, 15):
        received = [report(1, status(), signed_at=number * 60.0)]
        memory = learn(
            memory,
            number,
            received,
            resolved([], STAKES),
            votes_on([], STAKES),
            Policy(memory_rounds=2),
        )

    assert abs(memory.validators["v1"].participation - 1.0) < 1e-12


def test_a_report_about_another_hotkey_is_no_sight_of_the_miner() -> None:
    """Whoever makes up hotkeys keeps no miner in memory."""
    older = [report(1, status()), report(2, status())]
    memory = close(EMPTY, ROUND, older)
    other = {"uid": 49, "hotkey": "thief"}
    stakes = {**STAKES, 3: 1000.0}
    late = report(3, other, signed_at=NOW + 1)
    reports = [*older, late]
    after = learn(
        memory,
        ROUND + 1,
        [late],
        resolved(reports, stakes, memory=memory, now=NOW + 60),
        votes_on(reports, stakes, now=NOW + 60),
        Policy(),
    )

    assert {(49, "m49"): MinerMemory(ROUND, NOW + 60, None)} == after.miners


@pytest.mark.parametrize("number", [4, 5])
def test_a_round_is_learnt_from_once(number: int) -> None:
    """A round that is closed is refused by name."""
    with pytest.raises(ValueError, match=f"round {number} is closed: the memory is of 5"):
        learn(Memory(round=5), number, [], resolved([], STAKES), votes_on([], STAKES), Policy())


def test_time_does_not_run_backwards() -> None:
    """Decaying to a round before the memory's is refused."""
    with pytest.raises(ValueError, match="round 4 lies before the memory's, 5"):
        decay(Memory(round=5), 4, Policy())


def _numbers(memory: Memory) -> tuple[object, ...]:
    shares = {hotkey: round(each.participation, 9) for hotkey, each in memory.validators.items()}
    rest = {hotkey: replace(each, participation=0.0) for hotkey, each in memory.validators.items()}
    return (memory.round, memory.miners, rest, shares, memory.total_reports)


@given(st.integers(0, 60), st.integers(0, 60))
def test_one_long_decay_is_many_short_ones(first: int, second: int) -> None:
    """Closed form: empty rounds in one step are the same as one after another."""
    memory = close(EMPTY, ROUND, [report(1, status()), report(2, status())])
    memory = close(memory, ROUND + 3, [], report(1, status()))
    whole = decay(memory, memory.round + first + second, Policy())
    parts = decay(decay(memory, memory.round + first, Policy()), whole.round, Policy())

    assert _numbers(whole) == _numbers(parts)


@given(st.integers(1, 60))
def test_learning_over_a_gap_is_decaying_and_learning(gap: int) -> None:
    """The empty rounds before a round need no call of their own."""
    memory = close(EMPTY, ROUND, [report(1, status()), report(2, status())])
    number = ROUND + gap
    late = report(2, status(), signed_at=number * 60.0 + 1)
    received = [late]

    assert close(memory, number, received) == close(
        decay(memory, number - 1, Policy()), number, received
    )


def test_a_validator_silent_for_a_week_is_forgotten() -> None:
    """Else every hotkey that ever reported would take its place in every round for good."""
    week = int(7 * 86_400 / Policy().round_seconds)
    memory = close(EMPTY, ROUND, [report(1, status()), report(2, status())])
    back = report(1, status(), signed_at=NOW + 60 * (week + 0.5))

    assert {"v1", "v2"} == decay(memory, ROUND + week, Policy()).validators.keys()
    assert {"v1"} == close(memory, ROUND + week + 1, [back]).validators.keys()


@pytest.mark.parametrize(("validators", "most"), [(3, 20), (64, 10), (100, 7)])
def test_the_more_validators_the_fewer_displaced_miners_are_remembered(
    validators: int, most: int
) -> None:
    """So that what is remembered of each about each fits into a round's document."""
    small = Policy(max_miners=10)
    known = {f"v{uid}": ValidatorMemory(ROUND, ROUND, 1, 1.0) for uid in range(validators)}
    seen = {(uid, f"m{uid}"): MinerMemory(ROUND, NOW) for uid in range(30)}
    memory = Memory(round=ROUND, miners=seen, validators=known)

    assert most == len(decay(memory, ROUND + 1, small).miners)
