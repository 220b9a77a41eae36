"""Every public endpoint with requests that it answers with 200, and the subnet they are about."""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import httpx

from benchmarks.load_requests import Signers, registry_of, wire
from benchmarks.made_reports import intake, keep, recompute
from devtools.simulation import Subnet, demo_subnet
from functions._routes import PUBLIC_PATHS
from shared.adapters.firestore import FirestoreRegistryStore, FirestoreReportLog, connect

PROJECT = "demo-load"
"""A project of its own: the emulators send no events of it to anybody."""
READ_NETUID = 2
VALIDATORS, MINERS = 16, 256
KEY = "key-of-the-load"
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}
SCOPES = ["read", "dispatch", "audit"]
SETTINGS = {
    "STORE": "firestore",
    "NETUIDS": f"1,{READ_NETUID}",
    "THREADS": "16",
    "GCLOUD_PROJECT": PROJECT,
    "ALLOW_PRIVATE_AXONS": "true",
    "API_KEYS": json.dumps(
        [{"name": "load", "sha256": hashlib.sha256(KEY.encode()).hexdigest(), "scopes": SCOPES}]
    ),
}
ASSIGNMENTS = 200
"""Assignments that are there to be reported on."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One way to ask one function."""

    function: str
    what: str
    requests: Callable[[], Sequence[bytes]]
    again: bool = True
    """Whether the same request may be sent any number of times."""

    @property
    def entry_point(self) -> str:
        """The name that functions-framework knows."""
        return self.function.replace("-", "_")


def seed(signers: Signers) -> Subnet:
    """A subnet with a closed round and a snapshot of now, and the registry of those who sign."""
    client, subnet = connect(PROJECT), demo_subnet(READ_NETUID, VALIDATORS, MINERS)
    registry, log, now = FirestoreRegistryStore(client), FirestoreReportLog(client), time.time()
    registry.save(registry_of(signers.subnet, now))
    registry.save(registry_of(subnet, now))
    for then in (now - 150, now):
        clock = partial(float, then)
        subnet.step()
        for validator in subnet.validators:
            keep(intake(log, registry, clock), subnet, validator, then, random.Random(1))
        recompute(client, clock)(subnet.netuid)
    return subnet


def endpoints(signers: Signers, subnet: Subnet, assign_url: str) -> list[Endpoint]:
    """All of them; `assign_url` is where `assign-tasks` answers."""
    miner = subnet.miners[0].uid
    return [
        Endpoint("submit-miner-status", "64 miners", lambda: signers.reports(600), again=False),
        _read("get-consensus-stats"),
        _read("get-miner-consensus", uid=miner),
        _read("get-miner-consensus", "explain=true", uid=miner),
        _read("get-network-status"),
        _read("list-validators"),
        _read("get-health"),
        _read("get-metrics"),
        _read("get-history", f"miner={miner}"),
        _read("get-snapshot", round="current"),
        _read("get-openapi"),
        Endpoint("assign-tasks", "count 1", lambda: [_post("assign-tasks", {"count": 1})]),
        Endpoint("complete-task", "", lambda: _results(assign_url), again=False),
    ]


def _read(function: str, query: str = "", **path: int | str) -> Endpoint:
    target = PUBLIC_PATHS[function].format(**path) + _netuid(query)
    return Endpoint(function, query, lambda: [wire("GET", target, AUTHORIZED)])


def _netuid(query: str = "") -> str:
    return f"?netuid={READ_NETUID}" + (f"&{query}" if query else "")


def _post(function: str, body: Mapping[str, object], **path: str) -> bytes:
    target = PUBLIC_PATHS[function].format(**path) + _netuid()
    headers = {"Content-Type": "application/json", **AUTHORIZED}
    return wire("POST", target, headers, json.dumps(body).encode())


def _results(assign_url: str) -> list[bytes]:
    """A result for each of many assignments, which are made here."""
    found = []
    with httpx.Client(base_url=assign_url, headers=AUTHORIZED, timeout=30) as client:
        for _ in range(ASSIGNMENTS):
            path = PUBLIC_PATHS["assign-tasks"] + _netuid()
            given = client.post(path, json={"count": 1}).raise_for_status().json()
            result = {"uid": given["miners"][0]["uid"], "outcome": "success", "latency_ms": 100}
            body = {"results": [result]}
            found.append(_post("complete-task", body, id=given["assignment_id"]))
    return found


def environment(system: Mapping[str, str]) -> dict[str, str]:
    """What the functions and this process see; sets it for this process."""
    os.environ.update(system)  # where the client library looks for the emulator
    return {**system, **SETTINGS}
