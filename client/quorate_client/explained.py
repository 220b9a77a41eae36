"""An explanation as tables for people: per field every vote, what it weighs, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Content = Mapping[str, Any]

COLUMNS = ("validator", "vote", "share", "factors", "notes")
WITHHELD = "withheld"
"""Stands for a value that only an audit key shows before the reporting window is over."""


def field_tables(explanation: Content) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """(title, rows under `COLUMNS`) of each field; the heaviest vote first."""
    for name, field in explanation["fields"].items():
        votes = sorted(field["votes"], key=lambda vote: (-vote["share"], vote["validator_uid"]))
        yield _title(name, field), [_row(vote) for vote in votes]


def _title(name: str, field: Content) -> str:
    interval = f", 90 % in {field['low']:.3g} – {field['high']:.3g}" if "low" in field else ""
    value = field["value"]
    shown = f"{value:.4g}" if isinstance(value, float) else value
    return f"{name}: {shown} ({field['method'].replace('_', ' ')}{interval})"


def _row(vote: Content) -> tuple[Any, ...]:
    value = WITHHELD if vote.get("withheld") else vote["value"]
    notes = "; ".join(note["detail"] for note in vote["notes"])
    return vote["validator_uid"], value, f"{vote['share']:.1%}", _factors(vote["factors"]), notes


def _factors(factors: Mapping[str, float]) -> str:
    """Those that change anything."""
    telling = (f"{name} {each:.2f}" for name, each in factors.items() if abs(each - 1) >= 0.005)
    return " × ".join(telling) or "1"
