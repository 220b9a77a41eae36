"""One look at all votes says the same as one vote after the other, under generated cases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.agreement import agreements
from shared.domain.cases import cases_of
from shared.domain.confidence import report_confidence
from shared.domain.electorate import Electorate, electorate_at
from shared.domain.estimates import estimate
from shared.domain.fields import hotkey_of
from shared.domain.holders import holders
from shared.domain.identity import Identity, identify
from shared.domain.memory import EMPTY, Memory, ValidatorMemory
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.domain.remainder import estimate_remainder
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.votes import votes_at
from tests.unit.domain import reference
from tests.unit.domain.makers import NOW, registry, report, status
from tests.unit.domain.test_properties import MINERS, STAKES, logs

POLICY = Policy()
chains = st.sampled_from([registry(STAKES), registry(STAKES, synced_at=NOW - 10_000)]).flatmap(
    lambda chain: st.sampled_from(
        [chain, replace(chain, neurons=(*chain.neurons, Neuron(60, "own60", 77.0)))]
    )
)
memories = st.sampled_from(
    [
        EMPTY,
        Memory(round=150, validators={"v4": ValidatorMemory(1, 150, reputation=0.0)}),
        Memory(round=150, validators={"v3": ValidatorMemory(1, 150, reputation=0.4)}),
    ]
)


def electorate(log: list[Report], chain: Registry, memory: Memory = EMPTY) -> Electorate:
    """Everyone as of now."""
    return electorate_at(votes_at(log, chain, POLICY, NOW), chain, memory, POLICY, NOW)


def _rounded(found: Identity) -> Identity:
    """Shares of the weight add up to 1 but for rounding."""
    agreement = None if found.agreement is None else round(found.agreement, 9)
    conflict = found.conflict and replace(
        found.conflict,
        detail=tuple((value, round(share, 9)) for value, share in found.conflict.detail),
    )
    return replace(found, agreement=agreement, conflict=conflict)


@given(logs)
def test_the_votes_are_the_latest_statuses(log: list[Report]) -> None:
    """With the confidence that their reports deserve."""
    chain = registry(STAKES)
    votes = votes_at(log, chain, POLICY, NOW)
    expected = {
        uid: [
            (hotkey, report.report_id, status, report_confidence(status, report.signed_at))
            for hotkey, (report, status) in sorted(by_validator.items())
        ]
        for uid, by_validator in reference.held_at(log, chain, POLICY, NOW).items()
    }

    assert expected == {
        uid: [(v.validator, v.report.report_id, v.status, v.confidence) for v in votes[uid]]
        for uid in votes
    }


@given(logs)
def test_the_holders_are_those_of_the_latest_statuses(log: list[Report]) -> None:
    """Everybody here may report, so both ways of asking agree."""
    held = reference.held_at(log, registry(STAKES), POLICY, NOW)
    expected = {report.report_id for row in held.values() for report, _ in row.values()}

    assert expected == holders(log, POLICY, [NOW])
    assert tuple(sorted(expected)) == votes_at(log, registry(STAKES), POLICY, NOW).held


@given(logs, chains, memories)
def test_who_a_miner_is_does_not_depend_on_the_short_cut(
    log: list[Report], chain: Registry, memory: Memory
) -> None:
    """Where all votes name one hotkey, weighing them says the same."""
    voters = electorate(log, chain, memory)

    for case in cases_of(memory, voters):
        weighed = case.current or voters.weigh_individually(case.votes)
        expected = identify(weighed, chain.of_uid(case.uid), voters.registry_is_fresh, POLICY)

        assert _rounded(expected) == _rounded(case.identity)


@given(logs, chains, memories)
def test_quorum_and_voters_are_counted_as_by_hand(
    log: list[Report], chain: Registry, memory: Memory
) -> None:
    """Distinct validators with a current vote about this miner, quarantine left out."""
    voters = electorate(log, chain, memory)

    for case in cases_of(memory, voters):
        counting = [
            each.vote.report
            for each in case.current
            if each.counts and hotkey_of(each.vote.status) in (None, case.identity.hotkey)
        ]
        assert case.has_quorum == (len(counting) >= POLICY.min_consensus_validators)
        if case.has_quorum:
            assert case.validators == tuple(sorted(report.validator_uid for report in counting))
        assert case.votes_count == len(case.votes)
        own = [vote.report for vote in case.own]
        assert case.newest == max(own, key=lambda report: report.order, default=None)


@given(logs, chains, memories)
def test_the_remainder_is_what_the_plain_estimator_says(
    log: list[Report], chain: Registry, memory: Memory
) -> None:
    """Most recent values, addresses, and fields that come in several kinds."""
    decided = [case for case in cases_of(memory, electorate(log, chain, memory)) if case.is_decided]
    found = estimate_remainder(decided, electorate(log, chain, memory), frozenset())

    assert [estimate(case.resting, POLICY) for case in decided] == found


@given(logs, chains)
def test_agreement_is_counted_as_by_hand(log: list[Report], chain: Registry) -> None:
    """Per validator and miner, and how far the furthest number lies off."""
    votes = votes_at(log, chain, POLICY, NOW)
    resolution = resolve(votes, chain, EMPTY, POLICY, NOW)
    expected = reference.agreement(
        resolution, reference.held_at(log, chain, POLICY, NOW), POLICY, NOW
    )
    found = agreements(resolution, votes, POLICY, NOW)

    assert {hotkey: each[0] for hotkey, each in expected.items()} == {
        hotkey: dict(each.miners) for hotkey, each in found.items()
    }
    assert {hotkey: pytest.approx(each[1]) for hotkey, each in expected.items()} == {
        hotkey: abs(each.furthest.tolerances) if each.furthest else 0.0
        for hotkey, each in found.items()
    }


@given(logs)
def test_of_too_many_miners_those_count_that_most_validators_see(log: list[Report]) -> None:
    """Registered ones first, then by votes, then the smaller uid."""
    chain = registry(STAKES)
    chain = replace(chain, neurons=(*chain.neurons, Neuron(MINERS[-1], "own62", 5.0)))
    held = reference.held_at(log, chain, POLICY, NOW)
    ranked = sorted(held, key=lambda uid: (uid != MINERS[-1], -len(held[uid]), uid))

    assert sorted(ranked[:2]) == list(votes_at(log, chain, replace(POLICY, max_miners=2), NOW))


def test_a_number_near_the_greatest_float_is_a_number() -> None:
    """Its 90 % interval is infinite; nothing overflows on the way."""
    chain = registry({1: 1000.0})
    log = [report(1, status(60, current_load=1.7e308))]
    votes = votes_at(log, chain, POLICY, NOW)

    assert 1.7e308 == resolve(votes, chain, EMPTY, POLICY, NOW).miners[60].values["current_load"]
