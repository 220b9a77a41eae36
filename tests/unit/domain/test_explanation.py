"""Why a miner is what it is: every vote, what it weighs, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.explanation import ExplainedField, Hearing, Premises, explain, hear
from shared.domain.memory import EMPTY
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Overrides, Registry
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.votes import votes_at
from tests.signed_rounds import SignedRounds
from tests.unit.domain.makers import NOW, registry, report, status

STAKES = {1: 1000.0, 2: 1500.0, 3: 2500.0, 4: 40_000.0, 5: 1500.0}
FULL: dict[str, Any] = {"stake": 5.0, "is_serving": True}


def heard(*reports: Report, chain: Registry | None = None, **changes: Any) -> Hearing:
    """What these reports lead to, without any memory."""
    policy = Policy(**changes)
    return hear(Premises(reports, chain or registry(STAKES), policy, EMPTY, -1, NOW))


def field_of(name: str, *reports: Report, **given: Any) -> ExplainedField:
    """The account of one field of miner 49."""
    return explain(heard(*reports, **given), 49)[name]


def codes(found: ExplainedField) -> dict[int, list[str]]:
    """Validator uid → codes of the notes on its vote."""
    return {each.report.validator_uid: [n.code for n in each.notes] for each in found.votes}


def detail(found: ExplainedField, uid: int) -> str:
    """What the first note on a validator's vote says."""
    return next(v.notes[0].detail for v in found.votes if v.report.validator_uid == uid)


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


def test_a_number_has_the_engines_factors_by_their_documented_names() -> None:
    """All that docs/consensus.md names, and no other."""
    found = field_of(
        "performance_score", *(report(u, status(performance_score=0.8)) for u in (1, 2))
    )

    expected = (
        "stake confidence freshness standing originality reputation precision timeliness"
        " impartiality robustness coherence"
    )
    assert ["robust_average"] * 2 == [found.method] * 2
    assert [expected.split()] * 2 == [list(vote.factors) for vote in found.votes]


def test_an_outlier_is_noted() -> None:
    """It keeps nothing, and its note says why."""
    found = field_of(
        "performance_score",
        *(report(uid, status(performance_score=0.8)) for uid in (1, 2, 3)),
        report(5, status(performance_score=0.1)),
    )

    assert codes(found)[5][0] == "excluded"
    assert detail(found, 5) == "too far from where most of the stake is"


def test_a_vote_a_little_off_is_clipped() -> None:
    """It keeps a part of its weight, and the note says which."""
    found = field_of(
        "performance_score",
        *(report(uid, status(performance_score=0.8)) for uid in (1, 2, 3)),
        report(5, status(performance_score=0.675)),
    )

    assert codes(found)[5][0] == "clipped"
    assert 0 < found.votes[-1].factors["robustness"] < 1


def test_a_vote_about_another_miner_takes_no_part() -> None:
    """Its weight is 0 by the factor `counted`, except on who the miner is."""
    reports = [report(uid, status(**FULL)) for uid in (1, 2, 3)]
    other = report(5, {**status(**FULL), "hotkey": "other"})

    found = explain(heard(*reports, other), 49)

    assert detail(found["is_serving"], 5) == "about another miner, other"
    assert {"counted": 0.0} == found["is_serving"].votes[-1].factors
    assert found["hotkey"].votes[-1].weight > 0


def test_an_old_vote_takes_no_part_in_a_consensus() -> None:
    """Older than the consensus timeout, younger than the reporting window."""
    reports = [report(uid, status(**FULL)) for uid in (1, 2)]

    found = field_of("is_serving", *reports, report(3, status(**FULL), signed_at=NOW - 400))

    assert detail(found, 3) == "signed 400 s ago; a vote counts for 300 s"


@pytest.mark.parametrize(
    ("stake", "permit", "disabled", "why"),
    [
        (10.0, True, False, "its stake is below the minimum"),
        (2000.0, False, False, "its hotkey has no validator permit"),
        (2000.0, True, True, "the operator has disabled it"),
    ],
)
def test_a_vote_of_who_may_not_report_says_why(
    stake: float, permit: bool, disabled: bool, why: str
) -> None:
    """It was accepted once, and does not count now."""
    neurons = [Neuron(uid, f"v{uid}", 2000.0, True) for uid in (1, 2)]
    chosen = Overrides(frozenset({"v9"} if disabled else ()))
    chain = Registry(1, NOW, (*neurons, Neuron(9, "v9", stake, permit)), chosen)

    found = field_of("is_serving", *(report(u, status(**FULL)) for u in (1, 2, 9)), chain=chain)

    assert [[], [], ["excluded"]] == list(codes(found).values())
    assert detail(found, 9) == why


def test_without_a_quorum_the_best_report_stands_alone() -> None:
    """All others name the one that weighs more; its own share is 1."""
    reports = (report(1, status(**FULL)), report(4, status(**FULL)))

    found = field_of("is_serving", *reports, min_consensus_validators=3)

    assert found.method == "best_report"
    assert [0.0, 1.0] == [vote.share for vote in found.votes]
    assert detail(found, 1) == "no quorum, and the report of validator 4 weighs more"


def test_a_fact_of_the_chain_stands_over_the_votes() -> None:
    """They are listed all the same, and who contradicts it is noted."""
    chain = Registry(1, NOW, (*registry(STAKES).neurons, Neuron(49, "m49", 100.0)))
    reports = [report(uid, status(stake=100.0, is_serving=True)) for uid in (1, 2, 3)]

    found = field_of("stake", *reports, report(5, status(stake=900.0)), chain=chain)

    assert ("chain", 100.0, None) == (found.method, found.value, found.interval)
    assert "contradicts_chain" in codes(found)[5]
    assert [] == codes(found)[1]


def test_a_capped_stake_is_noted() -> None:
    """More than max(a quarter, 3/K) of the stake counts as that."""
    stakes = dict.fromkeys(range(1, 16), 1000.0) | {16: 45_000.0}
    reports = [report(uid, status(**FULL)) for uid in stakes]

    found = explain(heard(*reports, chain=registry(stakes)), 49)

    assert codes(found["is_serving"])[16] == ["stake_capped"]
    assert detail(found["is_serving"], 16) == "holds 75.0% of the stake and counts as 25.0%"
    assert codes(found["hotkey"])[16] == ["stake_capped"]
    assert codes(found["is_serving"])[1] == []


def test_who_names_no_address_backs_none() -> None:
    """Silence is weight that stands against every address."""
    named = status(ip="203.0.113.9", port=80)
    found = explain(heard(report(1, named), report(2, named), report(3, status())), 49)

    assert ("address", "203.0.113.9", 80) == (
        found["ip"].method,
        found["ip"].value,
        found["port"].value,
    )
    assert codes(found["ip"])[3] == ["no_address"]
    assert found["ip"].votes[2].share > 0


def test_the_most_recent_of_the_heavy_votes_is_taken() -> None:
    """The others are lighter or older, and say so."""
    seen = "1970-01-01T02:40:00Z"
    found = field_of(
        "last_seen",
        report(1, status(last_seen="1970-01-01T02:41:00Z")),
        report(4, status(last_seen=seen), signed_at=NOW - 5),
        report(3, status(last_seen="1970-01-01T02:42:00Z"), signed_at=NOW - 9),
        stake_exponent=0.1,
        stake_cap=1.0,
        high_confidence_share=0.75,
    )

    assert {1: ["lighter"], 3: ["older"], 4: []} == codes(found)
    assert seen == found.value


def test_a_uid_that_nobody_knows_is_an_error() -> None:
    """Callers look first."""
    with pytest.raises(KeyError):
        explain(heard(report(1, status())), 50)


def test_an_interval_lies_where_values_can() -> None:
    """No load is below zero and no score above one, however unsure the engine is."""
    told = [status(current_load=0, performance_score=1.0, is_serving=True)]
    load, score = (
        field_of(name, *(report(uid, *told) for uid in (1, 2)))
        for name in ("current_load", "performance_score")
    )

    assert load.interval is not None
    assert score.interval is not None
    assert load.interval[0] == 0.0 < load.interval[1]
    assert score.interval[0] < 1.0 == score.interval[1]


def test_a_band_says_in_a_word_what_a_vote_is_worth() -> None:
    """Fresh and complete is high; two half-lives old is very low; who takes no part has none."""
    found = field_of(
        "is_serving",
        *(report(uid, status(**FULL)) for uid in (1, 2)),
        report(3, status(**FULL), signed_at=NOW - 240),
        report(5, status(hotkey="other", **FULL)),
    )

    assert ["high", "high", "very low", None] == [each.band for each in found.votes]
