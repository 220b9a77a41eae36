"""POST `/api/v1/validators/miner-status`: a validator's signed report of its miners."""

from __future__ import annotations

from typing import Any

import flask

from functions import _wiring
from functions._http import Call, endpoint, reply
from functions._limits import Places
from functions._routes import signed_targets
from shared.adapters import signatures
from shared.service.ports import SignedReport
from shared.service.submit import submit
from shared.service.times import rfc3339

AT_ONCE = 8
"""Verified reports that one instance has in hand at a time."""
WORST_MIB = 24
"""Memory that the worst body takes when it is parsed."""
WAIT = 5.0
"""Seconds that a verified report waits for its turn."""
_HEADER = "HTTP_"
"""What WSGI writes before the name of a header."""
_places = Places(AT_ONCE, WAIT)


@endpoint("submit-miner-status", "POST", access="signed")
def submit_miner_status(call: Call) -> flask.Response:
    """Verify who sent it, keep it, and say so; the same request gets the same answer."""
    verified = signatures.verify(_signed(call), _wiring.signature_rules(), _wiring.clock())
    call.facts |= {"hotkey": verified.hotkey, "nonce": verified.nonce}
    content_type = call.request.environ.get("CONTENT_TYPE", "")
    with _places:
        report = submit(_wiring.intake(), call.netuid, verified, content_type)
    return reply(_receipt(report), report.received_at)


def _signed(call: Call) -> signatures.SignedRequest:
    settings, environ = _wiring.settings(), call.request.environ
    return signatures.SignedRequest(
        method=call.request.method,
        targets=signed_targets(call.request, settings),
        headers={
            name[len(_HEADER) :].replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith(_HEADER)
        },
        body=call.body,
        netuid=call.netuid,
        default_netuid=settings.default_netuid,
    )


def _receipt(report: SignedReport) -> dict[str, Any]:
    return {
        "success": True,
        "validator_uid": report.validator_uid,
        "epoch": report.epoch,
        "miners_processed": report.miner_count,
        "report_id": report.nonce,
        "body_sha256": report.body_sha256,
        "received_at": rfc3339(report.received_at),
    }
