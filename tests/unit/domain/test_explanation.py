"""Why a miner is what it is: every vote, what it weighs, and what became of it."""

from __future__ import annotations

import pytest

from shared.domain.explanation import explain
from shared.domain.registry import Neuron, Overrides, Registry
from tests.unit.domain.explanations import FULL, STAKES, codes, detail, field_of, heard
from tests.unit.domain.makers import NOW, registry, report, status


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
