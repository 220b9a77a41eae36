"""Replaying a recorded stream through the engine."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator

import pytest

from shared.domain.memory import EMPTY
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.domain.rounds import Chain, Known, step
from shared.service.recording import BadLine, Recorded, read, validator_name
from shared.service.replay import replay
from tests.unit.service.streams import line, replayed, score, tick, votes_as_stream

MANY = 100
"""More validators than a subnet has places for."""


def honest_and_liar(rounds: int) -> Iterator[str]:
    """Four honest validators and one that is off by 0.4, each round on eight miners; no ticks."""
    for number, uid in itertools.product(range(rounds), range(5)):
        lie = 0.4 if uid == 4 else 0.01 * (uid - 1.5)
        statuses = [score(0.3 + 0.05 * miner + lie, miner) for miner in range(8)]
        yield line(60.0 * number + 10 + uid, uid, *statuses)


def test_a_tick_asks_for_a_recompute() -> None:
    """One answer per tick, at its time, of every miner and validator so far."""
    answers = replayed(line(1, 48, score(0.8)), line(2, 49, score(0.8)), tick(60), tick(120))

    assert [60.0, 120.0] == [answer["t"] for answer in answers]
    assert {"7"} == answers[0]["miners"].keys()
    assert {"48", "49"} == answers[0]["validators"].keys()


def test_a_miner_is_answered_with_values_confidence_state_and_conflicts() -> None:
    """The documented shape, with the hotkey only where one is voted."""
    reports = [line(1, uid, score(0.8, colour="red")) for uid in (48, 49)]
    (answer,) = replayed(*reports, tick(60))

    assert {
        "performance_score": 0.8,
        "colour": "red",
        "consensus_confidence": answer["miners"]["7"]["consensus_confidence"],
        "state": "consensus",
        "conflicts_detected": [],
    } == answer["miners"]["7"]
    assert 0.7 <= answer["miners"]["7"]["consensus_confidence"] <= 1


def test_a_hotkey_is_voted_on_where_it_is_given() -> None:
    """A validator's own uid says nothing about the miner of the same number."""
    reports = [line(1, uid, score(0.8, uid=48, hotkey="5F")) for uid in (48, 49)]
    (answer,) = replayed(*reports, tick(60))

    assert "5F" == answer["miners"]["48"]["hotkey"]
    assert [] == answer["miners"]["48"]["conflicts_detected"]


def test_unknown_fields_are_voted_on_by_their_json_type() -> None:
    """A number is averaged, a label is the majority's, the rest is the most recent."""
    given = [(10.0, "a", [1]), (10.2, "a", [2]), (10.4, "b", [3])]
    reports = [
        line(uid, uid, {"uid": 7, "speed": speed, "kind": kind, "tags": tags})
        for uid, (speed, kind, tags) in enumerate(given, start=1)
    ]
    (answer,) = replayed(*reports, tick(60))
    found = answer["miners"]["7"]

    assert ("a", [3]) == (found["kind"], found["tags"])
    assert pytest.approx(10.2, abs=0.1) == found["speed"]


def test_without_ticks_rounds_close_by_time() -> None:
    """Each round with reports is closed at its end + grace, the last one after the stream."""
    answers = replayed(line(10, 48, score(0.8)), line(70, 49, score(0.8)), line(1000, 48))

    assert [90.0, 150.0, 1050.0] == [answer["t"] for answer in answers]


def test_replay_is_the_services_own_recompute() -> None:
    """Without ticks it gives what one step over the whole log gives at the same time."""
    lines, policy = list(honest_and_liar(6)), Policy(min_validator_stake=0.0)
    reports = [entry.report for entry in read(lines) if isinstance(entry, Recorded)]
    neurons = tuple(Neuron(-1 - uid, validator_name(uid), 1000.0, True) for uid in range(5))
    known = Known(reports, Registry(0, float("-inf"), neurons), policy)
    taken = step(Chain(EMPTY), known, now=390.0, most_rounds=6)
    last = replayed(*lines)[-1]

    assert 390.0 == last["t"]
    assert [found.values["performance_score"] for found in taken.resolution.miners.values()] == [
        pytest.approx(found["performance_score"], abs=1e-6) for found in last["miners"].values()
    ]
    assert [taken.chain.memory.validators[validator_name(uid)].reputation for uid in range(5)] == [
        pytest.approx(found["reputation"], abs=1e-6) for found in last["validators"].values()
    ]


def test_a_liars_reputation_falls() -> None:
    """Who is off by 0.4 is trusted less than everyone else, and moves nothing."""
    last = replayed(*honest_and_liar(10))[-1]
    *honest, liar = [found["reputation"] for found in last["validators"].values()]

    assert liar < 0.5 * min(honest)
    assert pytest.approx(0.3, abs=0.02) == last["miners"]["0"]["performance_score"]


def test_ticks_close_rounds_of_any_length() -> None:
    """Ten ticks within a minute teach as much as ten rounds of a minute."""
    reports = [json.loads(text) for text in honest_and_liar(10)]
    stream = []
    for number, group in itertools.groupby(reports, key=lambda report: report["t"] // 60):
        stream += [json.dumps(report | {"t": number}) for report in group]
        stream.append(tick(number + 0.5))
    last = replayed(*stream)[-1]

    assert last["validators"]["4"]["reputation"] < 0.5 * last["validators"]["0"]["reputation"]


def test_the_stake_is_that_of_the_last_report() -> None:
    """Who gains stake gains weight from then on."""
    equal = [line(1, uid, score(0.5 + 0.02 * uid), stake=10) for uid in range(4)]
    grown = line(2, 3, score(0.56), stake=100)
    (before,), (after,) = replayed(*equal, tick(60)), replayed(*equal, grown, tick(60))

    assert (
        before["miners"]["7"]["performance_score"] + 0.001
        < after["miners"]["7"]["performance_score"]
    )


def test_votes_expire_between_ticks() -> None:
    """Nobody reports any more: the miner is stale, not as it was."""
    first, second = replayed(*(line(1, uid, score(0.8)) for uid in (1, 2)), tick(60), tick(1000))

    assert ("consensus", "stale") == (first["miners"]["7"]["state"], second["miners"]["7"]["state"])


def test_the_policy_decides() -> None:
    """A quorum of three is asked for, two is none; the least stake alone is not asked for."""
    reports = [line(1, uid, score(0.8), stake=1) for uid in (1, 2)]
    (answer,) = replayed(*reports, tick(60), policy=Policy(min_consensus_validators=3))

    assert "pending" == answer["miners"]["7"]["state"]


def test_the_order_of_lines_within_a_round_is_irrelevant() -> None:
    """Two recordings of the same minute give the same answer."""
    lines = [line(uid / 10, uid, score(0.5 + uid / 100)) for uid in range(20)]
    shuffled = random.Random(1).sample(lines, len(lines))

    assert replayed(*lines, tick(60)) == replayed(*shuffled, tick(60))


def test_lines_are_read_as_they_are_needed() -> None:
    """The first answer is there before a bad line behind it is seen."""
    answers = replay([line(1, 1), tick(60), "{"], Policy())

    assert 60.0 == next(answers)["t"]
    with pytest.raises(BadLine, match="line 3"):
        next(answers)


def test_more_validators_than_a_subnet_has_and_no_stake_at_all() -> None:
    """Crowds are no subnets: the number of voters is not limited, nor need they hold anything."""
    reports = (line(1, uid, score(0.8), stake=0) for uid in range(MANY))
    (answer,) = replayed(*reports, tick(60))

    assert MANY == len(answer["validators"])
    assert pytest.approx(0.8) == answer["miners"]["7"]["performance_score"]


def test_an_empty_stream_has_no_answers() -> None:
    """Nothing was reported, nothing is recomputed."""
    assert [] == replayed()


def test_a_crowd_of_hundreds_on_thousands_of_items() -> None:
    """300 workers, right on 0.55 to 0.95 of 3,000 items, five votes each: better than counting."""
    rng = random.Random(7)
    skills = [rng.uniform(0.55, 0.95) for _ in range(300)]
    truth = [rng.choice("ab") for _ in range(3000)]
    votes = [
        (item, worker, label if rng.random() < skills[worker] else "ab"[label == "a"])
        for item, label in enumerate(truth)
        for worker in rng.sample(range(300), 5)
    ]
    (answer,) = replay(votes_as_stream(votes), Policy())
    right = sum(
        found["label"] == label
        for found, label in zip(answer["miners"].values(), truth, strict=True)
    )
    counted = sum(
        sum(vote == truth[item] for vote in group) >= 3
        for item, group in (
            (item, [label for _, _, label in group])
            for item, group in itertools.groupby(votes, key=lambda vote: vote[0])
        )
    )

    assert counted + 20 < right
