"""From the votes on all miners to the engine's ballot: names to positions, values to arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from shared.domain import robust
from shared.domain.cases import Case
from shared.domain.columns import Coded
from shared.domain.electorate import Electorate
from shared.domain.memory import Memory
from shared.domain.record import MinerKey
from shared.domain.votes import NONE, Votes

MOST_CLASSES = 64
"""Labels with more different values are no labels to learn from; they are counted plainly."""
HOTKEY_CLASSES = 4
"""Hotkeys told apart per uid; further ones count as one."""
BOOLEANS = ("false", "true")
ABSENT_STAKE = 1e-9
"""Stake of a validator that is remembered and may not vote now."""
Entries = TypeVar("Entries", bound=npt.NDArray[Any])


@dataclass(frozen=True)
class Evidence:
    """A ballot with the names of its rows, columns and classes."""

    validators: tuple[str, ...]
    """Hotkeys, ascending: all that are remembered or vote."""
    miners: tuple[MinerKey, ...]
    """(uid, hotkey), ascending: all that are remembered or voted on."""
    ballot: robust.Ballot
    source: robust.Ints
    """[K, M]: place in `reports` of the one that the vote is in, −1 without a vote."""
    reports: tuple[str, ...]
    """Ids of reports."""
    classes: Mapping[str, tuple[str, ...]]
    """Label field → canonical JSON of each code's value."""
    lifted: robust.Bools
    """[K]: whose quarantine an operator lifted since the last closed round; a lift counts once."""

    @cached_property
    def voted(self) -> robust.Bools:
        """[K]: who has a vote."""
        return np.asarray((self.source != NONE).any(1))

    def report_of(self, row: int, column: int) -> str | None:
        """Id of the report that a vote is in; None without a vote."""
        place = int(self.source[row, column])
        return None if place == NONE else self.reports[place]

    def observed(self, received: frozenset[str]) -> robust.Bools:
        """[K, M]: which votes are in one of these reports."""
        counts = np.array([*(report_id in received for report_id in self.reports), False])
        return np.asarray(counts[self.source])


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the votes stand on the axes of record and votes together."""

    votes: Votes
    voters: robust.Ints
    """Rows of the votes that have a row in the ballot: validators with a current vote."""
    rows: robust.Ints
    """What rows those are."""
    columns: robust.Ints
    """Column in the ballot of each miner of the votes."""
    current: robust.Bools
    """Which votes count, about whichever miner."""
    placed: robust.Bools
    """Which votes count: current, and about the miner that was found."""
    shape: tuple[int, int]

    def spread(self, matrix: Entries, empty: Any, where: robust.Bools | None = None) -> Entries:
        """The values of the votes that count (or of those `where`), `empty` elsewhere."""
        mask = self.placed if where is None else where
        whole = np.full(self.shape, empty, dtype=matrix.dtype)
        kept = np.where(mask, matrix, empty)[self.voters]
        whole[np.ix_(self.rows, self.columns)] = kept
        return whole  # type: ignore[return-value] # an array of the same kind


def own_votes(cases: Sequence[Case], electorate: Electorate) -> robust.Bools:
    """[K, M]: the current votes about the miner that was found at each uid."""
    found = {case.uid: case.identity.hotkey or None for case in cases}
    return electorate.current & electorate.votes.about(found)


def evidence_of(
    cases: Sequence[Case],
    electorate: Electorate,
    memory: Memory,
    own: robust.Bools,
    heard: robust.Bools,
) -> Evidence:
    """The ballot of all current votes, on the axes of the record and of the votes together.

    Of those on miners that are not `heard` [M] it has none; `own` is what `own_votes` gives.
    """
    votes, record = electorate.votes, memory.record
    keys = {case.uid: (case.uid, case.identity.hotkey or "") for case in cases}
    voters = np.flatnonzero(electorate.current.any(1))
    validators = tuple(sorted({*record.validators, *(votes.validators[row] for row in voters)}))
    miners = tuple(sorted({*record.miners, *keys.values()}))
    rows = {hotkey: row for row, hotkey in enumerate(validators)}
    columns = {key: column for column, key in enumerate(miners)}
    frame = _Frame(
        votes=votes,
        voters=voters,
        rows=np.array([rows[votes.validators[row]] for row in voters], dtype=np.int64),
        columns=np.array([columns[keys[uid]] for uid in votes.uids], dtype=np.int64),
        current=electorate.current & heard,
        placed=own & heard,
        shape=(len(validators), len(miners)),
    )
    numbers, labels, classes = _fields(frame, record.classes)
    hotkeys = _hotkeys(cases, frame)
    stakes = [electorate.eligible.get(hotkey, 0.0) for hotkey in validators]
    ages = votes.ages(electorate.now) / electorate.policy.round_seconds
    return Evidence(
        validators=validators,
        miners=miners,
        ballot=robust.Ballot(
            stake=np.maximum(np.array(stakes, dtype=np.float64), ABSENT_STAKE),
            confidence=frame.spread(votes.confidence, 0.1),
            age_rounds=frame.spread(ages, 0.0),
            numbers=numbers,
            labels={**labels, **({"hotkey": hotkeys} if hotkeys else {})},
            facts=_facts(cases, frame),
        ),
        source=frame.spread(votes.source, NONE),
        reports=tuple(report.report_id for report in votes.reports),
        classes=classes,
        lifted=_lifted(validators, electorate, memory),
    )


def _fields(
    frame: _Frame, known: Mapping[str, Sequence[str]]
) -> tuple[dict[str, robust.Floats], dict[str, robust.Labels], dict[str, tuple[str, ...]]]:
    """Numbers and labels by field; a field that comes as both is what most votes make of it."""
    votes = frame.votes
    numbers: dict[str, robust.Floats] = {}
    labels: dict[str, robust.Labels] = {}
    classes = {name: tuple(codes) for name, codes in known.items()}
    for name in sorted({*votes.fields("numbers"), *votes.fields("labels")}):
        values, coded = votes.numbers(name), votes.labels(name)
        measured = int((frame.placed & ~np.isnan(values)).sum())
        labelled = frame.placed & (coded.codes != NONE)
        if measured >= labelled.sum():
            if measured:
                numbers[name] = frame.spread(values, np.nan)
            continue
        codes = _codes(_values(coded, labelled), known.get(name, ()))
        if len(codes) <= MOST_CLASSES:
            renamed = np.array([*(codes.get(str(v), NONE) for v in coded.values), NONE])
            matrix = frame.spread(renamed[coded.codes], NONE)
            labels[name] = robust.Labels(matrix, max(2, len(codes)))
            classes[name] = tuple(codes)
    return numbers, labels, classes


def _values(coded: Coded, given: robust.Bools) -> set[str]:
    return {str(coded.values[code]) for code in np.unique(coded.codes[given]).tolist()}


def _codes(values: set[str], known: Sequence[str]) -> dict[str, int]:
    """Canonical JSON → code: booleans always the same, known values as before, new ones after."""
    first = BOOLEANS if values <= set(BOOLEANS) and not known else tuple(known)
    return {text: code for code, text in enumerate([*first, *sorted(values - set(first))])}


def _hotkeys(cases: Sequence[Case], frame: _Frame) -> robust.Labels | None:
    """Who is at each uid, as voted: code 0 is the hotkey that was found, others by frequency."""
    votes = frame.votes
    named = np.where(frame.current, votes.hotkeys.codes, NONE)
    if not (named != NONE).any():
        return None
    codes = np.where(named != NONE, 0, NONE)
    facts = np.full(frame.shape[1], NONE, dtype=np.int64)
    voted = [case for case in cases if case.column != NONE]
    other = (named != NONE) & ~votes.about({case.uid: case.identity.hotkey for case in voted})
    for column in np.flatnonzero(other.any(0)).tolist():
        codes[:, column] = _ranked(named[:, column], other[:, column], votes)
    for case in voted:
        facts[frame.columns[case.column]] = 0 if case.identity.chain is not None else NONE
    return robust.Labels(frame.spread(codes, NONE, frame.current), HOTKEY_CLASSES, facts)


def _ranked(named: robust.Ints, other: robust.Bools, votes: Votes) -> robust.Ints:
    """[K]: 0 for who names the hotkey that was found, then by frequency and name."""
    counted = Counter(named[other].tolist())
    ranked = sorted(counted, key=lambda code: (-counted[code], str(votes.hotkeys.values[code])))
    ranks = {code: rank for rank, code in enumerate(ranked, start=1)}
    return np.array(
        [
            min(ranks[code], HOTKEY_CLASSES - 1) if differs else min(code, 0)
            for code, differs in zip(named.tolist(), other.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _facts(cases: Iterable[Case], frame: _Frame) -> dict[str, robust.Floats]:
    """What the chain proves about numbers: the stake."""
    stakes = np.full(frame.shape[1], np.nan)
    for case in cases:
        if case.identity.chain is not None and case.column != NONE:
            stakes[frame.columns[case.column]] = case.identity.chain.stake
    return {"stake": stakes}


def _lifted(validators: Sequence[str], electorate: Electorate, memory: Memory) -> robust.Bools:
    lifts = electorate.registry.overrides.lifted
    since = electorate.policy.round_end(memory.record.learnt_round)
    return np.array(
        [since < lifts.get(hotkey, 0.0) <= electorate.now for hotkey in validators], dtype=bool
    )
