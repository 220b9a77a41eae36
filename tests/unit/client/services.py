"""A server that answers by a script, and who reports to the real one."""

from __future__ import annotations

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

VALIDATORS = [SeedKeypair(bytes([i]) * 32) for i in range(1, 4)]
MINER = SeedKeypair(bytes([9]) * 32)


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


def report_from(live: str, validator: int, epoch: int = 1, **more: object) -> None:
    """One validator's report of the miner, sent once."""
    with Reporter(
        live, VALIDATORS[validator], validator_uid=validator, retries=Retries(patience=0)
    ) as reporter:
        reporter.report([status_of_miner(**more)], epoch)
