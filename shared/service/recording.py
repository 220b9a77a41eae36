"""A recorded stream of reports, one JSON object a line, and what is wrong with a line of it.

    {"t": 1752076800.0, "validator_uid": 48, "stake": 1000.0, "miner_statuses": [{"uid": 49, …}]}
    {"t": 1752076860.0, "tick": true}

`t` is when the report was signed and received, in seconds from any origin; `stake` what its
validator holds from then on. Only `uid` must be in a status, and there it must be a whole number;
whatever else is in it is voted on by the policy's name or by its JSON type. A null counts as
missing. Keys that are not named here are left alone, and so are empty lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from shared.domain.fields import is_number
from shared.domain.reports import Report, Status


class BadLine(ValueError):  # noqa: N818 - names what the line is
    """A line that cannot be replayed; the message names its number, the field and the rule."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A report and the stake that its validator held."""

    report: Report
    stake: float

    @property
    def t(self) -> float:
        """When it was received, seconds."""
        return self.report.received_at


@dataclass(frozen=True, slots=True)
class Tick:
    """What asks for a recompute and closes a round."""

    t: float


def validator_name(uid: int) -> str:
    """What stands for the hotkey of a recorded validator; ascending as the uids are."""
    return f"validator {uid:010d}"


def read(lines: Iterable[str | bytes]) -> Iterator[Recorded | Tick]:
    """The reports and ticks in their order; raises `BadLine` when it comes to one.

    Reports need not be ordered by `t`; ticks must be.
    """
    last_tick = 0.0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = _entry(number, _object(line))
            if isinstance(entry, Tick):
                _require(entry.t >= last_tick, "t", "should not be before the tick before it")
                last_tick = entry.t
        except ValueError as error:
            raise BadLine(f"line {number}: {error}") from None
        yield entry


def _object(line: str | bytes) -> Mapping[str, Any]:
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        content = _decode(text.strip())
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _require(isinstance(content, dict), "a line", "should be a JSON object")
    return dict(content)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode


def _entry(number: int, content: Mapping[str, Any]) -> Recorded | Tick:
    t = _amount(content, "t")
    tick = content.get("tick", False)
    _require(isinstance(tick, bool), "tick", "should be true or false")
    return Tick(t) if tick else _recorded(number, t, content)


def _recorded(number: int, t: float, content: Mapping[str, Any]) -> Recorded:
    uid = _whole(content.get("validator_uid"), "validator_uid")
    report = Report(
        report_id=f"{uid}_{number:012d}",  # of two reports at one t, the lower line is the later
        validator_uid=uid,
        hotkey=validator_name(uid),
        epoch=0,
        signed_at=t,
        received_at=t,
        statuses=_statuses(content.get("miner_statuses")),
    )
    return Recorded(report, _amount(content, "stake"))


def _statuses(given: Any) -> tuple[Status, ...]:
    _require(isinstance(given, list), "miner_statuses", "should be an array")
    statuses = tuple(_status(index, status) for index, status in enumerate(given))
    seen: set[int] = set()
    for index, status in enumerate(statuses):
        _require(status["uid"] not in seen, f"miner_statuses/{index}/uid", "stands twice")
        seen.add(status["uid"])
    return statuses


def _status(index: int, given: Any) -> Status:
    where = f"miner_statuses/{index}"
    _require(isinstance(given, dict), where, "should be an object")
    _whole(given.get("uid"), f"{where}/uid")
    hotkey = given.get("hotkey")
    _require(hotkey is None or isinstance(hotkey, str), f"{where}/hotkey", "should be a string")
    if None in given.values():
        return {name: value for name, value in given.items() if value is not None}
    return dict(given)


def _amount(content: Mapping[str, Any], name: str) -> float:
    value: Any = content.get(name)
    is_amount = is_number(value) and isfinite(float(value)) and value >= 0
    _require(is_amount, name, "should be a number of at least 0")
    return float(value)


def _whole(value: Any, where: str) -> int:
    is_whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    _require(is_whole, where, "should be a whole number of at least 0")
    return int(value)


def _require(holds: bool, where: str, rule: str) -> None:
    if not holds:
        raise ValueError(f"{where} {rule}")
