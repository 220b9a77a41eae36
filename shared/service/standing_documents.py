"""The standings of the validators in a snapshot's payload: JSON types, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from shared.domain.standing import Copying, Deviation, Standing


def encode_standings(standings: Iterable[Standing]) -> list[dict[str, Any]]:
    """Standings as objects; a deviation is a triple."""
    return [asdict(standing) for standing in standings]


def decode_standings(plain: Iterable[Mapping[str, Any]]) -> tuple[Standing, ...]:
    """Undo `encode_standings`."""
    return tuple(
        Standing(**{**entry, "furthest": _deviation(entry), "copying": _copying(entry)})
        for entry in plain
    )


def _deviation(entry: Mapping[str, Any]) -> Deviation | None:
    return Deviation(*entry["furthest"]) if entry["furthest"] else None


def _copying(entry: Mapping[str, Any]) -> Copying | None:
    found = entry.get("copying")  # older snapshots have none
    return Copying(**{**found, "validators": tuple(found["validators"])}) if found else None
