"""Statuses as text, so that a report takes about as much memory as its body is long.

As objects, the smallest values of JSON take ten times their text and more, and an instance keeps
every report that holds a vote. Most statuses are never asked again: what is counted is in columns.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from shared.domain.reports import Report, Status

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_decode = json.JSONDecoder().decode


@dataclass(frozen=True, slots=True)
class PackedStatuses(Sequence["Status"]):
    """N statuses, each read when it is asked for, and equal to what was packed."""

    text: bytes
    """Their JSON, one after the other; not decoded, as one wide character widens a whole `str`."""
    bounds: array[int]
    """Where they begin, and where the last one ends: [N + 1]."""

    @classmethod
    def of(cls, statuses: Iterable[Status]) -> PackedStatuses:
        """Of statuses that were read from JSON."""
        texts = [_encode(status).encode() for status in statuses]
        return cls(b"".join(texts), array("I", accumulate(map(len, texts), initial=0)))

    def __len__(self) -> int:
        """N."""
        return len(self.bounds) - 1

    @overload
    def __getitem__(self, place: int) -> Status: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Status]: ...
    def __getitem__(self, place: int | slice) -> Status | Sequence[Status]:
        """One status, or a few."""
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        at = range(len(self))[place]
        status: Status = _decode(self.text[self.bounds[at] : self.bounds[at + 1]].decode())
        return status


@dataclass(frozen=True, slots=True)
class PackedValues(Sequence[Hashable]):
    """Texts, or pairs of what JSON has; those that are asked for often stay unpacked."""

    text: str
    """A JSON list, in ASCII."""

    @classmethod
    def of(cls, values: Iterable[Hashable]) -> PackedValues:
        """Of texts, or of pairs of a text and a number or None."""
        return cls(json.dumps([*values], separators=(",", ":")))

    def __len__(self) -> int:
        """How many."""
        return len(_values(self.text))

    def __iter__(self) -> Iterator[Hashable]:
        """All of them."""
        return iter(_values(self.text))

    @overload
    def __getitem__(self, place: int) -> Hashable: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Hashable]: ...
    def __getitem__(self, place: int | slice) -> Hashable | Sequence[Hashable]:
        """One value, or a few."""
        return _values(self.text)[place]


def packed(report: Report) -> Report:
    """The same report with its statuses as text and its columns worked out."""
    kept = replace(report, statuses=PackedStatuses.of(report.statuses))
    vars(kept)["columns"] = report.columns  # else the statuses would be read again for them
    return kept


@lru_cache(maxsize=256)
def _values(text: str) -> tuple[Hashable, ...]:
    """Reports about the same miners in the same order share one."""
    return tuple(tuple(value) if type(value) is list else value for value in json.loads(text))
