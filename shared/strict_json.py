"""JSON as a stranger's body is read: what two readers could understand differently is refused."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

_LONGEST_NUMBER = 40  # digits; a float64 needs 17, a nonce 19
_MAX_DEPTH = 32  # far below what the parser holds, so that the answer depends on the text alone
MAX_PARTS = 100_000
"""Most commas and opening brackets of a text: what it becomes in memory is bounded by them.

1,024 complete statuses with eight types of task each have 53,000.
"""
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_DIGITS = bytes.maketrans(b"0123456789+-.eE", b"0" * 15)
_NESTING = (dict, list)
_LONG_NUMBER = b"0" * (_LONGEST_NUMBER + 1)


class NotStrictJson(ValueError):  # noqa: N818 - names what the text is
    """The text is not JSON, or is JSON that readers disagree about; the message says where."""


def loads(text: str) -> Any:
    """Parse JSON with distinct keys, finite numbers and proper Unicode.

    Raises `NotStrictJson`: duplicate keys, NaN, Infinity, numbers beyond float64 or longer than 40
    digits, half surrogate pairs, more than 32 levels of nesting, and, unparsed, more than
    `MAX_PARTS` parts.
    """
    if len(text) > MAX_PARTS and sum(map(text.count, ",[{")) > MAX_PARTS:
        raise NotStrictJson(f"more than {MAX_PARTS} commas and opening brackets")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise NotStrictJson(f"not JSON: {error.msg} at {where}") from None
    except RecursionError:
        raise NotStrictJson("nested too deeply") from None
    if depth_exceeds(value, _MAX_DEPTH):
        raise NotStrictJson("nested too deeply")
    if _SURROGATE.search(text):
        _require_encodable(value)
    return value


def is_plain(raw: bytes) -> bool:
    """Whether `loads` could object to this JSON for nothing but what its values show.

    No escapes, numbers of at most 40 digits, and few parts. A key that stands twice shows as well:
    without escapes half of the quotation marks is how many strings were written, and a reader that
    keeps one of two has fewer (`strings_in`).
    """
    return len(raw) <= MAX_PARTS and b"\\" not in raw and _LONG_NUMBER not in raw.translate(_DIGITS)


def strings_in(value: dict[str, Any] | list[Any]) -> int:
    """How many strings the JSON of an object or a list holds, keys included."""
    count, inside = (len(value), value.values()) if isinstance(value, dict) else (0, value)
    for item in inside:
        kind = type(item)  # for each value of a body: isinstance takes three times as long
        if kind is str:
            count += 1
        elif kind in _NESTING:
            count += strings_in(item)
    return count


def dumps(value: Any) -> str:
    """The shortest JSON of a value, keys in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def depth_exceeds(value: Any, levels: int) -> bool:
    """Whether lists and objects nest deeper than this; a plain value has depth 0."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        level = [item for outer in level for item in _inside(outer) if type(item) in _NESTING]
    return bool(level)


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _require_encodable(value: Any) -> None:
    try:
        dumps(value).encode()
    except UnicodeEncodeError:
        raise NotStrictJson("a string holds half of a surrogate pair") from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise NotStrictJson(f"the key {json.dumps(twice)[:80]} stands twice in one object")
    return found


def _finite(digits: str) -> float:
    number = float(digits) if len(digits) <= _LONGEST_NUMBER else math.inf
    if not math.isfinite(number):
        raise NotStrictJson(f"the number {digits[:20]}… is out of range")
    return number


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise NotStrictJson(f"the number {digits[:20]}… is out of range")
    return int(digits)


def _refuse_constant(name: str) -> float:
    raise NotStrictJson(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_distinct,
    parse_float=_finite,
    parse_int=_whole,
    parse_constant=_refuse_constant,
)
