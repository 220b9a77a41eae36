"""Routes of the one-process system are those of the hosting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from devtools.in_process import Events, site
from devtools.paths import ROOT


def named(name: str) -> Flask:
    """An application that answers its name."""
    app = Flask(name)
    app.add_url_rule("/", "root", lambda: name, methods=["GET", "POST"])
    app.add_url_rule("/<path:path>", "any", lambda path: f"{name} {path}", methods=["GET", "POST"])
    return app


class Anything(dict[str, Flask]):
    """An application for every function."""

    def __missing__(self, name: str) -> Flask:
        """Made when asked for."""
        self[name] = named(name)
        return self[name]


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/api/v1/validators/miner-status", "submit-miner-status"),
        ("/api/v1/validators/consensus-stats", "get-consensus-stats"),
        ("/api/v1/miners/network-status", "get-network-status"),
        ("/api/v1/miners/49/consensus", "get-miner-consensus"),
        ("/api/v1/health", "get-health"),
    ],
)
def test_a_public_path_reaches_its_function_unchanged(path: str, function: str) -> None:
    """The function sees the path as on the hosting domain."""
    answer = Client(site(Anything(), ROOT)).get(path)

    assert answer.text == f"{function} {path[1:]}"


@pytest.mark.parametrize("path", ["/", "/api/v1/miners/4/9/consensus", "/api/v1/healthy"])
def test_any_other_path_is_not_found(path: str) -> None:
    """A glob's star does not cross a slash."""
    assert Client(site(Anything(), ROOT)).get(path).status_code == 404


def test_a_stored_report_becomes_the_event_that_firestore_sends() -> None:
    """Same type, document and content type; the data is not needed."""
    received = _delivered(lambda events: events.report_created(1, "48_17"), "recompute-consensus")

    assert received["HTTP_CE_TYPE"] == "google.cloud.firestore.document.v1.written"
    assert received["HTTP_CE_DOCUMENT"] == "subnets/1/validator_reports/48_17"
    assert received["CONTENT_TYPE"] == "application/protobuf"


def test_a_sweep_becomes_the_event_that_pubsub_sends() -> None:
    """An empty JSON object, as the scheduler publishes it."""
    received = _delivered(Events.sweep, "sweep-timeouts")

    assert received["HTTP_CE_TYPE"] == "google.cloud.pubsub.topic.v1.messagePublished"


def _delivered(happen: Any, function: str) -> dict[str, Any]:
    """What the function's application was called with."""
    import queue  # noqa: PLC0415 - of this alone

    calls: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    app = Flask(function)

    def record(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        calls.put(dict(environ))
        start_response("204 No Content", [])
        return []

    app.wsgi_app = record  # type: ignore[method-assign] # Flask's documented seam
    events = Events({function: app})
    events.start()
    happen(events)
    return calls.get(timeout=10)
