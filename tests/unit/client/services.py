"""A server that answers by a script, and who reports to the real one."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from quorate_client.exchange import Retries
from quorate_client.keys import SeedKeypair
from quorate_client.reporter import Reporter

from functions import _wiring
from shared.service.dispatch_ports import Assignment as Stored

VALIDATORS = [SeedKeypair(bytes([i]) * 32) for i in range(1, 4)]
WALLET_SEED = "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e"
WALLET = SeedKeypair.from_seed(WALLET_SEED)
"""The validator at uid 3, whose mnemonic is the well-known one of development chains."""
MINER = SeedKeypair(bytes([9]) * 32)
OTHER_MINER = SeedKeypair(bytes([10]) * 32)

DISPATCH_KEY, READ_KEY = "sender", "reader"
API_KEYS = json.dumps(
    [
        {"name": key, "sha256": hashlib.sha256(key.encode()).hexdigest(), "scopes": [scope]}
        for key, scope in ((DISPATCH_KEY, "dispatch"), (READ_KEY, "read"))
    ]
)


ASSIGNED = {
    "success": True,
    "assignment_id": "ab" * 16,
    "processing_mode": "consensus",
    "miners": [
        {
            "uid": 9,
            "hotkey": "5F",
            "ip": "8.8.8.8",
            "port": 8091,
            "availability_score": 0.9,
            "consensus_confidence": 0.8,
            "lease_id": "1",
            "expires_at": "2026-01-01T00:00:00Z",
        }
    ],
    "requested": 1,
}
"""An answer to a task, as the service gives it."""


@dataclass(slots=True)
class Request:
    """What a server received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class ScriptedService:
    """Gives the scripted answers one after the other, the last one for ever.

    An answer is (status, headers, content); None closes the connection without one.
    """

    url: str = ""
    answers: list[tuple[int, dict[str, str], Any] | None] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def next_answer(self) -> tuple[int, dict[str, str], Any] | None:
        """The next of the script."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class ScriptedHandler(http.server.BaseHTTPRequestHandler):
    """Answers for the service that a subclass names."""

    service: ScriptedService

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        self.service.requests.append(Request(self.command, self.path, headers, body))
        answer = self.service.next_answer()
        if answer is None:
            self.close_connection = True
            return
        status, extra, content = answer
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **extra}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(server: Any) -> Iterator[str]:
    """The URL of a server that runs in a thread."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def status_of_miner(**more: Any) -> dict[str, Any]:
    """A complete status of the miner at uid 9."""
    return {
        "uid": 9,
        "hotkey": MINER.ss58_address,
        "stake": 1.0,
        "is_serving": True,
        "performance_score": 0.9,
        "current_load": 1,
        "max_capacity": 8,
        "ip": "8.8.8.8",
        "port": 8091,
        **more,
    }


def status_of_other_miner(**more: Any) -> dict[str, Any]:
    """The same of the miner at uid 10, elsewhere."""
    return status_of_miner(uid=10, hotkey=OTHER_MINER.ss58_address, ip="1.1.1.1", **more)


def report_from(live: str, validator: int, epoch: int = 1, **more: object) -> None:
    """One validator's report of the miner, sent once."""
    report_all_from(live, validator, [status_of_miner(**more)], epoch)


def report_all_from(
    live: str, validator: int, statuses: list[dict[str, Any]], epoch: int = 1
) -> None:
    """One validator's report, sent once."""
    with Reporter(
        live, VALIDATORS[validator], validator_uid=validator, retries=Retries(patience=0)
    ) as reporter:
        reporter.report(statuses, epoch)


def stored(assignment_id: str | None) -> Stored:
    """What the service keeps of an assignment."""
    found = _wiring.stores().leases.find(1, str(assignment_id))
    assert found is not None
    return found
