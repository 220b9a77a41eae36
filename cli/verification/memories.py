"""Where two memories differ, by the names of what they remember."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from cli.verification.differences import CLOSE, Difference, differences
from shared.domain.memory import Memory
from shared.domain.record import Record
from shared.service.round_documents import encode_memory

COARSE = 2e-3
"""What is stored as float16 may be rounded to a neighbour."""
AXES: Mapping[str, float] = {
    "validators": CLOSE,
    "miners": CLOSE,
    "pairs": COARSE,
    "peers": COARSE,
    "fields": CLOSE,
}
"""Arrays of the engine's record by what they are about → how near numbers must be."""


def memory_differences(expected: Memory, actual: Memory) -> Iterator[Difference]:
    """The entries that differ; numbers within rounding do not."""
    yield from differences(_by_name(expected), _by_name(actual))
    ours, theirs = expected.record, actual.record
    if (ours.validators, ours.miners) != (theirs.validators, theirs.miners):
        return  # named above; without common names, numbers cannot be told apart
    for axis, close in AXES.items():
        yield from _of_arrays(axis, close, ours, theirs)


def _by_name(memory: Memory) -> dict[str, Any]:
    plain = encode_memory(memory)
    record = {key: value for key, value in plain["record"].items() if key != "arrays"}
    miners = {f"{uid} {hotkey}": entry for uid, hotkey, entry in plain["miners"]}
    named = [f"{uid} {hotkey}" for uid, hotkey in record["miners"]]
    return {**plain, "miners": miners, "record": {**record, "miners": named}}


def _of_arrays(axis: str, close: float, ours: Record, theirs: Record) -> Iterator[Difference]:
    expected, actual = getattr(ours.arrays, axis), getattr(theirs.arrays, axis)
    for name in sorted(expected.keys() | actual.keys()):
        one, other = (_array(arrays, name, expected, actual) for arrays in (expected, actual))
        if one.shape != other.shape:
            yield f"record {axis} {name}", f"shape {one.shape}", f"shape {other.shape}"
            continue
        far = np.abs(one - other) > close * np.maximum(1.0, np.maximum(abs(one), abs(other)))
        for index in np.argwhere(far | (np.isnan(one) != np.isnan(other))):
            at = tuple(int(each) for each in index)
            where = " ".join(_names(axis, at, ours))
            yield f"record {name} of {where}", float(one[at]), float(other[at])


def _array(arrays: Any, name: str, *both: Any) -> Any:
    """The array, zeros where nothing is remembered: that is what zeros mean."""
    known = next(each[name] for each in both if name in each)
    return arrays.get(name, np.zeros_like(known))


def _names(axis: str, at: tuple[int, ...], record: Record) -> list[str]:
    """Whom an entry of an array is about."""
    validators, miners = record.validators, [f"miner {uid}" for uid, _ in record.miners]
    axes: Mapping[str, tuple[Any, ...]] = {
        "validators": (validators,),
        "miners": (miners,),
        "pairs": (validators, miners),
        "peers": (validators, validators),
        "fields": (),
    }
    named = [str(names[place]) for names, place in zip(axes[axis], at, strict=False)]
    return [*named, *(str(place) for place in at[len(named) :])]
