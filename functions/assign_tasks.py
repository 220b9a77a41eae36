"""POST `/api/v1/tasks/assignments`: miners to send work to, one leased place of each."""

from __future__ import annotations

from typing import Any

import flask

from functions import _wiring
from functions._dispatch import body_of, idempotent_id
from functions._http import Call, endpoint, reply
from shared.service.dispatch_ports import Assignment, Lease
from shared.service.times import rfc3339
from shared.task_bodies import parse_task


@endpoint("assign-tasks", "POST", access="dispatch")
def assign_tasks(call: Call) -> flask.Response:
    """Choose, lease and answer; the same `Idempotency-Key` answers the same assignment."""
    task = parse_task(call.request.headers.get("Content-Type", ""), body_of(call))
    assignment = _wiring.assign()(call.netuid, task, idempotent_id(call))
    leased = len(assignment.leases)
    call.facts |= {"requested": task.count, "leased": leased, "mode": assignment.mode}
    return reply(_answer(assignment), assignment.created_at)


def _answer(assignment: Assignment) -> dict[str, Any]:
    return {
        "success": True,
        "assignment_id": assignment.assignment_id if assignment.leases else None,
        "processing_mode": assignment.mode,
        "miners": [_miner(lease) for lease in assignment.leases],
        "requested": assignment.requested,
    }


def _miner(lease: Lease) -> dict[str, Any]:
    return {
        "uid": lease.uid,
        "hotkey": lease.hotkey,
        "ip": lease.ip,
        "port": lease.port,
        "availability_score": lease.availability_score,
        "consensus_confidence": lease.consensus_confidence,
        "lease_id": lease.lease_id,
        "expires_at": rfc3339(lease.expires_at),
    }
