"""POST `/api/v1/tasks/assignments/{id}/results`: how it went, which gives the leases back."""

from __future__ import annotations

from typing import Any

import flask

from functions import _wiring
from functions._dispatch import assignment_id_of, body_of
from functions._http import Call, endpoint, reply
from shared.broken_rules import Problem
from shared.schemas import InvalidBody
from shared.service.complete import Completion, NotAssigned
from shared.task_bodies import parse_results


@endpoint("complete-task", "POST", access="dispatch")
def complete_task(call: Call) -> flask.Response:
    """Take the first result of each miner; however often they come, the answer is the same."""
    assignment_id = assignment_id_of(call)
    reports = parse_results(call.request.headers.get("Content-Type", ""), body_of(call))
    try:
        completion = _wiring.complete()(call.netuid, assignment_id, reports)
    except NotAssigned as error:
        raise InvalidBody(_strangers(list(reports), error.uids)) from None
    call.facts["accepted"] = len(completion.accepted)
    return reply(_answer(completion), _wiring.clock())


def _strangers(reported: list[int], strangers: tuple[int, ...]) -> list[Problem]:
    return [
        Problem(
            f"/results/{reported.index(uid)}/uid",
            "not_assigned",
            f"uid {uid} is not part of this assignment",
        )
        for uid in strangers
    ]


def _answer(completion: Completion) -> dict[str, Any]:
    assignment = completion.assignment
    uids = [lease.uid for lease in assignment.leases]
    return {
        "success": True,
        "assignment_id": assignment.assignment_id,
        "accepted": list(completion.accepted),
        "results": [
            {"uid": uid, "outcome": assignment.results[uid]}
            for uid in uids
            if uid in assignment.results
        ],
        "outstanding": [uid for uid in uids if uid not in assignment.results],
    }
