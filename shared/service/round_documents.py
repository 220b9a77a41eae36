"""A closed round as a stored document: everything that recomputing it needs, hash-chained."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from shared.domain import robust
from shared.domain.memory import Memory, MinerMemory, ValidatorMemory
from shared.domain.record import Record
from shared.domain.registry import Neuron, Overrides, Registry
from shared.domain.rounds import ClosedRound
from shared.service.chapters import Chapter, encode_chapter
from shared.service.encoding import digest, pack, unpack
from shared.service.ports import RETENTION, StoredRound
from shared.service.provenance import Provenance
from shared.service.snapshots import encode_resolution


def store_round(
    closed: ClosedRound,
    previous_hash: str,
    registry: Registry,
    chapter: Chapter,
    provenance: Provenance,
) -> StoredRound:
    """The document of a closed round; its hash covers the payload's bytes.

    `chapter` ends with this round's page.
    """
    payload = pack(
        {
            **provenance.as_dict(),
            "netuid": registry.netuid,
            "round": closed.number,
            "previous_hash": previous_hash,
            "received": closed.received,
            "voting": closed.voting,
            "policy": closed.policy.as_dict(),
            "registry": encode_registry(registry),
            "memory": encode_memory(closed.memory),
            "result_digest": digest(pack(encode_resolution(closed.resolution))),
        }
    )
    return StoredRound(
        round=closed.number,
        payload=payload,
        payload_sha256=digest(payload),
        previous_hash=previous_hash,
        expire_at=closed.policy.round_end(closed.number) + RETENTION,
        chapter=encode_chapter(chapter),
    )


def memory_of(stored: StoredRound) -> Memory:
    """The memory that a closed round left behind."""
    return decode_memory(unpack(stored.payload)["memory"])


def encode_registry(registry: Registry) -> dict[str, Any]:
    """A registry with its overrides in JSON types, without its netuid."""
    return {
        "synced_at": registry.synced_at,
        "neurons": [asdict(neuron) for neuron in registry.neurons],
        "disabled": sorted(registry.overrides.disabled),
        "lifted": dict(sorted(registry.overrides.lifted.items())),
    }


def decode_registry(netuid: int, plain: Mapping[str, Any]) -> Registry:
    """Undo `encode_registry`; raises `ValueError` when a uid or a hotkey stands twice."""
    return Registry(
        netuid=netuid,
        synced_at=plain["synced_at"],
        neurons=tuple(_neuron(entry) for entry in plain["neurons"]),
        overrides=Overrides(frozenset(plain["disabled"]), dict(plain["lifted"])),
    )


def _neuron(entry: Mapping[str, Any]) -> Neuron:
    axon = entry.get("axon")
    return Neuron(**{**entry, "axon": (axon[0], axon[1]) if axon else None})


def encode_memory(memory: Memory) -> dict[str, Any]:
    """A memory in JSON types, sorted by uid and hotkey."""
    return {
        "round": memory.round,
        "miners": [
            [uid, hotkey, asdict(memory.miners[uid, hotkey])]
            for uid, hotkey in sorted(memory.miners)
        ],
        "validators": {key: asdict(value) for key, value in sorted(memory.validators.items())},
        "total_reports": memory.total_reports,
        "total_observations": memory.total_observations,
        "record": _encode_record(memory.record),
    }


def decode_memory(plain: dict[str, Any]) -> Memory:
    """Undo `encode_memory`."""
    return Memory(
        round=plain["round"],
        miners={(uid, hotkey): MinerMemory(**m) for uid, hotkey, m in plain["miners"]},
        validators={key: ValidatorMemory(**v) for key, v in plain["validators"].items()},
        total_reports=plain["total_reports"],
        total_observations=plain["total_observations"],
        record=_decode_record(plain["record"]),
    )


def _encode_record(record: Record) -> dict[str, Any]:
    return {
        "validators": record.validators,
        "miners": record.miners,
        "arrays": base64.b64encode(record.packed).decode(),
        "classes": dict(record.classes),
        "learnt_round": record.learnt_round,
    }


def _decode_record(plain: Mapping[str, Any]) -> Record:
    return Record(
        validators=tuple(plain["validators"]),
        miners=tuple((uid, hotkey) for uid, hotkey in plain["miners"]),
        arrays=robust.from_bytes(base64.b64decode(plain["arrays"])),
        classes={name: tuple(values) for name, values in plain["classes"].items()},
        learnt_round=plain["learnt_round"],
    )
