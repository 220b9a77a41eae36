"""The robust estimator: the engine's findings as estimates, explained like the plain ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain import robust
from shared.domain.ballots import Evidence, evidence_of
from shared.domain.cases import Case
from shared.domain.electorate import Electorate
from shared.domain.estimate import Estimate
from shared.domain.estimates import estimate, observations, plainly
from shared.domain.estimation import Estimates
from shared.domain.memory import Memory
from shared.domain.observations import Tally, canonical, conflict_of, tally
from shared.domain.results import Conflict, ConflictKind


def robustly(cases: Sequence[Case], electorate: Electorate, memory: Memory) -> Estimates:
    """Numbers and labels by the engine where there is a quorum; the rest, and single reports,
    plainly.
    """
    policy = electorate.policy
    if not any(case.current for case in cases):
        return plainly(cases, electorate, memory)
    evidence = evidence_of(cases, electorate, memory)
    arrays = memory.record.at(evidence.validators, evidence.miners)
    found = robust.resolve(evidence.ballot, arrays, policy)
    ours = found.numbers.keys() | (found.labels.keys() & evidence.classes.keys())
    columns = {key: column for column, key in enumerate(evidence.miners)}
    fields: dict[int, Mapping[str, Estimate]] = {}
    confidence: dict[int, float] = {}
    for case in cases:
        if case.has_quorum or case.is_contested:
            column = columns[case.uid, case.identity.hotkey or ""]
            estimates = _robust(case, column, found, evidence)
            estimates |= estimate(case.resting, policy, without=ours)
            fields[case.uid] = dict(sorted(estimates.items()))
            confidence[case.uid] = float(found.confidence[column])
        else:
            fields[case.uid] = estimate(case.resting, policy)
    return Estimates(fields, confidence, evidence, found)


def _robust(
    case: Case, column: int, found: robust.Resolution, evidence: Evidence
) -> dict[str, Estimate]:
    """The engine's word on each number and label that was voted on."""
    estimates: dict[str, Estimate] = {}
    for name, number in found.numbers.items():
        if number.weights[:, column].any():
            conflict = _conflict(name, "dispersed", number, number.dispersed, column, case)
            value = float(number.value[column])
            estimates[name] = Estimate(value, 1 - float(number.outside[column]), conflict)
    for name in found.labels.keys() & evidence.classes.keys():
        label = found.labels[name]
        if label.weights[:, column].any():
            conflict = _conflict(name, "no_majority", label, ~label.majority, column, case)
            value = _label_value(name, label, column, evidence.classes[name], case)
            estimates[name] = Estimate(value, float(label.share[column]), conflict)
    return estimates


def _tallies(name: str, case: Case) -> list[Tally]:
    """The votes on one field, counted plainly."""
    found = observations(case.resting).get(name)
    return tally(found[1]) if found else []


def _conflict(  # noqa: PLR0913, PLR0917 - one cell of the engine's findings
    name: str,
    kind: ConflictKind,
    result: robust.Number | robust.Label,
    disagrees: robust.Bools,
    column: int,
    case: Case,
) -> Conflict | None:
    """`kind` where the weights disagree, else `contested` where nearly half of the stake does."""
    if disagrees[column]:
        return conflict_of(name, kind, _tallies(name, case))
    if result.contested[column]:
        return conflict_of(name, "contested", _tallies(name, case))
    return None


def _label_value(
    name: str, label: robust.Label, column: int, classes: Sequence[str], case: Case
) -> Any:
    """The heaviest class; classes of equal weight as the plain vote orders them."""
    weights = label.tally[column]
    tied = weights >= weights.max() * (1 - 1e-9)
    if tied.sum() < 2:
        return json.loads(classes[label.code[column]])
    names = [text for text, ties in zip(classes, tied, strict=False) if ties]
    winner = json.loads(classes[label.code[column]])
    tied_values = (each.value for each in _tallies(name, case) if canonical(each.value) in names)
    return next(tied_values, winner)
