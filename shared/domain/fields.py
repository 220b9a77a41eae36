"""What a value must be to count as given: the fields of a status and their kinds.

The edge refuses what is out of range; here only the type decides, so that a recorded stream of
foreign data can be replayed. A value of the wrong type, or with a NaN in it, counts as missing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

Kind = Literal["number", "label", "recent"]
"""How a field is resolved: weighted mean, weighted majority, or the most recent value."""

NUMBERS = frozenset({"stake", "performance_score", "current_load", "max_capacity"})
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {**dict.fromkeys(NUMBERS, (0.0, math.inf)), "performance_score": (0.0, 1.0)}
)
"""Number → where its values lie, as the edge has it."""
OBJECTS = frozenset({"task_type_specialization", "metadata"})
ADDRESSES: Mapping[str, str] = MappingProxyType({"ip": "port", "external_ip": "external_port"})
"""Field of an IP → field of its port; the two are one value, taken together."""
NOT_VOTED = frozenset({"uid", "hotkey", *ADDRESSES, *ADDRESSES.values()})
"""Fields that are no votes of their own: identity and the addresses."""

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII
)


def kind_of(name: str, value: Any) -> Kind | None:
    """How this value of the field `name` is voted on; None if it counts as missing."""
    if name in NUMBERS:
        return "number" if is_number(value) else None
    if name == "is_serving":
        return "label" if isinstance(value, bool) else None
    if name == "last_seen":
        return "recent" if time_of(value) is not None else None
    if name in OBJECTS:
        return "recent" if isinstance(value, dict) and _is_plain_json(value) else None
    return _kind_by_json_type(value)


def is_number(value: Any) -> bool:
    """Whether it is a finite number; a boolean is none, nor is an integer beyond a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no float can hold
        return False


def hotkey_of(status: Mapping[str, Any]) -> str | None:
    """The hotkey that a status names; None if it names none."""
    hotkey = status.get("hotkey")
    return hotkey if isinstance(hotkey, str) and hotkey else None


def address_of(status: Mapping[str, Any], name: str) -> tuple[str, int | None] | None:
    """The address in the fields `name` ("ip" or "external_ip") and its port, as one value.

    A port that is missing or no integer is None; a port without an IP is no address.
    """
    host, port = status.get(name), status.get(ADDRESSES[name])
    if not isinstance(host, str) or not host:
        return None
    return (host, port if isinstance(port, int) and not isinstance(port, bool) else None)


def time_of(value: Any) -> float | None:
    """Seconds since 1970 of an RFC 3339 string; None if malformed or without a timezone."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper()).timestamp()
    except ValueError:  # the 31st of June
        return None


def _kind_by_json_type(value: Any) -> Kind | None:
    if isinstance(value, bool | str):
        return "label"
    if isinstance(value, list | dict):
        return "recent" if _is_plain_json(value) else None
    return "number" if is_number(value) else None


def _is_plain_json(value: Any) -> bool:
    """Whether every number in a nested value is finite; null is allowed inside."""
    if isinstance(value, dict):
        return all(map(_is_plain_json, value.values()))
    if isinstance(value, list):
        return all(map(_is_plain_json, value))
    return value is None or isinstance(value, bool | str) or is_number(value)
