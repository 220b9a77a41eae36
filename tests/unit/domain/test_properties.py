"""What holds for any reports whatever: `resolve` under generated cases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.memory import EMPTY
from shared.domain.policy import Policy
from shared.domain.reports import Report
from shared.domain.results import MinerResult, Resolution
from tests.unit.domain.makers import NOW, registry, report, resolved, status, votes_on
from tests.unit.domain.plain import resolve

STAKES = {1: 1000.0, 2: 1000.0, 3: 2500.0, 4: 40_000.0, 5: 1500.0}
MINERS = (60, 61, 62)

garbage = st.sampled_from(
    [float("nan"), float("inf"), -float("inf"), 10**400, True, "1", None, [1], {"a": float("nan")}]
)
scores = st.floats(0, 1)
fields = st.fixed_dictionaries(
    {},
    optional={
        "stake": st.floats(0, 1e6) | garbage,
        "is_serving": st.booleans() | garbage,
        "performance_score": scores | garbage,
        "current_load": st.floats(-1.7e308, 1.7e308) | st.integers(0, 50) | garbage,
        "max_capacity": st.integers(1, 50) | garbage,
        "ip": st.sampled_from(["203.0.113.9", "203.0.113.8"]) | garbage,
        "port": st.sampled_from([80, 8091]) | garbage,
        "last_seen": st.sampled_from(["1970-01-01T02:46:59Z", "2024-01-01T00:00:00"]) | garbage,
        "metadata": st.dictionaries(st.sampled_from("ab"), st.integers(0, 2)) | garbage,
        "unknown": st.integers(0, 3) | st.sampled_from(["x", "y"]) | garbage,
    },
)
hotkeys = st.sampled_from(["own", "own", "own", "other", None])


@st.composite
def statuses(draw: st.DrawFn, uid: int) -> Mapping[str, Any]:
    """A status of the miner `uid`: mostly under its own hotkey, possibly full of garbage."""
    hotkey = draw(hotkeys)
    named = {} if hotkey is None else {"hotkey": f"{hotkey}{uid}"}
    return {"uid": uid, **named, **draw(fields)}


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report of some validator about some miners, up to 20 minutes old."""
    validator = draw(st.sampled_from(sorted(STAKES)))
    about = draw(st.sets(st.sampled_from(MINERS), min_size=1))
    age = draw(st.sampled_from([0, 1, 30, 60, 250, 299, 300, 700, 1200]))
    return report(validator, *(draw(statuses(uid)) for uid in sorted(about)), signed_at=NOW - age)


def distinct(drawn: list[Report]) -> list[Report]:
    """A report id is taken once."""
    return list({each.report_id: each for each in drawn}.values())


logs = st.lists(reports(), max_size=12).map(distinct)
rounds_of_scores = st.dictionaries(st.sampled_from(sorted(STAKES)), scores, min_size=2)


def scored(by: Mapping[int, float]) -> MinerResult:
    """Miner 60 after these validators gave it these performance scores."""
    # All of them vote on miner 61, so that stake shares do not depend on who votes on 60.
    batches = [
        report(uid, status(61), *([status(60, performance_score=by[uid])] if uid in by else []))
        for uid in STAKES
    ]
    return resolved(batches, STAKES).miners[60]


@given(logs, st.randoms())
def test_order_and_duplicates_are_irrelevant(log: list[Report], random: Any) -> None:
    """A shuffled log with repetitions gives the very same resolution."""
    shuffled = [*log, *random.sample(log, len(log) // 2)]
    random.shuffle(shuffled)

    assert resolved(log, STAKES) == resolved(shuffled, STAKES)


@given(logs, st.randoms())
def test_order_of_statuses_is_irrelevant(log: list[Report], random: Any) -> None:
    """A report may list its miners in any order."""
    shuffled = [
        replace(each, statuses=tuple(random.sample(each.statuses, len(each.statuses))))
        for each in log
    ]

    assert resolved(log, STAKES) == resolved(shuffled, STAKES)


@given(logs)
def test_resolving_twice_is_resolving_once(log: list[Report]) -> None:
    """Nothing is learnt from resolving."""
    votes = votes_on(log, STAKES)
    first = resolve(votes, registry(STAKES), EMPTY, Policy(), NOW)

    assert first == resolve(votes, registry(STAKES), EMPTY, Policy(), NOW)


@given(logs)
def test_nan_never_comes_out(log: list[Report]) -> None:
    """Every value, confidence and share is JSON with finite numbers; confidence lies in 0–1."""
    for result in resolved(log, STAKES).miners.values():
        details = [each.detail for each in result.conflicts]
        json.dumps([dict(result.values), result.confidence, details], allow_nan=False)

        assert 0 <= result.confidence <= 1


@given(logs, st.permutations(MINERS))
def test_permuting_miner_uids_permutes_results(log: list[Report], places: list[int]) -> None:
    """No uid is better than another."""
    moved = dict(zip(MINERS, places, strict=True))

    def move(each: Report) -> Report:
        there = [{**one, "uid": moved[one["uid"]]} for one in each.statuses]
        return report(each.validator_uid, *there, signed_at=each.signed_at)

    before, after = resolved(log, STAKES), resolved(map(move, log), STAKES)

    assert {moved[uid]: _about(result) for uid, result in before.miners.items()} == {
        uid: _about(result) for uid, result in after.miners.items()
    }


def _about(result: MinerResult) -> tuple[Any, ...]:
    return (result.hotkey, result.state, result.values, result.confidence, result.conflicts)


@given(logs)
def test_states_and_votes_fit(log: list[Report]) -> None:
    """Consensus rests on two validators at least, an individual report on one, stale on none."""
    resolution: Resolution = resolved(log, STAKES)
    for result in resolution.miners.values():
        voters = len(result.validators)

        assert result.has_quorum == (result.waiting_since is None and result.state != "stale")
        assert (result.state != "consensus") or voters >= 2
        assert (result.state not in ("pending", "fallback")) or voters == 1
        assert set(result.validators) <= set(STAKES)


@given(rounds_of_scores)
def test_a_value_lies_within_the_reports(by: dict[int, float]) -> None:
    """The mean is never outside the range of what was reported, not even by a rounding error."""
    value = scored(by).values["performance_score"]

    assert min(by.values()) <= value <= max(by.values())


@given(rounds_of_scores, scores)
def test_one_validators_influence_is_its_share(by: dict[int, float], other: float) -> None:
    """Changing one report moves the value by less than the report moved, and in its direction."""
    liar = min(by)
    before, after = scored(by), scored({**by, liar: other})
    moved = after.values["performance_score"] - before.values["performance_score"]
    reported = other - by[liar]

    assert -1e-12 <= moved * (1 if reported > 0 else -1) <= abs(reported) + 1e-12


@settings(max_examples=200)
@given(rounds_of_scores.filter(lambda by: len(by) < len(STAKES)), scores)
def test_an_agreeing_report_never_moves_the_value_away(by: dict[int, float], truth: float) -> None:
    """One more report of the truth leaves the value where it is or brings it nearer."""
    newcomer = min(set(STAKES) - set(by))
    before, after = scored(by), scored({**by, newcomer: truth})

    assert (
        abs(after.values["performance_score"] - truth)
        <= abs(before.values["performance_score"] - truth) + 1e-12
    )
