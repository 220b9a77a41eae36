"""The metagraph as Bittensor's chain gives it: `state_call`, decoded by the runtime's own types.

The metadata of the runtime (version 15) says how `SubnetInfoRuntimeApi.get_metagraph` answers, so
that an upgrade of the chain that moves or adds fields is read as well. It is asked for once per
version of the runtime.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Protocol

from shared import ss58
from shared.adapters.chain_decoder import API, METHOD, decode
from shared.adapters.chain_rpc import from_hex
from shared.neurons import UnusableNeurons, parse_neurons
from shared.service.sync import ChainRefused, ChainUnreadable, Metagraph

METADATA_VERSION = 15
RAO = 1e9
"""Rao in one TAO; the chain counts in rao."""

_COLUMNS = {
    "hotkey": "hotkeys",
    "coldkey": "coldkeys",
    "stake": "total_stake",
    "validator_permit": "validator_permit",
    "block_at_registration": "block_at_registration",
    "axon": "axons",
}
"""Field of a neuron → the metagraph's list of it, one entry per uid."""


class Caller(Protocol):
    """What calls the chain: `shared.adapters.chain_rpc.Rpc`."""

    @property
    def name(self) -> str:
        """Host and port."""

    def call(self, method: str, *params: Any) -> Any:
        """The result of a JSON-RPC method; raises a `ChainError`."""


class SubtensorChain:
    """One endpoint of the chain, over JSON-RPC."""

    def __init__(self, rpc: Caller) -> None:
        """Nothing is asked yet."""
        self.name = rpc.name
        self._rpc = rpc
        self._metadata: tuple[int, bytes] | None = None
        """Version of the runtime, and its metadata."""

    def metagraph(self, netuid: int) -> Metagraph:
        """The subnet at the last finalized block; raises a `ChainError`."""
        block_hash = self._rpc.call("chain_getFinalizedHead")
        metadata = self._metadata_at(block_hash)
        answer = self._state_call(f"{API}_{METHOD}", netuid.to_bytes(2, "little"), block_hash)
        content = decode(metadata, answer)
        if content is None:
            raise ChainRefused(f"the chain has no subnet {netuid}")
        try:
            return _metagraph(netuid, content)
        except (LookupError, TypeError, UnusableNeurons, ValueError) as error:
            raise ChainUnreadable(f"the metagraph cannot be read: {str(error)[:300]}") from error

    def _metadata_at(self, block_hash: str) -> bytes:
        said = self._rpc.call("state_getRuntimeVersion", block_hash)
        version = said.get("specVersion") if isinstance(said, dict) else None
        if not isinstance(version, int):
            raise ChainUnreadable("state_getRuntimeVersion: there is no specVersion")
        if self._metadata is None or self._metadata[0] != version:
            asked = METADATA_VERSION.to_bytes(4, "little")
            metadata = self._state_call("Metadata_metadata_at_version", asked, block_hash)
            if metadata[:1] != b"\x01":  # an option: nothing, or the metadata
                raise ChainRefused(f"the chain has no metadata of version {METADATA_VERSION}")
            self._metadata = (version, metadata)
        return self._metadata[1]

    def _state_call(self, function: str, argument: bytes, block_hash: str) -> bytes:
        result = self._rpc.call("state_call", function, f"0x{argument.hex()}", block_hash)
        return from_hex(result, function)


def _metagraph(netuid: int, content: Mapping[str, Any]) -> Metagraph:
    if _number(content["netuid"]) != netuid:
        raise ValueError(f"it is of subnet {_number(content['netuid'])}")
    columns = {name: content[column] for name, column in _COLUMNS.items()}
    rows = zip(*columns.values(), strict=True)
    entries = [
        {"uid": uid, **_entry(dict(zip(columns, row, strict=True)))} for uid, row in enumerate(rows)
    ]
    return Metagraph(netuid, _number(content["block"]), parse_neurons(entries))


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """One neuron as a registry file would have it."""
    return {
        "hotkey": _account(row["hotkey"]),
        "coldkey": _account(row["coldkey"]),
        "stake": _number(row["stake"]) / RAO,
        "validator_permit": row["validator_permit"],
        "block_at_registration": _number(row["block_at_registration"]),
        "axon": _axon(row["axon"]),
    }


def _axon(axon: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where a neuron serves; None where it announced nothing that is an address."""
    kinds = {4: ipaddress.IPv4Address, 6: ipaddress.IPv6Address}
    kind = kinds.get(_number(axon["ip_type"]))
    try:
        return kind and {"ip": str(kind(_number(axon["ip"]))), "port": _number(axon["port"])}
    except ipaddress.AddressValueError:
        return None


def _account(value: Any) -> str:
    """An account's 32 bytes, however many wrappers of one field are around them."""
    while len(value) == 1:
        (value,) = value
    return ss58.encode(bytes(value))


def _number(value: Any) -> int:
    """A number, however many wrappers of one field are around it."""
    while isinstance(value, list):
        (value,) = value
    if not isinstance(value, int):
        raise TypeError(f"{str(value)[:60]} is no number")
    return value
