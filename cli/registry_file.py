"""A registry as operators keep it in a JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from shared.domain.registry import Neuron, with_permits
from shared.neurons import UnusableNeurons, is_whole, parse_neurons, shown


class UnusableFile(UnusableNeurons):
    """The file holds no registry; `problems` says each place and what is wrong there."""


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """What a file says: its netuid, where it names one, and the neurons by uid."""

    netuid: int | None
    neurons: tuple[Neuron, ...]
    has_permits: bool
    """False where no neuron of the file carried a permit and the largest stakes were given one."""


def parse(text: str) -> RegistryFile:
    """`{"netuid": …, "neurons": […]}` or the bare array of neurons.

    Raises `UnusableFile` with every problem found, e.g. `neurons[3].stake: …`.
    """
    netuid, entries = _netuid_and_entries(_loaded(text))
    try:
        neurons = parse_neurons(entries)
    except UnusableNeurons as error:
        raise UnusableFile(error.problems) from None
    has_permits = any("validator_permit" in entry for entry in entries)
    return RegistryFile(netuid, neurons if has_permits else with_permits(neurons), has_permits)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UnusableFile([f"{place}: not JSON: {error.msg}"]) from None
    except RecursionError:
        raise UnusableFile(["nested too deeply"]) from None


def _netuid_and_entries(content: Any) -> tuple[int | None, list[Any]]:
    netuid: Any = None
    entries = content
    if isinstance(content, dict):
        netuid, entries = content.get("netuid"), content.get("neurons")
    if not (netuid is None or is_whole(netuid, 65535)):
        raise UnusableFile([f"netuid: must be a whole number 0–65535, is {shown(netuid)}"])
    if not isinstance(entries, list):
        raise UnusableFile(['must be an array of neurons, or an object with one in "neurons"'])
    return netuid, entries
