"""How places, assignments and records look as Firestore documents: pure, both ways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from shared.adapters.documents import Document, timestamp
from shared.domain.dispatch.breaker import Breaker
from shared.domain.dispatch.records import Outcome, Record
from shared.service.dispatch_ports import Assignment, Lease, Place, PlaceName

PLACE_RETENTION = 7 * 86_400.0
"""Seconds that a place is kept after its last lease."""
RECORD_RETENTION = 30 * 86_400.0
"""Seconds that a record is kept after the last result; it has faded to nothing long before."""


def place_id(name: PlaceName) -> str:
    """Id under `slots`."""
    return f"{name.uid}_{name.hotkey}_{name.number}"


def miner_id(uid: int, hotkey: str) -> str:
    """Id under `outcomes`."""
    return f"{uid}_{hotkey}"


def from_lease(lease: Lease) -> Document:
    """The document of the place that the lease takes."""
    return {
        "lease_id": lease.lease_id,
        "expires_at": timestamp(lease.expires_at),
        "expire_at": timestamp(lease.expires_at + PLACE_RETENTION),
    }


def to_place(name: PlaceName, document: Mapping[str, Any], revision: Any) -> Place:
    """The place in a document."""
    return Place(name, document["lease_id"], document["expires_at"].timestamp(), revision)


def from_assignment(assignment: Assignment) -> Document:
    """The document `assignments/{id}`, new.

    `due` is there as long as no result is known and nobody has counted it as a dead letter.
    """
    return {
        "request_sha256": assignment.request_sha256,
        "mode": assignment.mode,
        "requested": assignment.requested,
        "created_at": timestamp(assignment.created_at),
        "expires_at": timestamp(assignment.expires_at),
        "expire_at": timestamp(assignment.expire_at),
        "due": timestamp(assignment.expires_at),
        "leases": json.dumps([asdict(lease) for lease in assignment.leases]),
        "results": {},
        "is_dead": False,
        "at_once": assignment.at_once,
    }


def from_results(results: Mapping[int, Outcome]) -> Document:
    """The field `results`; a map has text for keys."""
    return {str(uid): outcome for uid, outcome in sorted(results.items())}


def to_assignment(
    assignment_id: str, document: Mapping[str, Any], opened: Any, revision: Any
) -> Assignment:
    """The assignment in a document."""
    return Assignment(
        assignment_id=assignment_id,
        request_sha256=document["request_sha256"],
        mode=document["mode"],
        requested=document["requested"],
        created_at=document["created_at"].timestamp(),
        expires_at=document["expires_at"].timestamp(),
        expire_at=document["expire_at"].timestamp(),
        leases=tuple(Lease(**lease) for lease in json.loads(document["leases"])),
        results={int(uid): outcome for uid, outcome in document["results"].items()},
        is_dead=document["is_dead"],
        at_once=document["at_once"],
        opened=opened,
        revision=revision,
    )


def from_record(record: Record) -> Document:
    """The document `outcomes/{uid}_{hotkey}`."""
    faded = asdict(record)
    del faded["updated_at"]
    return {
        "updated_at": timestamp(record.updated_at),
        "expire_at": timestamp(record.updated_at + RECORD_RETENTION),
        "record": faded,
    }


def to_record(document: Mapping[str, Any]) -> Record:
    """The record in a document."""
    faded = dict(document["record"])
    breaker = Breaker(**faded.pop("breaker"))
    return Record(**faded, breaker=breaker, updated_at=document["updated_at"].timestamp())
