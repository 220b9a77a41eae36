"""All votes of a subnet at one time: validators × miners, gathered from the columns of reports.

A validator's vote on a miner is its latest status of that miner by the sender's signing time: one
vote however often it posted. A later status replaces the whole earlier one; leaving a miner out is
abstention.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from shared.domain.columns import Bools, Coded, Columns, Floats, Ints, recoded
from shared.domain.fields import ADDRESSES
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Report, Status, Vote

Entry = TypeVar("Entry", bound=np.generic)
NONE = -1
OTHER = -2
"""Code of a value that no vote gives."""


@dataclass(frozen=True, eq=False)
class Votes(Mapping[int, Sequence[Vote]]):
    """K validators by M miners; as a mapping, uid → its votes ordered by the validator's hotkey.

    So nothing downstream can depend on the order of arrival. Matrices are [K, M].
    """

    validators: tuple[str, ...]
    """Hotkeys of all that hold a vote, ascending."""
    stakes: Floats
    """[K]: their stakes by the registry, TAO."""
    uids: tuple[int, ...]
    """Miners voted on, ascending."""
    reports: tuple[Report, ...]
    """In the order that makes one later than another."""
    source: Ints
    """Which of the reports holds the vote; −1: no vote."""
    entry: Ints
    """Which status of that report it is."""
    _numbers: dict[str, Floats] = field(default_factory=dict, init=False, repr=False)
    _labels: dict[str, Coded] = field(default_factory=dict, init=False, repr=False)
    _gives: dict[str, Bools] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, uid: int) -> list[Vote]:
        """The votes on one miner."""
        column = self.columns[uid]
        sources, entries = self.source[:, column].tolist(), self.entry[:, column].tolist()
        told = self.confidence[:, column].tolist()
        return [
            Vote(self.reports[source], stake, self.reports[source].statuses[entry], confidence)
            for source, entry, stake, confidence in zip(
                sources, entries, self.stakes.tolist(), told, strict=True
            )
            if source != NONE
        ]

    def __iter__(self) -> Iterator[int]:
        """uids, ascending."""
        return iter(self.uids)

    def __len__(self) -> int:
        """How many miners are voted on."""
        return len(self.uids)

    @cached_property
    def columns(self) -> Mapping[int, int]:
        """uid → its column."""
        return {uid: column for column, uid in enumerate(self.uids)}

    @cached_property
    def given(self) -> Bools:
        """Where there is a vote."""
        return np.asarray(self.source != NONE)

    @cached_property
    def signed_at(self) -> Floats:
        """Signing times, seconds; −∞ without a vote."""
        times = [*(report.signed_at for report in self.reports), -np.inf]
        return np.array(times, dtype=np.float64)[self.source]

    def ages(self, now: float) -> Floats:
        """Seconds since signing, 0 if signed in the future; ∞ without a vote."""
        return np.maximum(now - self.signed_at, 0.0)

    @cached_property
    def confidence(self) -> Floats:
        """Confidence of the reports, 0.1–1; 0.1 without a vote."""
        return self._gather([columns.confidence for columns in self._columns], 0.1)

    @cached_property
    def held(self) -> tuple[str, ...]:
        """Ids of the reports that hold a vote, ascending."""
        holding = np.unique(self.source[self.given]).tolist()
        return tuple(sorted(self.reports[place].report_id for place in holding))

    def numbers(self, name: str) -> Floats:
        """Values of a number, NaN where there is none."""
        if name not in self._numbers:
            self._numbers[name] = self._gather(
                [c.numbers.get(name, np.full(c.uids.size, np.nan)) for c in self._columns], np.nan
            )
        return self._numbers[name]

    def labels(self, name: str) -> Coded:
        """Canonical JSON of a label's values, with codes [K, M]."""
        if name not in self._labels:
            self._labels[name] = self._coded([c.labels.get(name) for c in self._columns])
        return self._labels[name]

    def addresses(self, name: str) -> Coded:
        """(IP, port) by the field of the IP, with codes [K, M]."""
        return self._coded([columns.addresses[name] for columns in self._columns])

    def recent(self, name: str) -> Bools:
        """Where a field whose most recent value counts is given."""
        columns = [c.recent.get(name, np.zeros(c.uids.size, dtype=bool)) for c in self._columns]
        return self._gather(columns, False)

    @cached_property
    def hotkeys(self) -> Coded:
        """Hotkeys that the votes name, with codes [K, M]."""
        return self._coded([columns.hotkeys for columns in self._columns])

    @cached_property
    def hotkey_codes(self) -> Mapping[Hashable, int]:
        """Hotkey → its code."""
        return {hotkey: code for code, hotkey in enumerate(self.hotkeys.values)}

    def fields(self, kind: str) -> tuple[str, ...]:
        """Names of the fields of a kind of columns ("numbers", "labels", "recent"), ascending."""
        return self._names[kind]

    def told(self, rows: Ints, column: int, name: str) -> list[Any]:
        """What these votes on one miner say of a field that they give.

        Read from the columns where it stands there, as reading statuses takes time.
        """
        if name in self._names["numbers"]:
            numbers = self.numbers(name)[rows, column]
            if not np.isnan(numbers).any():
                return list(numbers.tolist())
        if name in self._names["labels"]:
            labels = self.labels(name)
            codes = labels.codes[rows, column]
            if (codes != NONE).all():
                return [json.loads(str(labels.values[code])) for code in codes.tolist()]
        return [status[name] for status in self.statuses(rows, column)]

    def gives(self, name: str) -> Bools:
        """Which votes give a field, an address by the field of its IP."""
        if name not in self._gives:
            given = self.recent(name)
            if name in ADDRESSES:
                given |= self.addresses(name).codes != NONE
            if name in self._names["numbers"]:
                given |= ~np.isnan(self.numbers(name))
            if name in self._names["labels"]:
                given |= self.labels(name).codes != NONE
            self._gives[name] = given
        return self._gives[name]

    def statuses(self, rows: Ints, column: int) -> list[Status]:
        """The statuses that these votes on one miner are."""
        sources, entries = self.source[rows, column].tolist(), self.entry[rows, column].tolist()
        return [
            self.reports[source].statuses[entry]
            for source, entry in zip(sources, entries, strict=True)
        ]

    def about(self, hotkeys: Mapping[int, str | None]) -> Bools:
        """Which votes are about the miner with this hotkey (uid → hotkey) or name none at all."""
        codes = [self.hotkey_codes.get(hotkeys.get(uid), OTHER) for uid in self.uids]
        named, own = self.hotkeys.codes, np.array(codes, dtype=np.int64)
        return np.asarray(self.given & ((named == NONE) | (named == own)))

    def among(self, reports: Collection[str]) -> Bools:
        """Which votes are in one of these reports, by their ids."""
        known = [*(report.report_id in reports for report in self.reports), False]
        return np.asarray(np.array(known, dtype=bool)[self.source])

    def is_current(self, policy: Policy, now: float) -> Bools:
        """Which votes count towards quorum and consensus."""
        return np.asarray(self.ages(now) < policy.consensus_timeout)

    @cached_property
    def _columns(self) -> list[Columns]:
        return [report.columns for report in self.reports]

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        names = {
            kind: {name for columns in self._columns for name in getattr(columns, kind)}
            for kind in ("numbers", "labels", "recent")
        }
        return {kind: tuple(sorted(found)) for kind, found in names.items()}

    @cached_property
    def _places(self) -> Ints:
        """Place of each vote in the columns of all reports, one after the other; −1: the last."""
        lengths = [len(report.statuses) for report in self.reports]
        starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        return np.where(self.given, starts[self.source] + self.entry, NONE)

    def _gather(self, columns: Sequence[npt.NDArray[Entry]], empty: Any) -> npt.NDArray[Entry]:
        """Values of the votes from the columns of all reports, `empty` where there is no vote."""
        if not columns:
            return np.full(self.source.shape, empty)
        end = np.array([empty], dtype=columns[0].dtype)
        return np.concatenate([*columns, end])[self._places]

    def _coded(self, columns: Sequence[Coded | None]) -> Coded:
        """One coding for all reports."""
        lengths = [each.uids.size for each in self._columns]
        values, parts = recoded(columns, lengths, self._held_entries)
        return Coded(values, self._gather(parts, NONE))

    @cached_property
    def _held_entries(self) -> Sequence[Ints]:
        """Of each report, which statuses are votes: nobody asks what the others say."""
        sources = self.source[self.given]
        order = np.argsort(sources, kind="stable")
        ends = np.searchsorted(sources[order], np.arange(1, len(self.reports)))
        return np.split(self.entry[self.given][order], ends)[: len(self.reports)]


def votes_at(reports: Iterable[Report], registry: Registry, policy: Policy, now: float) -> Votes:
    """The votes in the reporting window at `now`, one per eligible validator and miner.

    Only reports received before `now` count, and at most `max_miners` uids: registered ones
    first, then those on which most validators vote, then the smaller uid.
    """
    eligible = registry.eligible(policy)
    counting = sorted(
        (
            report
            for report in reports
            if report.hotkey in eligible and report.statuses and in_window(report, policy, now)
        ),
        key=lambda report: report.order,
    )
    validators = tuple(sorted({report.hotkey for report in counting}))
    uids = _ascending(report.columns.uids for report in counting)
    source, entry = _latest(counting, validators, uids)
    kept = _kept(source, uids, registry, policy.max_miners)
    return Votes(
        validators=validators,
        stakes=np.array([eligible[hotkey].stake for hotkey in validators], dtype=np.float64),
        uids=tuple(uids[kept].tolist()),
        reports=tuple(counting),
        source=source[:, kept],
        entry=entry[:, kept],
    )


def in_window(report: Report, policy: Policy, now: float) -> bool:
    """Whether it was received by `now` (seconds) and signed within the reporting window before."""
    return report.received_at <= now and now - report.signed_at < policy.reporting_window


def _ascending(columns: Iterable[Ints]) -> Ints:
    found = list(columns)
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)


def _latest(reports: Sequence[Report], validators: Sequence[str], uids: Ints) -> tuple[Ints, Ints]:
    """Which report holds each vote and where; `reports` from earlier to later."""
    rows = {hotkey: row for row, hotkey in enumerate(validators)}
    source = np.full((len(validators), uids.size), NONE, dtype=np.int64)
    entry = np.zeros_like(source)
    for place, report in enumerate(reports):
        row, columns = rows[report.hotkey], np.searchsorted(uids, report.columns.uids)
        source[row, columns] = place
        entry[row, columns] = np.arange(columns.size)
    return source, entry


def _kept(source: Ints, uids: Ints, registry: Registry, most: int) -> Ints:
    """Columns of the uids that count, ascending."""
    if uids.size <= most:
        return np.arange(uids.size)
    unregistered = np.array([registry.of_uid(uid) is None for uid in uids.tolist()])
    order = np.lexsort((uids, -(source != NONE).sum(0), unregistered))
    return np.sort(order[:most])
