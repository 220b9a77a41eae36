"""What is true of every explanation, whatever was reported."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.explanation import ExplainedField, explain, hear
from shared.domain.memory import EMPTY
from shared.domain.policy import Policy
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.votes import votes_at
from tests.signed_rounds import SignedRounds
from tests.unit.domain.explanations import STAKES, heard
from tests.unit.domain.makers import NOW, registry, report

statuses = st.fixed_dictionaries(
    {"hotkey": st.sampled_from(["m49", "m49", "m49", "other"])},
    optional={
        "stake": st.floats(0, 1e6),
        "is_serving": st.booleans(),
        "performance_score": st.floats(0, 1),
        "current_load": st.integers(0, 50),
        "ip": st.sampled_from(["203.0.113.9", "203.0.113.8"]),
        "port": st.sampled_from([80, 8091]),
        "last_seen": st.sampled_from(["1970-01-01T02:46:59Z", "1970-01-01T02:40:00Z"]),
        "metadata": st.dictionaries(st.sampled_from("ab"), st.integers(0, 2)),
        "unknown": st.integers(0, 3) | st.sampled_from(["x", "y"]),
    },
)
ages = st.sampled_from([0, 1, 30, 250, 299, 300, 700])
logs = st.dictionaries(
    st.sampled_from([1, 2, 3, 4, 5, 9]), st.tuples(statuses, statuses, ages), min_size=1
)


def reports_of(log: Mapping[int, tuple[Any, Any, float]]) -> list[Report]:
    """Everyone's report on the miners 49 and 50."""
    return [
        report(uid, {"uid": 49, **one}, {"uid": 50, **other}, signed_at=NOW - age)
        for uid, (one, other, age) in log.items()
    ]


def hold(found: ExplainedField) -> None:
    """What must be true of any account."""
    for vote in found.votes:
        assert math.prod(vote.factors.values()) == pytest.approx(vote.weight, abs=1e-12)
    total = math.fsum(vote.weight for vote in found.votes)
    if total > 0:
        for vote in found.votes:
            assert vote.weight / total == pytest.approx(vote.share, abs=1e-9)
    if found.interval is not None:
        assert found.interval[0] <= found.value <= found.interval[1]


@given(logs)
@settings(max_examples=150, deadline=None)
def test_a_weight_is_the_product_of_its_factors(log: dict[int, Any]) -> None:
    """Of every vote on every field; and its share is its part of all weight."""
    hearing = heard(*reports_of(log))

    for uid in hearing.cases:
        for found in explain(hearing, uid).values():
            hold(found)


@given(logs)
@settings(max_examples=80, deadline=None)
def test_what_is_explained_is_what_was_resolved(log: dict[int, Any]) -> None:
    """The resolution is the one without an audience, and each field has its value."""
    reports = reports_of(log)
    hearing = heard(*reports)
    votes = votes_at(reports, registry(STAKES), Policy(), NOW)
    resolution = resolve(votes, registry(STAKES), EMPTY, Policy(), NOW)

    assert resolution == hearing.resolution
    for uid, miner in resolution.miners.items():
        values = {name: found.value for name, found in explain(hearing, uid).items()}
        known = {name: value for name, value in values.items() if value is not None}
        named = {} if miner.hotkey is None else {"hotkey": miner.hotkey}
        assert {**miner.values, **named} == known


@given(logs)
@settings(max_examples=80, deadline=None)
def test_no_vote_is_left_unexplained(log: dict[int, Any]) -> None:
    """Every value of every status in the window stands in an account, weighed or with a reason."""
    eligible = {1: ({"hotkey": "m49"}, {"hotkey": "m50"}, 0), **log}
    hearing = heard(*reports_of(eligible))

    accounts = explain(hearing, 49)

    for uid, (one, _other, _age) in log.items():
        for name in one.keys() - {"port", "ip"}:
            votes = {vote.report.validator_uid: vote for vote in accounts[name].votes}
            assert uid in votes
            assert votes[uid].weight > 0 or votes[uid].notes


def test_after_many_rounds_every_factor_is_at_work() -> None:
    """With two liars among five, learnt from over twelve rounds; the products still hold."""
    played = SignedRounds().play(12)
    record = played.audit.archive.present(1, played.stored)
    hearing = hear(record.premises(played.log.load(1, record.inputs)))
    accounts = {uid: explain(hearing, uid) for uid in hearing.cases}

    scores = [vote for fields in accounts.values() for vote in fields["performance_score"].votes]
    names = ("reputation", "precision", "robustness", "freshness", "coherence")
    assert [] == [name for name in names if all(v.factors.get(name, 1.0) == 1.0 for v in scores)]
    for fields in accounts.values():
        for found in fields.values():
            hold(found)
