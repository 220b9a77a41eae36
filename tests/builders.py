"""Small, complete values for tests; every argument that matters to a test is named there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.registry import Neuron, Registry
from shared.service.ports import SignedReport, StoredRound, StoredSnapshot

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
CHARLIE = "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y"
DAVE = "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy"
MINER = "5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw"
VALIDATORS = {48: ALICE, 49: BOB, 50: CHARLIE}
T0 = 1_800_000_000.0
"""A moment at which a round of 60 seconds begins."""


def status(uid: int = 7, **fields: Any) -> dict[str, Any]:
    """A complete status of one miner."""
    complete: dict[str, Any] = {
        "uid": uid,
        "hotkey": MINER,
        "stake": 100.0,
        "is_serving": True,
        "performance_score": 0.8,
        "current_load": 2.0,
    }
    return {**complete, **fields}


def signed(
    validator_uid: int = 48,
    at: float = T0,
    statuses: Sequence[Mapping[str, Any]] | None = None,
    **fields: Any,
) -> SignedReport:
    """A report of one of `VALIDATORS`, received when it was signed."""
    signed_at = fields.pop("signed_at", at)
    nonce = str(round(signed_at * 1e6) * 1000)
    content = [dict(entry) for entry in (statuses if statuses is not None else [status()])]
    epoch = fields.pop("epoch", 1)
    body = json.dumps(
        {"validator_uid": validator_uid, "epoch": epoch, "miner_statuses": content}
    ).encode()
    values: dict[str, Any] = {
        "report_id": f"{validator_uid}_{nonce}",
        "nonce": nonce,
        "validator_uid": validator_uid,
        "hotkey": VALIDATORS.get(validator_uid, DAVE),
        "epoch": epoch,
        "signed_at": signed_at,
        "received_at": at,
        "miner_count": len(content),
        "content_type": "application/json",
        "body": body,
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "signature": {"X-Bittensor-Version": "1"},
        "recent": (at,),
        "expire_at": at + 7 * 86_400,
    }
    return SignedReport(**{**values, **fields})


def registry(netuid: int = 1, synced_at: float = T0 - 60, **fields: Any) -> Registry:
    """Three validators of equal stake and one miner at uid 7."""
    validators = [Neuron(uid, key, 5000.0, True) for uid, key in VALIDATORS.items()]
    neurons = (Neuron(7, MINER, 100.0), *validators)
    return Registry(**{"netuid": netuid, "synced_at": synced_at, "neurons": neurons, **fields})


def snapshot(version: int = 1, **fields: Any) -> StoredSnapshot:
    """A stored snapshot of no miner."""
    values: dict[str, Any] = {
        "version": version,
        "computed_at": T0,
        "watermark": T0,
        "inputs": ("48_1",),
        "last_round": -1,
        "last_round_hash": "",
        "closed_through": 3,
        "total_reports": 1,
        "total_observations": 1,
        "latency_ms": 12.5,
        "payload": b"payload",
    }
    return StoredSnapshot(**{**values, **fields})


def closed_round(number: int = 4) -> StoredRound:
    """A stored round."""
    return StoredRound(number, b"round", "aa", "", T0 + 86_400)
