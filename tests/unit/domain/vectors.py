"""Reads the golden vectors: `NAME.json` is what is given, `NAME.result.json` what must come out.

Time is 10000 s unless `now` says otherwise. `validators` is hotkey → stake of neurons with a
permit, the uid being the number in the hotkey; `neurons` are further ones, as in a registry.
A report's `age` counts back from now to its signing; it is received when it is signed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.domain.memory import Memory, MinerMemory
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Overrides, Registry
from shared.domain.reports import Report
from shared.domain.results import MinerResult, Resolution
from shared.domain.votes import votes_at
from tests.unit.domain.plain import resolve

DIRECTORY = Path(__file__).parents[2] / "vectors" / "resolve"
NAMES = sorted(
    path.name.removesuffix(".json")
    for path in DIRECTORY.glob("*.json")
    if not path.name.endswith(".result.json")
)


@dataclass(frozen=True)
class Vector:
    """One case: what is given and the expected miners."""

    registry: Registry
    policy: Policy
    memory: Memory
    reports: Sequence[Report]
    now: float
    expected: Mapping[str, Mapping[str, Any]]

    def resolve(self, reports: Sequence[Report]) -> Resolution:
        """The resolution of these reports, everything else as given."""
        votes = votes_at(reports, self.registry, self.policy, self.now)
        return resolve(votes, self.registry, self.memory, self.policy, self.now)


def load(name: str) -> Vector:
    """The case of this name."""
    given = json.loads((DIRECTORY / f"{name}.json").read_text())
    result = json.loads((DIRECTORY / f"{name}.result.json").read_text())
    now = given.get("now", 10_000.0)
    return Vector(
        registry=_registry(given, now),
        policy=Policy(**given.get("policy", {})),
        memory=_memory(given.get("memory", {})),
        reports=[_report(report, now) for report in given["reports"]],
        now=now,
        expected=result["miners"],
    )


def as_json(result: MinerResult) -> dict[str, Any]:
    """A result as the vectors write it."""
    return {
        **{name: getattr(result, name) for name in result.__slots__},
        "validators": list(result.validators),
        "is_assignable": result.is_assignable,
        "conflicts": [
            {
                "field": conflict.field,
                "kind": conflict.kind,
                "detail": json.loads(json.dumps(conflict.detail)),
            }
            for conflict in result.conflicts
        ],
    }


def rounded(value: Any) -> Any:
    """The same JSON with every float cut to ten significant digits."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.10g}") if isinstance(value, float) else value


def _registry(given: Mapping[str, Any], now: float) -> Registry:
    validators = [
        Neuron(_uid(hotkey), hotkey, stake, validator_permit=True)
        for hotkey, stake in given["validators"].items()
    ]
    others = [
        Neuron(**{**neuron, "axon": tuple(neuron["axon"]) if "axon" in neuron else None})
        for neuron in given.get("neurons", [])
    ]
    overrides = Overrides(disabled=frozenset(given.get("disabled", [])))
    return Registry(1, given.get("synced_at", now), (*validators, *others), overrides)


def _memory(given: Mapping[str, Any]) -> Memory:
    miners = {}
    for entry in given.get("miners", []):
        remembered = {name: entry[name] for name in entry if name not in {"uid", "hotkey"}}
        miners[entry["uid"], entry["hotkey"]] = MinerMemory(**remembered)
    return Memory(round=given.get("round", -1), miners=miners)


def _report(given: Mapping[str, Any], now: float) -> Report:
    signed_at = now - given["age"]
    uid = _uid(given["by"])
    return Report(
        report_id=f"{uid}_{int(signed_at * 1e9)}",
        validator_uid=uid,
        hotkey=given["by"],
        epoch=7,
        signed_at=signed_at,
        received_at=min(signed_at, now),
        statuses=tuple(given["statuses"]),
    )


def _uid(hotkey: str) -> int:
    return int(hotkey.removeprefix("v"))
