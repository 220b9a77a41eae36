"""How reports, snapshots, rounds and the registry look as Firestore documents: pure, both ways.

Timestamps have the store's resolution, microseconds; payloads are compressed and not indexed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from shared.adapters.bodies import deflate, inflate
from shared.domain.registry import Neuron, Overrides, Registry
from shared.domain.reports import signing_time_of
from shared.service.ports import SignedReport, StoredRound, StoredSnapshot

Document = dict[str, Any]


def timestamp(seconds: float) -> datetime:
    """Seconds since 1970 as the store's timestamp."""
    return datetime.fromtimestamp(seconds, UTC)


def from_report(report: SignedReport) -> Document:
    """The document `validator_reports/{report_id}`."""
    return {
        "validator_uid": report.validator_uid,
        "hotkey": report.hotkey,
        "epoch": report.epoch,
        "nonce": report.nonce,
        "received_at": timestamp(report.received_at),
        "miner_count": report.miner_count,
        "content_type": report.content_type,
        "body": deflate(report.body),
        "body_sha256": report.body_sha256,
        "signature": dict(report.signature),
        "recent": list(report.recent),
        "debt": report.debt,
        "expire_at": timestamp(report.expire_at),
    }


def to_report(report_id: str, document: Mapping[str, Any], stored_at: datetime) -> SignedReport:
    """The report in a document; without its body if the document was read without it."""
    return SignedReport(
        report_id=report_id,
        nonce=document["nonce"],
        validator_uid=document["validator_uid"],
        hotkey=document["hotkey"],
        epoch=document["epoch"],
        signed_at=signing_time_of(report_id) or 0.0,
        received_at=document["received_at"].timestamp(),
        miner_count=document["miner_count"],
        content_type=document["content_type"],
        body=inflate(document["body"]) if "body" in document else b"",
        body_sha256=document["body_sha256"],
        signature=document["signature"],
        recent=tuple(document["recent"]),
        debt=document.get("debt", 0),  # unknown in older documents
        expire_at=document["expire_at"].timestamp(),
        stored_at=stored_at.timestamp(),
    )


def from_snapshot(snapshot: StoredSnapshot) -> Document:
    """The document `consensus/current`."""
    return {
        "version": snapshot.version,
        "computed_at": timestamp(snapshot.computed_at),
        "watermark": timestamp(snapshot.watermark),
        "inputs": list(snapshot.inputs),
        "last_round": snapshot.last_round,
        "last_round_hash": snapshot.last_round_hash,
        "closed_through": snapshot.closed_through,
        "total_reports": snapshot.total_reports,
        "total_observations": snapshot.total_observations,
        "latency_ms": snapshot.latency_ms,
        "announced": snapshot.announced,
        "payload": snapshot.payload,
    }


def to_snapshot(document: Mapping[str, Any], revision: Any) -> StoredSnapshot:
    """The snapshot in a document."""
    return StoredSnapshot(
        version=document["version"],
        computed_at=document["computed_at"].timestamp(),
        watermark=document["watermark"].timestamp(),
        inputs=tuple(document["inputs"]),
        last_round=document["last_round"],
        last_round_hash=document["last_round_hash"],
        closed_through=document["closed_through"],
        total_reports=document["total_reports"],
        total_observations=document["total_observations"],
        latency_ms=document["latency_ms"],
        payload=document["payload"],
        announced=document.get("announced", document["version"]),  # unknown in older documents
        revision=revision,
    )


def from_round(closed: StoredRound) -> Document:
    """The document `rounds/{round}`."""
    return {
        "round": closed.round,
        "payload": closed.payload,
        "payload_sha256": closed.payload_sha256,
        "previous_hash": closed.previous_hash,
        "chapter": closed.chapter,
        "expire_at": timestamp(closed.expire_at),
    }


def to_round(document: Mapping[str, Any]) -> StoredRound:
    """The closed round in a document."""
    return StoredRound(
        round=document["round"],
        payload=document["payload"],
        payload_sha256=document["payload_sha256"],
        previous_hash=document["previous_hash"],
        expire_at=document["expire_at"].timestamp(),
        chapter=document.get("chapter", b""),
    )


def from_registry(registry: Registry) -> Document:
    """The document `registry/current`; the neurons are one JSON string, absent fields left out."""
    neurons = [
        {key: value for key, value in asdict(neuron).items() if value is not None}
        for neuron in registry.neurons
    ]
    return {
        "synced_at": timestamp(registry.synced_at),
        "neurons": json.dumps(neurons, separators=(",", ":")),
        **({} if registry.block is None else {"block": registry.block}),
    }


def to_registry(
    netuid: int, current: Mapping[str, Any], overrides: Mapping[str, Any] | None
) -> Registry:
    """The registry in its two documents; `overrides` may be missing."""
    return Registry(
        netuid=netuid,
        synced_at=current["synced_at"].timestamp(),
        neurons=tuple(_neuron(entry) for entry in json.loads(current["neurons"])),
        overrides=to_overrides(overrides or {}),
        block=current.get("block"),
    )


def from_overrides(overrides: Overrides) -> Document:
    """The document `registry/overrides`."""
    lifted = {hotkey: timestamp(at) for hotkey, at in sorted(overrides.lifted.items())}
    return {"disabled": sorted(overrides.disabled), "lifted": lifted}


def to_overrides(document: Mapping[str, Any]) -> Overrides:
    """What operators decided, from its document."""
    lifted = {hotkey: at.timestamp() for hotkey, at in document.get("lifted", {}).items()}
    return Overrides(disabled=frozenset(document.get("disabled", ())), lifted=lifted)


def _neuron(entry: Mapping[str, Any]) -> Neuron:
    axon = entry.get("axon")
    return Neuron(
        uid=entry["uid"],
        hotkey=entry["hotkey"],
        stake=float(entry["stake"]),
        validator_permit=entry.get("validator_permit", False),
        coldkey=entry.get("coldkey"),
        block_at_registration=entry.get("block_at_registration"),
        axon=(axon[0], axon[1]) if axon else None,
    )
