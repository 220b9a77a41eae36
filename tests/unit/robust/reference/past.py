"""What is remembered: every quantity of docs/consensus.md, "What is learnt", by its own name.

Zero means the prior, everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from shared.domain.robust import Robustness
from tests.unit.robust.reference.ballot import Grid

Table = list[list[float]]  # [truth][vote]


@dataclass(frozen=True)
class Attendance:
    """By miner: how much of the running mean is known, and the share of the stake it missed."""

    known: list[float]
    missing: list[float]


@dataclass(frozen=True)
class NumberPast:
    """long, recent: [K] of [observations, sum of squares]. signal: [K] of [own squares, squares
    of the consensus, observations]. bias: [K][M]. drift: [observations, sum of squares]. The rest
    by miner: the last consensus, how sure, its error in units, and 1 where it was nobody's vote.
    """

    long: Grid
    recent: Grid
    signal: Grid
    bias: Grid
    drift: list[float]
    value: list[float]
    certainty: list[float]
    error: list[float]
    blended: list[float]
    attendance: Attendance


@dataclass(frozen=True)
class LabelPast:
    """long, recent: the confusion counts of each validator."""

    long: list[Table]
    recent: list[Table]
    attendance: Attendance


@dataclass(frozen=True)
class Copying:
    """Agreement beyond chance and room for it: between two validators, and of each one with the
    last public consensus.
    """

    same: Grid
    met: Grid
    parrot_same: list[float]
    parrot_met: list[float]


@dataclass(frozen=True)
class Past:
    """The whole memory. term: [K], rounds of quarantine left. reason: [K], as in REASONS."""

    copying: Copying
    term: list[float]
    reason: list[int]
    numbers: Mapping[str, NumberPast] = field(default_factory=dict)
    labels: Mapping[str, LabelPast] = field(default_factory=dict)

    def number(self, name: str, miners: int) -> NumberPast:
        """Of a field; nothing but zeros where it has not been seen."""
        return self.numbers.get(name) or no_number(len(self.term), miners)

    def label(self, name: str, miners: int, classes: int) -> LabelPast:
        """Of a field; nothing but zeros where it has not been seen."""
        return self.labels.get(name) or no_label(len(self.term), miners, classes)


def zeros(*shape: int) -> list[list[float]]:
    return [[0.0] * shape[1] for _ in range(shape[0])]


def no_number(validators: int, miners: int) -> NumberPast:
    return NumberPast(
        long=zeros(validators, 2),
        recent=zeros(validators, 2),
        signal=zeros(validators, 3),
        bias=zeros(validators, miners),
        drift=[0.0, 0.0],
        value=[0.0] * miners,
        certainty=[0.0] * miners,
        error=[0.0] * miners,
        blended=[0.0] * miners,
        attendance=Attendance([0.0] * miners, [0.0] * miners),
    )


def no_label(validators: int, miners: int, classes: int) -> LabelPast:
    tables = [zeros(classes, classes) for _ in range(validators)]
    return LabelPast(tables, tables, Attendance([0.0] * miners, [0.0] * miners))


def fresh(validators: int) -> Past:
    """Before the first round."""
    nobody = [0.0] * validators
    copying = Copying(zeros(validators, validators), zeros(validators, validators), nobody, nobody)
    return Past(copying, nobody, [0] * validators)


def fade(policy: Robustness, rounds: float = 1) -> float:
    """What is left of a long record."""
    return float(0.5 ** (rounds / policy.record_half_life))


def faded(table: list[list[float]], left: float) -> list[list[float]]:
    return [[each * left for each in row] for row in table]


def decay(past: Past, rounds: float, policy: Robustness) -> Past:
    """After rounds in which nobody reported."""
    left, copying = fade(policy, rounds), past.copying
    sure = 0.5 ** (rounds / policy.half_life)
    term = [max(each - rounds, 0.0) for each in past.term]
    return Past(
        copying=Copying(
            faded(copying.same, left),
            faded(copying.met, left),
            *faded([copying.parrot_same, copying.parrot_met], left),
        ),
        term=term,
        reason=[why if each > 0 else 0 for each, why in zip(term, past.reason, strict=True)],
        numbers={
            name: replace(
                one,
                long=faded(one.long, left),
                signal=faded(one.signal, left),
                drift=[each * left for each in one.drift],
                certainty=[each * sure for each in one.certainty],
            )
            for name, one in past.numbers.items()
        },
        labels={
            name: replace(one, long=[faded(table, left) for table in one.long])
            for name, one in past.labels.items()
        },
    )


def without_peers(table: Grid, gone: set[int]) -> Grid:
    """Rows and columns of those who start anew are zero."""
    return [
        [0.0 if k in gone or j in gone else each for j, each in enumerate(row)]
        for k, row in enumerate(table)
    ]


def without_rows(table: Grid, gone: set[int]) -> Grid:
    return [[0.0] * len(row) if k in gone else row for k, row in enumerate(table)]


def forgive(past: Past, gone: set[int]) -> Past:
    """Without anything that is held against the validators in `gone`."""

    def each(values: list[float]) -> list[float]:
        return [0.0 if k in gone else value for k, value in enumerate(values)]

    copying = past.copying
    return Past(
        copying=Copying(
            without_peers(copying.same, gone),
            without_peers(copying.met, gone),
            each(copying.parrot_same),
            each(copying.parrot_met),
        ),
        term=each(past.term),
        reason=[0 if k in gone else why for k, why in enumerate(past.reason)],
        numbers={name: _forgiven(one, gone) for name, one in past.numbers.items()},
        labels={
            name: replace(one, long=_blank(one.long, gone), recent=_blank(one.recent, gone))
            for name, one in past.labels.items()
        },
    )


def _forgiven(one: NumberPast, gone: set[int]) -> NumberPast:
    return replace(
        one,
        long=without_rows(one.long, gone),
        recent=without_rows(one.recent, gone),
        signal=without_rows(one.signal, gone),
        bias=without_rows(one.bias, gone),
    )


def _blank(tables: list[Table], gone: set[int]) -> list[Table]:
    return [faded(table, 0.0) if k in gone else table for k, table in enumerate(tables)]
