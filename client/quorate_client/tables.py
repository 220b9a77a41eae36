"""Answers as tables for people; rich is loaded with the first one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from quorate_client.explained import COLUMNS, field_tables

Content = Mapping[str, Any]

_WHOLE = ("value", "detail", "vote", "factors", "notes", "quarantine")
"""Columns whose text wraps."""
_CUT = ("hotkey",)
"""Columns that give way in a narrow terminal; all others stand whole."""
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def show_status(content: Content) -> None:
    """The network, best miner first."""
    network, mode = content["network_status"], content["processing_mode"]
    _show(
        f"{network['active_miners']} of {network['total_miners']} miners active, mode {mode},"
        f" as of {content['timestamp']}",
        ("uid", "score", "conf", "state", "perf", "load", "votes", "hotkey"),
        (
            (
                row["uid"],
                row["availability_score"],
                row["consensus_confidence"],
                row["state"],
                row.get("performance_score"),
                _load(row),
                len(row["consensus_validators"]),
                row["hotkey"],
            )
            for row in content["miners"]
        ),
    )


def show_miner(content: Content) -> None:
    """One miner's fields, then its conflicts, then every vote if the answer explains them."""
    values = dict(content["consensus_status"])
    conflicts = values.pop("conflicts_detected", [])
    _show(
        f"miner {content['miner_uid']}: {content['state']}, as of {content['timestamp']}",
        ("field", "value"),
        values.items(),
    )
    if conflicts:
        _show("conflicts", ("field", "kind", "value", "weight"), _conflict_rows(conflicts))
    for title, rows in field_tables(content["explanation"]) if "explanation" in content else ():
        _show(title, COLUMNS, rows)


def show_validators(content: Content) -> None:
    """Everyone who may report, by uid."""
    rows = content["validators"]
    active = sum(row["is_active"] for row in rows)
    _show(
        f"{active} of {len(rows)} validators active, as of {content['timestamp']}",
        ("uid", "silent", "present", "agreement", "reputation", "quarantine", "hotkey"),
        (
            (
                row["uid"],
                _since(row["last_report"], content["timestamp"]),
                row["participation"],
                row["agreement"],
                row["reputation"],
                row["quarantine"],
                row["hotkey"],
            )
            for row in rows
        ),
    )


def show_checks(title: str, checks: Iterable[tuple[str, str, str]]) -> None:
    """(verdict, what, detail) of each check."""
    _show(title, ("", "check", "detail"), checks)


def _show(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    from rich.console import Console  # noqa: PLC0415 - loads late
    from rich.markup import escape  # noqa: PLC0415 - loads late
    from rich.table import Table  # noqa: PLC0415 - loads late

    table = Table()
    for name in columns:
        overflow: Literal["fold", "ellipsis"] = "fold" if name in _WHOLE else "ellipsis"
        stands = name not in _WHOLE + _CUT
        table.add_column(name, overflow=overflow, no_wrap=stands, min_width=len(name))
    for row in rows:
        table.add_row(*(escape(_cell(value)) for value in row))  # values are validators' words
    console = Console()
    console.print(escape(title), style="bold", highlight=False)  # a table's own title would wrap
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_cell(each)}" for key, each in value.items())
    return ", ".join(map(_cell, value)) if isinstance(value, list) else str(value)


def _since(moment: str | None, now: str) -> str | None:
    """What passed between two times of an answer, in its largest unit."""
    if moment is None:
        return None
    seconds = (datetime.fromisoformat(now) - datetime.fromisoformat(moment)).total_seconds()
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), (1, "s"))
    return f"{max(0.0, seconds) // size:.0f} {unit}"


def _load(row: Content) -> str:
    load, capacity = row.get("current_load"), row.get("max_capacity")
    return "–" if load is None else _cell(load) + (f" / {_cell(capacity)}" if capacity else "")


def _conflict_rows(conflicts: Iterable[Content]) -> Iterable[tuple[Any, ...]]:
    for conflict in conflicts:
        for part in conflict["detail"]:
            yield conflict["field"], conflict["kind"], part["value"], part["weight"]
