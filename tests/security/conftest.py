"""The submit function in this process with real keys, and functions in processes of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from devtools.paths import ROOT
from functions import _wiring
from functions._routes import PUBLIC_PATHS
from shared.adapters.memory import MemoryReportLog
from shared.domain.registry import Neuron, Registry
from shared.service.ports import SignedReport
from tests.security.instances import Instance, running
from tests.unit.edge.hotkeys import MINER, OTHER, VALIDATOR, Hotkey

SUBMIT = PUBLIC_PATHS["submit-miner-status"]
JSON = "application/json"


def load(target: str) -> FlaskClient:
    """A function as functions-framework loads it."""
    app = functions_framework.create_app(target, str(ROOT / "main.py"))  # type: ignore[no-untyped-call] # ships no types
    client: FlaskClient = app.test_client()
    return client


def chain(netuid: int = 1) -> Registry:
    """Validators 48 and 49 of equal stake, and a miner at uid 7."""
    validators = (
        Neuron(48, VALIDATOR.address, 5000.0, True),
        Neuron(49, OTHER.address, 5000.0, True),
    )
    return Registry(netuid, time.time(), (Neuron(7, MINER.address, 100.0), *validators))


def report(uid: int = 48, **status: Any) -> bytes:
    """A body about the miner at uid 7."""
    statuses = [{"uid": 7, "hotkey": MINER.address, **status}]
    return json.dumps({"validator_uid": uid, "epoch": 1, "miner_statuses": statuses}).encode()


class Submit:
    """The submit function over a subnet in memory."""

    def __init__(self) -> None:
        """Two validators and a miner are registered."""
        self.client = load("submit_miner_status")
        _wiring.stores().registry.save(chain())

    def post(self, raw: bytes, signer: Hotkey = VALIDATOR, **fields: Any) -> TestResponse:
        """Sign and send."""
        headers = signer.btauth(raw, fields.pop("nonce", time.time_ns()), SUBMIT)
        arguments = {"content_type": JSON, "headers": headers, **fields}
        return self.client.post(SUBMIT, data=raw, **arguments)

    @property
    def stored(self) -> list[SignedReport]:
        """All reports that were accepted."""
        log = _wiring.stores().reports
        assert isinstance(log, MemoryReportLog)
        return list(log._reports.values())


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A new instance with in-memory stores; settings may be set before use."""
    monkeypatch.setenv("STORE", "memory")
    _wiring.forget()
    yield monkeypatch
    _wiring.forget()


@pytest.fixture
def submit(fresh: pytest.MonkeyPatch) -> Submit:  # noqa: ARG001 - it sets the stage
    """The submit function of a new instance."""
    return Submit()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The submit function behind a real server, with nobody registered."""
    log: Path = tmp_path_factory.mktemp("instance") / "log"
    with running("submit_miner_status", log) as instance:
        yield instance
