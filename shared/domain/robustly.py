"""The robust estimator: the engine's findings as estimates, explained like the plain ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from shared.domain import robust
from shared.domain.audience import audience, is_heard
from shared.domain.ballots import Evidence, evidence_of, own_votes
from shared.domain.cases import Case
from shared.domain.electorate import Electorate
from shared.domain.estimate import Estimate
from shared.domain.estimates import estimate, plainly
from shared.domain.estimation import Estimates
from shared.domain.memory import Memory
from shared.domain.observations import Tally, canonical, conflict_of, tally
from shared.domain.remainder import estimate_remainder
from shared.domain.results import Conflict, ConflictKind
from shared.domain.votes import NONE, Votes

Found = Iterator[tuple[int, Estimate]]
"""Place of the case, estimate."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """The cases whose values rest on votes together, and where they stand."""

    cases: Sequence[Case]
    at: Sequence[int]
    """Their columns in the ballot."""
    votes: Votes

    def tallies(self, place: int, name: str, given: robust.Bools) -> list[Tally]:
        """The votes on one field of a case, where it is `given`, counted plainly."""
        return tally(self.cases[place].observations(name, given))


def robustly(cases: Sequence[Case], electorate: Electorate, memory: Memory) -> Estimates:
    """Numbers and labels by the engine where there is a quorum and enough of the stake speaks of
    the miner; the rest, and single reports, plainly.
    """
    if not electorate.current.any():
        return plainly(cases, electorate, memory)
    policy = electorate.policy
    own = own_votes(cases, electorate)
    audiences = audience(own, electorate)
    heard = is_heard(audiences)
    evidence = evidence_of(cases, electorate, memory, own, heard)
    arrays = memory.record.at(evidence.validators, evidence.miners)
    found = robust.resolve(evidence.ballot, arrays, policy)
    columns = {key: column for column, key in enumerate(evidence.miners)}
    decided = [case for case in cases if case.is_decided]
    chosen = [case for case in decided if heard[case.column]]
    at = [columns[case.uid, case.identity.hotkey or ""] for case in chosen]
    estimates = _robust(_Decided(chosen, at, electorate.votes), found, evidence)
    ours = found.numbers.keys() | (found.labels.keys() & evidence.classes.keys())
    others = estimate_remainder(chosen, electorate, frozenset(ours))
    fields = {
        case.uid: dict(sorted({**by_engine, **rest}.items()))
        for case, by_engine, rest in zip(chosen, estimates, others, strict=True)
    }
    fields |= {case.uid: estimate(case.resting, policy) for case in cases if case.uid not in fields}
    confidence = zip((case.uid for case in chosen), found.confidence[at].tolist(), strict=True)
    unheard = {
        case.uid: float(audiences[case.column]) for case in decided if not heard[case.column]
    }
    return Estimates(fields, dict(confidence), evidence, found, unheard)


def _robust(
    decided: _Decided, found: robust.Resolution, evidence: Evidence
) -> list[dict[str, Estimate]]:
    """The engine's word on each number and label that was voted on."""
    estimates: list[dict[str, Estimate]] = [{} for _ in decided.cases]
    for name, number in found.numbers.items():
        for place, estimated in _numbers(name, number, decided):
            estimates[place][name] = estimated
    for name in found.labels.keys() & evidence.classes.keys():
        for place, estimated in _labels(name, found.labels[name], evidence, decided):
            estimates[place][name] = estimated
    return estimates


def _numbers(name: str, number: robust.Number, decided: _Decided) -> Found:
    at, given = decided.at, ~np.isnan(decided.votes.numbers(name))
    values, outside = number.value[at].tolist(), number.outside[at].tolist()
    kinds = _kinds(number.contested[at], "contested") | _kinds(number.dispersed[at], "dispersed")
    for place in np.flatnonzero(np.any(number.weights[:, at], axis=0)).tolist():
        conflict = _conflict(name, kinds.get(place), decided, place, given)
        yield place, Estimate(values[place], 1 - outside[place], conflict)


def _labels(name: str, label: robust.Label, evidence: Evidence, decided: _Decided) -> Found:
    at, given = decided.at, decided.votes.labels(name).codes != NONE
    shares, classes = label.share[at].tolist(), evidence.classes[name]
    known = [*map(json.loads, classes), None]
    values = [known[code] for code in label.code[at].tolist()]
    for place, tied in _ties(label.tally[at], classes):
        told = (each.value for each in decided.tallies(place, name, given))
        values[place] = next((v for v in told if canonical(v) in tied), values[place])
    kinds = _kinds(label.contested[at], "contested") | _kinds(~label.majority[at], "no_majority")
    for place in np.flatnonzero(np.any(label.weights[:, at], axis=0)).tolist():
        conflict = _conflict(name, kinds.get(place), decided, place, given)
        yield place, Estimate(values[place], shares[place], conflict)


def _kinds(disagree: robust.Bools, kind: ConflictKind) -> dict[int, ConflictKind]:
    """Place → `kind` where it is so."""
    return dict.fromkeys(np.flatnonzero(disagree).tolist(), kind)


def _conflict(
    name: str, kind: ConflictKind | None, decided: _Decided, place: int, given: robust.Bools
) -> Conflict | None:
    return None if kind is None else conflict_of(name, kind, decided.tallies(place, name, given))


def _ties(weights: robust.Floats, classes: Sequence[str]) -> Iterator[tuple[int, set[str]]]:
    """Where classes are of equal weight, which: there the plain order decides."""
    heaviest = weights.max(1, keepdims=True)
    tied = (heaviest > 0) & (weights >= heaviest * (1 - 1e-9))
    for place in np.flatnonzero(tied.sum(1) > 1).tolist():
        yield place, {text for text, ties in zip(classes, tied[place], strict=False) if ties}
