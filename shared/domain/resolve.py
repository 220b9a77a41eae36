"""From votes to one explained status per miner. Pure: it never learns and may run at any time.

Per miner: who it is and on which votes its values rest (`cases`), what those votes say
(`estimates`), what the chain knows better, and what state that makes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.domain.cases import Case, cases_of
from shared.domain.consensus_confidence import consensus_confidence
from shared.domain.electorate import Electorate, electorate_at
from shared.domain.estimate import Estimate
from shared.domain.estimation import Estimates, Estimator
from shared.domain.fields import ADDRESSES
from shared.domain.memory import Memory
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.domain.results import Conflict, MinerResult, Resolution, Source, State
from shared.domain.robustly import robustly
from shared.domain.states import quorum_state, stake_share, waiting_since, waiting_state
from shared.domain.votes import Votes


def resolve(  # noqa: PLR0913, PLR0917 - what a consensus is made of
    votes: Votes,
    registry: Registry,
    memory: Memory,
    policy: Policy,
    now: float,
    estimator: Estimator = robustly,
) -> Resolution:
    """Resolve every miner that is voted on in the reporting window or remembered.

    `votes` are those that `votes_at` gives for the same registry, policy and `now` (seconds).
    """
    electorate = electorate_at(votes, registry, memory, policy, now)
    cases = cases_of(memory, electorate)
    estimates = estimator(cases, electorate, memory)
    return Resolution(
        miners={case.uid: _conclude(case, estimates, electorate) for case in cases},
        active_validators=electorate.active,
        eligible_validators=len(electorate.eligible),
        evidence=estimates.evidence,
    )


def _conclude(case: Case, estimates: Estimates, electorate: Electorate) -> MinerResult:
    """The miner's status: the chain's facts over the estimates of its fields."""
    chain = _chain_values(case.identity.chain)
    voted = {name: found for name, found in estimates.fields[case.uid].items() if name not in chain}
    conflicts = _conflicts(case, voted)
    heard = _heard(case, conflicts, voted)
    since = _waiting_since(case)
    return MinerResult(
        uid=case.uid,
        hotkey=case.identity.hotkey,
        state=_state(case, conflicts, heard, since, electorate),
        values=dict(sorted({**_flat(voted), **chain}.items())),
        confidence=_confidence(case, voted, estimates, electorate),
        validators=_validators(case),
        conflicts=_weighed(conflicts, heard),
        sources=_sources(case, voted, chain),
        last_updated=case.newest.signed_at if case.newest else None,
        last_reported_by_validator=_last_reporter(case),
        epoch=case.epoch,
        validator_reports_count=case.votes_count,
        is_registered=_is_registered(case, electorate),
        waiting_since=since,
    )


def _is_registered(case: Case, electorate: Electorate) -> bool:
    """Whether the chain knows the uid, or cannot tell: its facts are old, or name no miner."""
    if case.identity.chain is not None or not electorate.registry_is_fresh:
        return True
    return not electorate.registry.lists_miners


def _chain_values(neuron: Neuron | None) -> dict[str, Any]:
    """What the chain says of the miner while its facts are fresh."""
    if neuron is None:
        return {}
    if neuron.axon is None:
        return {"stake": neuron.stake}
    return {"stake": neuron.stake, "ip": neuron.axon[0], "port": neuron.axon[1]}


def _flat(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """Field → value, an address taken apart into its IP and its port."""
    values = {name: found.value for name, found in estimates.items()}
    for host, port in ADDRESSES.items():
        if host in values:
            values[host], values[port] = values[host]
    return {name: value for name, value in values.items() if value is not None}


def _conflicts(case: Case, voted: Mapping[str, Estimate]) -> tuple[Conflict, ...]:
    """That about identity first, the others by field."""
    found = (case.identity.conflict, *(estimate.conflict for estimate in voted.values()))
    return tuple(conflict for conflict in found if conflict is not None)


def _weighed(conflicts: Sequence[Conflict], heard: Mapping[str, float]) -> tuple[Conflict, ...]:
    """Each with how much of the weight gives its field; all of it, up to rounding, is 1."""
    return tuple(replace(each, heard=round(heard.get(each.field, 1.0), 9)) for each in conflicts)


def _waiting_since(case: Case) -> float | None:
    if case.has_quorum:
        return None
    if case.newest is None:  # stale: an earlier wait goes on, a new one begins with a report
        return case.remembered.waiting_since if case.remembered else None
    return waiting_since(case.remembered, case.own)


def _state(
    case: Case,
    conflicts: Sequence[Conflict],
    heard: Mapping[str, float],
    since: float | None,
    electorate: Electorate,
) -> State:
    if case.is_decided:
        return quorum_state(conflicts, heard, electorate.policy)
    if since is None or case.newest is None:
        return "stale"
    return waiting_state(since, electorate.policy, electorate.now)


def _heard(
    case: Case, conflicts: Sequence[Conflict], voted: Mapping[str, Estimate]
) -> dict[str, float]:
    """Field → how much of the weight gives it; who the miner is concerns all votes."""
    if not (conflicts and case.is_decided):  # then nobody asks
        return {}
    names_hotkey = case.identity.agreement is not None
    return case.heard(voted) | ({"hotkey": 1.0} if names_hotkey else {})


def _confidence(
    case: Case, voted: Mapping[str, Estimate], estimates: Estimates, electorate: Electorate
) -> float:
    if case.uid in estimates.confidence:
        return estimates.confidence[case.uid]
    agreements = (case.identity.agreement, *(found.agreement for found in voted.values()))
    sure = consensus_confidence(
        case.resting,
        [agreement for agreement in agreements if agreement is not None],
        stake_share([each.vote for each in case.resting], electorate.eligible),
    )
    return sure * estimates.unheard.get(case.uid, 1.0)


def _sources(
    case: Case, voted: Mapping[str, Estimate], chain: Mapping[str, Any]
) -> dict[str, Source]:
    """Where values come from that are no consensus of votes."""
    sources: dict[str, Source] = {}
    if not case.is_decided:
        sources.update(dict.fromkeys(_flat(voted), "report"))
    if case.identity.chain is not None:
        sources.update(dict.fromkeys(("hotkey", *chain), "chain"))
    return dict(sorted(sources.items()))


def _last_reporter(case: Case) -> int | None:
    """uid of whoever signed last; without a quorum, of the one whose report the values are."""
    if case.newest is None:
        return None
    if not case.is_decided:
        return case.resting[0].vote.report.validator_uid
    return case.newest.validator_uid


def _validators(case: Case) -> tuple[int, ...]:
    """uids of the validators that the values rest on, ascending."""
    if case.is_decided:
        return case.validators
    return tuple(each.vote.report.validator_uid for each in case.resting)
