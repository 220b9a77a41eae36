"""From the votes on all miners to the engine's ballot: names to positions, values to arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.domain import robust
from shared.domain.cases import Case
from shared.domain.electorate import Electorate
from shared.domain.fields import NOT_VOTED, hotkey_of, kind_of
from shared.domain.memory import Memory
from shared.domain.observations import canonical
from shared.domain.record import MinerKey
from shared.domain.weights import WeighedVote

MOST_CLASSES = 64
"""Labels with more different values are no labels to learn from; they are counted plainly."""
HOTKEY_CLASSES = 4
"""Hotkeys told apart per uid; further ones count as one."""
BOOLEANS = ("false", "true")
ABSENT_STAKE = 1e-9
"""Stake of a validator that is remembered and may not vote now."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A ballot with the names of its rows, columns and classes."""

    validators: tuple[str, ...]
    """Hotkeys, ascending: all that are remembered or vote."""
    miners: tuple[MinerKey, ...]
    """(uid, hotkey), ascending: all that are remembered or voted on."""
    ballot: robust.Ballot
    reports: Mapping[tuple[int, int], str]
    """(row, column) → id of the report that the vote is in."""
    classes: Mapping[str, tuple[str, ...]]
    """Label field → canonical JSON of each code's value."""
    lifted: robust.Bools
    """[K]: whose quarantine an operator lifted since the last closed round; a lift counts once."""

    def observed(self, received: frozenset[str]) -> robust.Bools:
        """[K, M]: which votes are in one of these reports."""
        mask = np.zeros(self.ballot.shape, dtype=bool)
        for place, report_id in self.reports.items():
            mask[place] = report_id in received
        return mask


def evidence_of(cases: Sequence[Case], electorate: Electorate, memory: Memory) -> Evidence:
    """The ballot of all current votes, on the axes of the record and of the votes together."""
    current = {case.uid: case.current for case in cases}
    voters = {each.vote.validator: each.vote.stake for row in current.values() for each in row}
    keys = {(case.uid, case.identity.hotkey or "") for case in cases}
    validators = tuple(sorted({*memory.record.validators, *voters}))
    miners = tuple(sorted({*memory.record.miners, *keys}))
    rows = {hotkey: row for row, hotkey in enumerate(validators)}
    columns = {key: column for column, key in enumerate(miners)}
    placed = [
        (rows[each.vote.validator], columns[case.uid, case.identity.hotkey or ""], each)
        for case in cases
        for each in case.current
        if case.identity.is_of(each.vote)
    ]
    shape = len(validators), len(miners)
    known = electorate.eligible
    stakes = [known.get(hotkey, voters.get(hotkey, 0.0)) for hotkey in validators]
    numbers, labels, classes = _fields(placed, shape, memory.record.classes)
    hotkeys = _hotkeys(cases, rows, columns, shape)
    ballot = robust.Ballot(
        stake=np.maximum(np.array(stakes, dtype=np.float64), ABSENT_STAKE),
        confidence=_matrix(placed, shape, 0.1, lambda each: each.weight.confidence),
        age_rounds=_ages(placed, shape, electorate),
        numbers=numbers,
        labels={**labels, **({"hotkey": hotkeys} if hotkeys else {})},
        facts=_facts(cases, columns, shape[1]),
    )
    reports = {(row, column): each.vote.report.report_id for row, column, each in placed}
    lifted = _lifted(validators, electorate, memory)
    return Evidence(validators, miners, ballot, reports, classes, lifted)


Placed = Sequence[tuple[int, int, WeighedVote]]
"""(row, column, vote)."""
Shape = tuple[int, int]


def _matrix(placed: Placed, shape: Shape, empty: float, value: Any) -> robust.Floats:
    matrix = np.full(shape, empty)
    for row, column, each in placed:
        matrix[row, column] = value(each)
    return matrix


def _ages(placed: Placed, shape: Shape, electorate: Electorate) -> robust.Floats:
    now, length = electorate.now, electorate.policy.round_seconds
    return _matrix(placed, shape, 0.0, lambda each: each.vote.age(now) / length)


def _fields(
    placed: Placed, shape: Shape, known: Mapping[str, Sequence[str]]
) -> tuple[dict[str, robust.Floats], dict[str, robust.Labels], dict[str, tuple[str, ...]]]:
    """Numbers and labels by field; a field that comes as both is what most votes make of it."""
    found: dict[tuple[str, str], list[tuple[int, int, Any]]] = {}
    for row, column, each in placed:
        for name, value in each.vote.status.items():
            if name in NOT_VOTED or isinstance(value, dict | list) or name == "last_seen":
                continue
            kind = kind_of(name, value)
            if kind == "number" or kind == "label":  # noqa: PLR1714 - narrows the type
                found.setdefault((name, kind), []).append((row, column, value))
    numbers: dict[str, robust.Floats] = {}
    labels: dict[str, robust.Labels] = {}
    classes = {name: tuple(codes) for name, codes in known.items()}
    for name, prevailing in _prevailing(found):
        votes = found[name, prevailing]
        if prevailing == "number":
            numbers[name] = _numbers(votes, shape)
            continue
        codes = _codes(votes, known.get(name, ()))
        if len(codes) <= MOST_CLASSES:
            labels[name] = _labels(votes, codes, shape)
            classes[name] = tuple(codes)
    return numbers, labels, classes


def _codes(votes: Iterable[tuple[int, int, Any]], known: Sequence[str]) -> dict[str, int]:
    """Canonical JSON → code: booleans always the same, known values as before, new ones after."""
    values = {canonical(value) for _, _, value in votes}
    first = BOOLEANS if values <= set(BOOLEANS) and not known else tuple(known)
    return {text: code for code, text in enumerate([*first, *sorted(values - set(first))])}


def _prevailing(found: Mapping[tuple[str, str], Sequence[Any]]) -> Iterable[tuple[str, str]]:
    """One kind per field, the more frequent; equally frequent: the number. Fields ascending."""
    best: dict[str, str] = {}
    for name, what in sorted(found, key=lambda key: (key[0], key[1] == "label")):
        if name not in best or len(found[name, what]) > len(found[name, best[name]]):
            best[name] = what
    return best.items()


def _numbers(votes: Iterable[tuple[int, int, Any]], shape: Shape) -> robust.Floats:
    matrix = np.full(shape, np.nan)
    for row, column, value in votes:
        matrix[row, column] = value
    return matrix


def _labels(
    votes: Iterable[tuple[int, int, Any]], codes: Mapping[str, int], shape: Shape
) -> robust.Labels:
    matrix = np.full(shape, -1, dtype=np.int64)
    for row, column, value in votes:
        matrix[row, column] = codes[canonical(value)]
    return robust.Labels(matrix, max(2, len(codes)))


def _hotkeys(
    cases: Sequence[Case],
    rows: Mapping[str, int],
    columns: Mapping[MinerKey, int],
    shape: Shape,
) -> robust.Labels | None:
    """Who is at each uid, as voted: code 0 is the hotkey that was found, others by frequency."""
    matrix = np.full(shape, -1, dtype=np.int64)
    facts = np.full(shape[1], -1, dtype=np.int64)
    for case in cases:
        column = columns[case.uid, case.identity.hotkey or ""]
        named = [(each, hotkey_of(each.vote.status)) for each in case.current]
        codes = _hotkey_codes(case, [hotkey for _, hotkey in named if hotkey])
        for each, hotkey in named:
            if hotkey:
                matrix[rows[each.vote.validator], column] = codes.get(hotkey, HOTKEY_CLASSES - 1)
        facts[column] = 0 if case.identity.chain is not None else -1
    return robust.Labels(matrix, HOTKEY_CLASSES, facts) if (matrix >= 0).any() else None


def _hotkey_codes(case: Case, named: Sequence[str]) -> dict[str, int]:
    counted = Counter(hotkey for hotkey in named if hotkey != case.identity.hotkey)
    others = sorted(counted, key=lambda hotkey: (-counted[hotkey], hotkey))
    ranked = [case.identity.hotkey or "", *others]
    return {hotkey: code for code, hotkey in enumerate(ranked[: HOTKEY_CLASSES - 1])}


def _facts(
    cases: Sequence[Case], columns: Mapping[MinerKey, int], miners: int
) -> dict[str, robust.Floats]:
    """What the chain proves about numbers: the stake."""
    stakes = np.full(miners, np.nan)
    for case in cases:
        if case.identity.chain is not None:
            stakes[columns[case.uid, case.identity.hotkey or ""]] = case.identity.chain.stake
    return {"stake": stakes}


def _lifted(validators: Sequence[str], electorate: Electorate, memory: Memory) -> robust.Bools:
    lifts = electorate.registry.overrides.lifted
    since = (memory.record.learnt_round + 1) * electorate.policy.round_seconds
    return np.array(
        [since < lifts.get(hotkey, 0.0) <= electorate.now for hotkey in validators], dtype=bool
    )
