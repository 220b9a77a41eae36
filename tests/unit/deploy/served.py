"""Functions as the platform serves them, and the pushes that Pub/Sub sends them."""

from __future__ import annotations

import base64
from pathlib import Path

import functions_framework
from flask.testing import FlaskClient

from .sources import ROOT


def client_of(entry_point: str, source: Path = ROOT / "main.py") -> FlaskClient:
    """A client of one function, loaded from its source by functions-framework."""
    app = functions_framework.create_app(  # type: ignore[no-untyped-call] # ships no types
        entry_point, str(source)
    )
    client: FlaskClient = app.test_client()
    return client


def push(data: bytes | None) -> dict[str, object]:
    """The body of a push with a message of this data."""
    message: dict[str, object] = {
        "messageId": "1",
        "publishTime": "2026-01-01T00:00:00Z",
        "attributes": {},
    }
    if data is not None:
        message["data"] = base64.b64encode(data).decode()
    return {"message": message, "subscription": "projects/p/subscriptions/sweep-timeouts"}
