"""Functions as the platform loads them, over the in-memory stores."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from functions import _wiring
from tests.builders import registry

ROOT = Path(__file__).parents[3]
EVENTS = ROOT / "tests" / "vectors" / "events"

Load = Callable[[str], FlaskClient]


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A fresh process, as far as the functions can tell: settings are read and stores are empty."""
    monkeypatch.setenv("STORE", "memory")
    _wiring.forget()
    _wiring.stores().registry.save(registry(synced_at=_wiring.clock()))
    yield monkeypatch
    _wiring.forget()


@pytest.fixture
def load(in_memory: pytest.MonkeyPatch) -> Load:  # noqa: ARG001 - it sets the stage
    """Load a function by its entry point, through `main.py`, as functions-framework does."""

    def by_entry_point(target: str) -> FlaskClient:
        app = functions_framework.create_app(target, str(ROOT / "main.py"))  # type: ignore[no-untyped-call] # it has no types
        client: FlaskClient = app.test_client()
        return client

    return by_entry_point


def recorded(name: str, **headers: str) -> dict[str, Any]:
    """A recorded CloudEvent, as arguments of a POST; `headers` replace some of its attributes."""
    event = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    changed = {f"ce-{key}": value for key, value in headers.items()}
    return {"headers": {**event["headers"], **changed}, "data": base64.b64decode(event["body"])}
