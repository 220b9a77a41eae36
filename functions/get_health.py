"""GET `/api/v1/health`: is the subnet well, and if not, why."""

from __future__ import annotations

from dataclasses import asdict

import flask

from functions import _wiring
from functions._http import Call, endpoint, reply
from shared.service.health import health_of


@endpoint("get-health", "GET", access="open")
def get_health(call: Call) -> flask.Response:
    """200 when all is well or no report came yet, 503 when a check fails."""
    now = _wiring.clock()
    health = health_of(_wiring.views()(call.netuid), now)
    call.facts.update({check.name: check.healthy for check in health.checks})
    is_well = health.status != "failing"
    checks = [asdict(check) for check in health.checks]
    body = {"success": is_well, "status": health.status, "netuid": call.netuid, "checks": checks}
    response = reply(body, now, {"Cache-Control": "no-store"})
    response.status_code = 200 if is_well else 503
    return response
