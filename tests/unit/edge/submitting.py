"""The submit function as the runtime loads it, and bodies for it."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import flask.testing
import functions_framework
from werkzeug.test import TestResponse

from functions import _wiring
from shared.adapters.memory import MemoryReportLog
from shared.domain.registry import Neuron, Registry
from tests.unit.edge.hotkeys import MINER, OTHER, VALIDATOR, Hotkey

ROOT = Path(__file__).parents[3]
PATH = "/api/v1/validators/miner-status"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
RFC3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


class Service:
    """The submit function as the runtime loads it, with a subnet in memory."""

    def __init__(self) -> None:
        """Register validator 48, one without permit, one without stake, and a miner."""
        app = functions_framework.create_app(  # type: ignore[no-untyped-call] # ships no types
            "submit_miner_status", str(ROOT / "main.py")
        )
        self.client: flask.testing.FlaskClient = app.test_client()
        neurons = (
            Neuron(48, VALIDATOR.address, 5000.0, True),
            Neuron(49, OTHER.address, 5000.0, False),
            Neuron(7, MINER.address, 1.0, True),
        )
        _wiring.stores().registry.save(Registry(1, time.time(), neurons))

    def post(self, raw: bytes, url: str = PATH, **fields: Any) -> TestResponse:
        """Sign with the validator's key, for this URL unless told otherwise, and send."""
        hotkey: Hotkey = fields.pop("hotkey", VALIDATOR)
        nonce = fields.pop("nonce", None) or time.time_ns()
        target = fields.pop("target", url)
        headers = hotkey.btauth(raw, nonce, target) | fields.pop("headers", {})
        content_type = fields.pop("content_type", JSON)
        return self.client.post(url, data=raw, headers=headers, content_type=content_type, **fields)

    @property
    def stored(self) -> int:
        """How many reports there are."""
        log = _wiring.stores().reports
        assert isinstance(log, MemoryReportLog)
        return len(log._reports)


def body(**fields: Any) -> bytes:
    status = {"uid": 7, "hotkey": MINER.address, "stake": 1.0, "is_serving": True}
    batch = {"validator_uid": 48, "epoch": 3, "miner_statuses": [status]}
    return json.dumps({**batch, **fields}).encode()


def assert_problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The answer is a complete RFC 9457 problem."""
    assert (status, "application/problem+json") == (response.status_code, response.mimetype)
    problem: dict[str, Any] = json.loads(response.data)
    assert (status, code) == (problem["status"], problem["code"])
    assert {"type", "title", "status", "detail", "code", "timestamp"} <= problem.keys()
    assert re.fullmatch(RFC3339, problem["timestamp"])
    return problem
