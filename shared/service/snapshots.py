"""The snapshot's payload: results of all miners and the policy, to bytes and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.domain.results import Conflict, MinerResult, Resolution
from shared.domain.standing import Standing
from shared.service.encoding import pack, unpack
from shared.service.provenance import Provenance
from shared.service.standing_documents import decode_standings, encode_standings


@dataclass(frozen=True, slots=True)
class Payload:
    """What readers need of a snapshot."""

    resolution: Resolution
    policy: Mapping[str, Any]
    registry_synced_at: float
    """0 where no registry was written yet."""
    standings: tuple[Standing, ...] = ()
    """Everyone who may report, uids ascending."""
    provenance: Provenance = field(default_factory=Provenance)


LARGEST_PAYLOAD = 800 * 1024
"""Bytes that a payload may have, so that its document stays under 1 MiB."""
BULKY = frozenset({"metadata", "task_type_specialization"})
"""Fields that are left out first where a payload would not fit."""


def encode_payload(payload: Payload) -> bytes:
    """Compressed JSON of a payload.

    Where it would not fit into a document, all miners lose their bulky fields, and then those
    without a quorum all their values: a full snapshot says less, and never fails.
    """
    encoded = encode_resolution(payload.resolution)
    data = _pack_payload(payload, encoded)
    for reduce in (_without_bulk, _without_single_reports):
        if len(data) <= LARGEST_PAYLOAD:
            break
        encoded = {**encoded, "miners": [reduce(miner) for miner in encoded["miners"]]}
        data = _pack_payload(payload, encoded)
    return data


def _pack_payload(payload: Payload, encoded: Mapping[str, Any]) -> bytes:
    return pack(
        {
            **payload.provenance.as_dict(),
            "resolution": encoded,
            "policy": payload.policy,
            "registry_synced_at": payload.registry_synced_at,
            "validators": encode_standings(payload.standings),
        }
    )


def _without_bulk(miner: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in miner["values"].items() if name not in BULKY}
    return {**miner, "values": values}


def _without_single_reports(miner: dict[str, Any]) -> dict[str, Any]:
    has_quorum = miner["state"] in {"consensus", "disputed"}
    return miner if has_quorum else {**miner, "values": {}, "conflicts": [], "sources": {}}


def decode_payload(data: bytes) -> Payload:
    """Undo `encode_payload`."""
    plain = unpack(data)
    return Payload(
        resolution=_resolution(plain["resolution"]),
        policy=plain["policy"],
        registry_synced_at=plain["registry_synced_at"],
        standings=decode_standings(plain.get("validators", ())),  # older snapshots have none
        provenance=Provenance.of(plain),
    )


def encode_resolution(resolution: Resolution) -> dict[str, Any]:
    """A resolution in JSON types; miners in ascending uid."""
    return {
        "miners": [_encode_miner(miner) for _, miner in sorted(resolution.miners.items())],
        "active_validators": resolution.active_validators,
        "eligible_validators": resolution.eligible_validators,
    }


def _encode_miner(miner: MinerResult) -> dict[str, Any]:
    return {
        "uid": miner.uid,
        "hotkey": miner.hotkey,
        "state": miner.state,
        "values": dict(miner.values),
        "confidence": miner.confidence,
        "validators": miner.validators,
        "conflicts": [_encode_conflict(conflict) for conflict in miner.conflicts],
        "sources": dict(miner.sources),
        "last_updated": miner.last_updated,
        "last_reported_by_validator": miner.last_reported_by_validator,
        "epoch": miner.epoch,
        "validator_reports_count": miner.validator_reports_count,
        "is_registered": miner.is_registered,
        "waiting_since": miner.waiting_since,
    }


def _encode_conflict(conflict: Conflict) -> list[Any]:
    """How much the field is heard stands at the end, where that is not all."""
    heard = [] if conflict.heard == 1 else [conflict.heard]
    return [conflict.field, conflict.kind, conflict.detail, *heard]


def _resolution(plain: Mapping[str, Any]) -> Resolution:
    return Resolution(
        miners={entry["uid"]: _miner(entry) for entry in plain["miners"]},
        active_validators=tuple(plain["active_validators"]),
        eligible_validators=plain["eligible_validators"],
    )


def _miner(entry: Mapping[str, Any]) -> MinerResult:
    conflicts = tuple(
        Conflict(field, kind, tuple((value, share) for value, share in detail), *heard)
        for field, kind, detail, *heard in entry["conflicts"]
    )
    return MinerResult(
        **{**entry, "validators": tuple(entry["validators"]), "conflicts": conflicts}
    )
