"""One report as columns: each field's values in the order of its statuses, typed once.

A report never changes, so an instance that keeps it keeps its columns too: a recompute then only
gathers what other recomputes have read already.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from shared.domain.confidence import report_confidence
from shared.domain.fields import ADDRESSES, NOT_VOTED, address_of, hotkey_of, kind_of
from shared.domain.observations import canonical
from shared.domain.packed import PackedValues

if TYPE_CHECKING:
    from shared.domain.reports import Report

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coded:
    """Values as small numbers: `codes` [N] are places in `values`, −1 where there is none."""

    values: Sequence[Hashable]
    codes: Ints


@dataclass(frozen=True, slots=True)
class Columns:
    """The N statuses of a report; every array is [N]. Values of a wrong type count as missing."""

    uids: Ints
    confidence: Floats
    """Confidence of the report about each miner, 0.1–1."""
    hotkeys: Coded
    numbers: Mapping[str, Floats]
    """Field → values, NaN where there is none."""
    labels: Mapping[str, Coded]
    """Field → canonical JSON of the values."""
    addresses: Mapping[str, Coded]
    """Field of the IP → (IP, port)."""
    recent: Mapping[str, Bools]
    """Field whose most recent value counts → where it is given."""


@dataclass(slots=True)
class _Coder:
    """Gives values their codes, one status after the other."""

    length: int
    known: dict[Hashable, int] = field(default_factory=dict)
    codes: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.codes = [-1] * self.length

    def put(self, place: int, value: Hashable) -> None:
        self.codes[place] = self.known.setdefault(value, len(self.known))

    def coded(self) -> Coded:
        return Coded(PackedValues.of(self.known), np.array(self.codes, dtype=np.int64))


def columns_of(report: Report) -> Columns:
    """The columns of a report."""
    statuses = report.statuses
    numbers, labels, recent = _fields(statuses)
    confidence = [report_confidence(status, report.signed_at) for status in statuses]
    return Columns(
        uids=np.array([status["uid"] for status in statuses], dtype=np.int64),
        confidence=np.array(confidence, dtype=np.float64),
        hotkeys=_coded([hotkey_of(status) for status in statuses]),
        numbers=numbers,
        labels=labels,
        addresses={
            name: _coded([address_of(status, name) for status in statuses]) for name in ADDRESSES
        },
        recent=recent,
    )


def _fields(
    statuses: Sequence[Mapping[str, Any]],
) -> tuple[dict[str, Floats], dict[str, Coded], dict[str, Bools]]:
    """Numbers, labels and the places of most recent values, by field."""
    count = len(statuses)
    numbers: dict[str, list[float]] = {}
    labels: dict[str, _Coder] = {}
    recent: dict[str, list[bool]] = {}
    for place, status in enumerate(statuses):
        for name, value in status.items():
            kind = None if name in NOT_VOTED else kind_of(name, value)
            if kind == "number":
                numbers.setdefault(name, [np.nan] * count)[place] = value
            elif kind == "label":
                labels.setdefault(name, _Coder(count)).put(place, canonical(value))
            elif kind == "recent":
                recent.setdefault(name, [False] * count)[place] = True
    return (
        {name: np.array(values, dtype=np.float64) for name, values in numbers.items()},
        {name: coder.coded() for name, coder in labels.items()},
        {name: np.array(given, dtype=bool) for name, given in recent.items()},
    )


def _coded(values: Sequence[Hashable | None]) -> Coded:
    coder = _Coder(len(values))
    for place, value in enumerate(values):
        if value is not None:
            coder.put(place, value)
    return coder.coded()


def recoded(
    parts: Sequence[Coded | None], lengths: Sequence[int], entries: Sequence[Ints]
) -> tuple[tuple[Hashable, ...], list[Ints]]:
    """One coding for the columns of several reports: values, and each report's codes [N].

    N are the `lengths`. Only values at the `entries` that are asked for get a code; a report whose
    part is None, or of which no entry is asked for, has −1 throughout.
    """
    codes: dict[Hashable, int] = {}
    found: list[Ints] = []
    for coded, length, asked in zip(parts, lengths, entries, strict=True):
        if coded is None or not asked.size:
            found.append(np.full(length, -1))
            continue
        is_held = np.zeros(len(coded.values) + 1, dtype=bool)
        is_held[coded.codes[asked]] = True
        is_held[-1] = False
        held = compress(coded.values, is_held.tolist())
        known = np.full(is_held.size, -1)
        known[is_held] = [codes.setdefault(value, len(codes)) for value in held]
        found.append(known[coded.codes])
    return tuple(codes), found
