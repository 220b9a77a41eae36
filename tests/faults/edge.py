"""Submit as the platform loads it, over a Firestore of choice, and validators with keys."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import functions_framework
from quorate_client.signing import sign_btauth
from werkzeug.test import TestResponse

from devtools.paths import ROOT
from devtools.simulation import Subnet, demo_subnet
from functions import _wiring
from functions._routes import PUBLIC_PATHS
from shared.adapters.firestore import FirestoreRegistryStore
from shared.domain.registry import Neuron, Registry
from tests.faults.subnets import kept

SUBMIT = PUBLIC_PATHS["submit-miner-status"]


@dataclass(frozen=True, slots=True)
class Request:
    """One signed request, which may be sent any number of times."""

    target: str
    body: bytes
    headers: Mapping[str, str]
    nonce: str


@dataclass(frozen=True, slots=True)
class Validators:
    """Those of a registered subnet, and a client that no harm is done to."""

    subnet: Subnet
    client: Any

    def request(self, turn: int = 0) -> Request:
        """A new report of one of them; they take turns."""
        validator = self.subnet.validators[turn % len(self.subnet.validators)]
        statuses = validator.report(self.subnet, self.subnet.rng, time.time())
        report = {"validator_uid": validator.uid, "epoch": 1, "miner_statuses": statuses}
        body, nonce = json.dumps(report).encode(), time.time_ns()
        target = f"{SUBMIT}?netuid={self.subnet.netuid}"
        headers = sign_btauth(validator.keypair, "POST", target, body, nonce=nonce)
        return Request(target, body, {**headers, "Content-Type": "application/json"}, str(nonce))

    def kept(self) -> dict[str, bytes]:
        """Nonce → body of every report in the log."""
        return {each.nonce: each.body for each in kept(self.client, self.subnet.netuid)}


def register(client: Any, netuid: int) -> Validators:
    """Four validators with keys and eight miners, on the chain's word."""
    subnet = demo_subnet(netuid, 4, 8)
    validators = [Neuron(v.uid, v.keypair.ss58_address, v.stake, True) for v in subnet.validators]
    miners = [Neuron(m.uid, m.hotkey, m.stake, axon=m.axon) for m in subnet.miners]
    neurons = (*miners, *validators)
    FirestoreRegistryStore(client).save(Registry(netuid, time.time(), neurons))
    return Validators(subnet, client)


def environment(host: str, project: str, netuid: int) -> dict[str, str]:
    """What makes the functions of a process serve this subnet from there."""
    return {
        "STORE": "firestore",
        "NETUIDS": str(netuid),
        "GCLOUD_PROJECT": project,
        "FIRESTORE_EMULATOR_HOST": host,
    }


def post(request: Request) -> TestResponse:
    """Send it to a new instance of `submit-miner-status`."""
    _wiring.forget()
    app = functions_framework.create_app("submit_miner_status", str(ROOT / "main.py"))  # type: ignore[no-untyped-call] # it has no types
    answer: TestResponse = app.test_client().post(
        request.target, data=request.body, headers=dict(request.headers)
    )
    return answer


def post_alone(settings: Mapping[str, str], request: Request) -> None:
    """The same in a process of its own, which fails unless the answer is 200."""
    os.environ.update(settings)
    assert post(request).status_code == 200
