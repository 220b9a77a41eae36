"""Where two JSON values differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

CLOSE = 1e-6
"""Numbers this near, absolute or relative, are the same: no two processors round alike."""

Difference = tuple[str, Any, Any]
"""(path, what is expected, what is there); a missing value is `MISSING`."""


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()


def differences(
    expected: Any, actual: Any, close: float = CLOSE, path: str = ""
) -> Iterator[Difference]:
    """The leaves that differ, by path (`miners/3/stake`); numbers within `close` do not."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted(expected.keys() | actual.keys()):
            pair = expected.get(key, MISSING), actual.get(key, MISSING)
            yield from differences(*pair, close, f"{path}/{key}" if path else str(key))
    elif _is_list(expected) and _is_list(actual) and len(expected) == len(actual):
        for index, pair in enumerate(zip(expected, actual, strict=True)):
            yield from differences(*pair, close, f"{path}/{index}" if path else str(index))
    elif not same(expected, actual, close):
        yield path, expected, actual


def same(one: Any, other: Any, close: float = CLOSE) -> bool:
    """Whether two leaves are the same; true is not 1."""
    if _is_number(one) and _is_number(other):
        return bool(abs(one - other) <= close * max(1.0, abs(one), abs(other)))
    if _is_list(one) and _is_list(other):
        return list(one) == list(other)
    return type(one) is type(other) and bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
