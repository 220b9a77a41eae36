"""Reports of a simulated subnet without the network: what submit gets when a signature was good."""

from __future__ import annotations

import hashlib
import json
import random

from google.cloud import firestore

from devtools.simulation import Subnet, Validator
from shared.adapters.firestore import (
    FirestoreRegistryStore,
    FirestoreReportLog,
    FirestoreSnapshotStore,
)
from shared.domain.policy import Policy
from shared.service.pace import Pace
from shared.service.ports import Clock, SignedReport, Verified
from shared.service.recompute import Recompute
from shared.service.registries import Registries
from shared.service.submit import Intake, submit

JSON = "application/json"


def verified(subnet: Subnet, validator: Validator, at: float, rng: random.Random) -> Verified:
    """A validator's report of all its miners, signed at `at` (seconds since 1970)."""
    report = {
        "validator_uid": validator.uid,
        "epoch": subnet.steps,
        "miner_statuses": validator.report(subnet, rng, at),
    }
    body = json.dumps(report).encode()
    return Verified(
        scheme="btauth/1 sr25519",
        hotkey=validator.keypair.ss58_address,
        nonce=str(round(at * 1e6) * 1000),
        signed_at=at,
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        kept={},
    )


def intake(log: FirestoreReportLog, registry: FirestoreRegistryStore, clock: Clock) -> Intake:
    """An instance of submit, by the defaults of a deployment."""
    return Intake(log, Registries(registry, clock), clock, Policy(), Pace(limit=12))


def recompute(client: firestore.Client, clock: Clock) -> Recompute:
    """An instance of recompute over this Firestore client, which tells nobody."""
    stores = FirestoreReportLog(client), FirestoreSnapshotStore(client)
    return Recompute(*stores, FirestoreRegistryStore(client), Policy(), clock)


def keep(
    intake: Intake, subnet: Subnet, validator: Validator, at: float, rng: random.Random
) -> SignedReport:
    """Submit one report of now."""
    return submit(intake, subnet.netuid, verified(subnet, validator, at, rng), JSON)
