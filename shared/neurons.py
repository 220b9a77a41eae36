"""Neurons as a file or the chain gives them, read strictly: every error names its place."""

from __future__ import annotations

import ipaddress
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared import ss58
from shared.domain.registry import Neuron

MAX_NEURONS = 4096
"""What one Firestore document of 1 MiB holds with every field given."""


class UnusableNeurons(ValueError):  # noqa: N818 - a fact about what was given
    """These are no neurons of a subnet; `problems` says each place and what is wrong there."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems; the message is all of them, one a line."""
        super().__init__("\n".join(problems))
        self.problems = problems


class _Misfit(ValueError):  # noqa: N818 - never leaves this module
    """A value that breaks its field's rule; becomes a problem with the value's place."""


def parse_neurons(entries: Sequence[Any]) -> tuple[Neuron, ...]:
    """1–4,096 objects with `uid`, `hotkey`, `stake` and more, as neurons by uid.

    Raises `UnusableNeurons` with every problem found, e.g. `neurons[3].stake: …`; no uid and no
    hotkey may stand twice.
    """
    if not 1 <= len(entries) <= MAX_NEURONS:
        raise UnusableNeurons([f"neurons: must be 1–{MAX_NEURONS}, are {len(entries)}"])
    problems: list[str] = []
    neurons = [_neuron(f"neurons[{i}]", entry, problems) for i, entry in enumerate(entries)]
    problems += _repeated("uid", [n.uid for n in neurons])
    problems += _repeated("hotkey", [n.hotkey for n in neurons])
    if problems:
        raise UnusableNeurons(problems)
    return tuple(sorted(neurons, key=lambda n: n.uid))


def is_whole(value: Any, top: int) -> bool:
    """Whether a value is a whole number from 0 to `top`."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= top


def shown(value: Any) -> str:
    """A value as a problem quotes it."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _neuron(place: str, entry: Any, problems: list[str]) -> Neuron:
    if not isinstance(entry, dict):
        problems.append(f"{place}: must be an object, is {shown(entry)}")
        entry = {}
    values: dict[str, Any] = {}
    for name, (required, rule, convert) in _FIELDS.items():
        raw = entry.get(name)
        try:
            if raw is not None:
                values[name] = convert(raw)
            elif required and entry:
                problems.append(f"{place}.{name}: is missing")
        except ValueError:
            problems.append(f"{place}.{name}: must be {rule}, is {shown(raw)}")
    return Neuron(**{"uid": -1, "hotkey": "", "stake": 0.0, **values})


def _repeated(name: str, values: list[Any]) -> list[str]:
    first: dict[Any, int] = {}
    problems = []
    for i, value in enumerate(values):
        if value in (-1, ""):  # reported already as missing or wrong
            continue
        if value in first:
            problems.append(f"neurons[{i}].{name}: {value} stands in neurons[{first[value]}] too")
        first.setdefault(value, i)
    return problems


def _whole(top: int) -> Callable[[Any], int]:
    def convert(value: Any) -> int:
        if not is_whole(value, top):
            raise _Misfit
        whole: int = value
        return whole

    return convert


def _stake(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Misfit
    stake = float(value) if abs(value) < 1e300 else math.inf
    if not math.isfinite(stake) or stake < 0:
        raise _Misfit
    return stake


def _address(value: Any) -> str:
    if not isinstance(value, str):
        raise _Misfit
    ss58.decode(value)
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Misfit
    return value


def _axon(value: Any) -> tuple[str, int] | None:
    """(ip, port); None for the address of one that serves nothing, 0.0.0.0 or port 0."""
    if isinstance(value, Mapping):
        host, port = value.get("ip"), value.get("port")
    elif isinstance(value, str):
        host, _, digits = value.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        port = int(digits)
    else:
        raise _Misfit
    if not isinstance(host, str):
        raise _Misfit
    ip = ipaddress.ip_address(host)
    port = _whole(65535)(port)
    return None if ip.is_unspecified or port == 0 else (str(ip), port)


_FIELDS: dict[str, tuple[bool, str, Callable[[Any], Any]]] = {
    "uid": (True, "a whole number 0–65535", _whole(65535)),
    "hotkey": (True, "an ss58 address with prefix 42", _address),
    "stake": (True, "a finite number ≥ 0", _stake),
    "validator_permit": (False, "true or false", _flag),
    "coldkey": (False, "an ss58 address with prefix 42", _address),
    "block_at_registration": (False, "a whole number ≥ 0", _whole(2**53)),
    "axon": (False, '"ip:port" or {"ip", "port"}', _axon),
}
"""Field → (required, its rule in words, what turns it into the neuron's value or refuses it)."""
