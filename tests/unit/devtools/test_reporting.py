"""Simulated validators post their reports, and remember what was said."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from devtools.reporting import Reporting
from devtools.simulation import demo_subnet

PROBLEM = {"code": "epoch_backwards", "detail": "epoch 0 after a report of epoch 2"}


class Refusing(BaseHTTPRequestHandler):
    """A service that takes nothing and says so, at another moment each time."""

    epochs: list[int]

    def do_POST(self) -> None:
        """Keep the epoch; 409."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.epochs.append(json.loads(body)["epoch"])
        answer = json.dumps({**PROBLEM, "timestamp": str(len(self.epochs))}).encode()
        self.send_response(409)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def refusing() -> Iterator[str]:
    """Where it listens."""
    Refusing.epochs = []
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def posted(url: str, rounds: int) -> Reporting:
    """So many rounds of three validators."""
    reporting = Reporting(url, demo_subnet(netuid=1, validators=8, miners=4))
    reporting.silent = {3, 4, 5, 6, 7}
    for _ in range(rounds):
        reporting.post_round()
    reporting.close()
    return reporting


def test_equal_refusals_count_together(refusing: str) -> None:
    """By status, code and words; when they were said does not matter."""
    reporting = posted(refusing, rounds=2)

    assert {"409 epoch_backwards: epoch 0 after a report of epoch 2": 6} == reporting.refused


def test_a_second_run_begins_where_the_first_one_ended(refusing: str) -> None:
    """The service refuses an epoch below the last one, so none starts over with the process."""
    posted(refusing, rounds=3)
    before = len(Refusing.epochs)
    posted(refusing, rounds=1)

    assert min(Refusing.epochs[before:]) >= max(Refusing.epochs[:before])
