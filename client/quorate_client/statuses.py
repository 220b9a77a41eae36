"""Miner statuses out of a metagraph, of bittensor 10 (columns) or 11 (neurons)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from quorate_client.performance import Performance


@dataclass(frozen=True, slots=True)
class Row:
    """What a metagraph says of one neuron."""

    uid: int
    hotkey: str
    stake: float
    axon: tuple[str, int] | None
    """(ip, port) where it serves; None for 0.0.0.0, port 0 or what is no address."""


def statuses_from_metagraph(
    metagraph: Any,
    performance: Performance | None = None,
    more: Mapping[int, Mapping[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """One status per neuron, by uid: identity, stake and axon of the chain, and what was measured.

    `more` adds fields by uid, or replaces them: `{7: {"max_capacity": 8}}`. What was neither
    measured nor given is left out, never invented. Raises `TypeError` for what is no metagraph.
    """
    given = more or {}
    return [_status(row, performance) | dict(given.get(row.uid, {})) for row in rows(metagraph)]


def uid_of(metagraph: Any, hotkey: str) -> int | None:
    """The uid at which this hotkey is registered."""
    return next((row.uid for row in rows(metagraph) if row.hotkey == hotkey), None)


def rows(metagraph: Any) -> Iterator[Row]:
    """The neurons of a metagraph of either SDK, by uid."""
    if hasattr(metagraph, "axons") and hasattr(metagraph, "uids"):
        return iter(sorted(_of_columns(metagraph), key=lambda row: row.uid))
    if hasattr(metagraph, "neurons"):
        return iter(sorted(map(_of_neuron, metagraph.neurons), key=lambda row: row.uid))
    raise TypeError(f"{type(metagraph).__name__} is no metagraph: neither axons nor neurons")


def _of_columns(metagraph: Any) -> Iterator[Row]:
    columns = zip(metagraph.uids, metagraph.hotkeys, metagraph.S, metagraph.axons, strict=True)
    for uid, hotkey, stake, axon in columns:
        yield Row(int(uid), str(hotkey), float(stake), _address(axon.ip, axon.port))


def _of_neuron(neuron: Any) -> Row:
    host, _, port = (neuron.axon or "").rpartition(":")
    axon = _address(host.strip("[]"), int(port)) if port.isdecimal() else None
    stake = getattr(neuron.total_stake, "amount", neuron.total_stake)
    return Row(int(neuron.uid), str(neuron.hotkey), float(stake), axon)


def _address(ip: Any, port: Any) -> tuple[str, int] | None:
    try:
        address = ipaddress.ip_address(str(ip))
    except ValueError:
        return None
    if address.is_unspecified or not 1 <= int(port) <= 65535:
        return None
    return str(address), int(port)


def _status(row: Row, performance: Performance | None) -> dict[str, Any]:
    status: dict[str, Any] = {
        "uid": row.uid,
        "hotkey": row.hotkey,
        "stake": row.stake,
        "is_serving": row.axon is not None,
    }
    if row.axon is not None:
        status["ip"], status["port"] = row.axon
    return status | (performance.status_fields(row.hotkey) if performance else {})
