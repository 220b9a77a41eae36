"""What a new instance loads before its first answer: nothing that the answer does not need."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
import yaml

from tests.builders import ALICE
from tests.unit.functions.conftest import ROOT

ENDPOINTS = yaml.safe_load((ROOT / "functions.yaml").read_text())["endpoints"]
HTTP = [row["entryPoint"] for row in ENDPOINTS.values() if "httpsTrigger" in row]
EVENTS = [row["entryPoint"] for row in ENDPOINTS.values() if "eventTrigger" in row]
HEAVY = ("numpy", "grpc", "google.cloud.firestore", "google.cloud.pubsub_v1", "bt_decode")
"""Each takes from 80 ms to half a second."""
SCRIPT = """
import sys, functions_framework
client = functions_framework.create_app("{target}", "main.py").test_client()
status = client.{call}.status_code
print(status, *[name for name in {heavy} if name in sys.modules])
"""


def answered(target: str, call: str, store: str = "firestore") -> list[str]:
    """Status of the first call of a new instance, and what of the heavy it had loaded by then."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(target=target, call=call, heavy=HEAVY)],
        cwd=ROOT,
        env={**os.environ, "STORE": store, "GCLOUD_PROJECT": "demo-cold"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1].split()


@pytest.mark.parametrize("target", HTTP)
def test_an_http_function_loads_nothing_heavy_before_it_needs_it(target: str) -> None:
    """It is up, and answers OPTIONS, without a client of anything and without arrays."""
    path = {"complete_task": "tasks/assignments/0/results", "get_snapshot": "snapshots/current"}
    url = f"/api/v1/{path.get(target, 'miners/7/consensus')}"

    assert ["204"] == answered(target, f'options("{url}")')


@pytest.mark.parametrize("target", EVENTS)
def test_an_event_function_loads_nothing_heavy_before_its_first_event(target: str) -> None:
    """What is no event is refused by the framework alone."""
    assert ["415"] == answered(target, 'post("/", data=b"{}")')


@pytest.mark.parametrize("named", [0, 1, 4])
def test_a_badly_signed_report_is_refused_without_a_store(named: int) -> None:
    """Whoever cannot sign costs neither a read nor the time to load what reads."""
    forged = "0x" + "ab" * 64
    whole = {"Version": "1", "Hotkey": ALICE, "Nonce": time.time_ns(), "Signature": forged}
    headers = {f"X-Bittensor-{name}": str(value) for name, value in [*whole.items()][:named]}

    call = f'post("/", data=b"{{}}", headers={headers})'

    assert ["401"] == answered("submit_miner_status", call)


@pytest.mark.parametrize("target", ["assign_tasks", "complete_task", "get_snapshot"])
def test_a_caller_without_a_key_is_refused_without_a_store(target: str) -> None:
    """The same for those who need a key."""
    path = {"assign_tasks": "/", "complete_task": "/api/v1/tasks/assignments/0/results"}
    call = "get" if target == "get_snapshot" else "post"
    url = path.get(target, "/api/v1/snapshots/current")

    assert ["401"] == answered(target, f'{call}("{url}")')


@pytest.mark.parametrize(
    "target",
    ["get_consensus_stats", "get_network_status", "get_health", "get_openapi", "list_validators"],
)
def test_an_answer_needs_no_arrays(target: str) -> None:
    """Who reads what was computed computes nothing, and tells nobody."""
    assert ["200"] == answered(target, 'get("/")', store="memory")
