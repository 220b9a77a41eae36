"""Explained and verified through the hosting URL, as a miner and an auditor would."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from devtools import tasks
from devtools.simulation import Subnet, demo_subnet
from tests.e2e.conftest import eventually, register
from tests.e2e.test_system import post, signed_body

pytestmark = pytest.mark.e2e

QUORATE = Path(sys.executable).with_name("quorate")
AUDITOR = {"Authorization": f"Bearer {tasks.KEY}"}


@pytest.fixture
def subnet(free_netuid: int, tmp_path: Path, http: httpx.Client) -> Subnet:
    """Four validators have reported on three miners, and all of them count."""
    made = demo_subnet(free_netuid, 4, 3)
    register(made, tmp_path)
    for index in range(4):
        assert 200 == post(http, made, index, signed_body(made, index)).status_code

    def complete() -> bool:
        found = http.get("/api/v1/miners/network-status", params={"netuid": free_netuid}).json()
        return bool(found["consensus_stats"]["active_validators"] == 4)

    eventually(complete)
    return made


def explained(http: httpx.Client, subnet: Subnet, **headers: str) -> dict[str, Any]:
    """Why the first miner's performance is what it is."""
    path = f"/api/v1/miners/{subnet.miners[0].uid}/consensus"
    query: dict[str, str | int] = {"explain": "true", "netuid": subnet.netuid}
    answer = http.get(path, params=query, headers=headers)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()["explanation"]["fields"]["performance_score"]
    return found


def test_a_miner_learns_why(http: httpx.Client, subnet: Subnet) -> None:
    """Every vote with its weight, which its factors make; values are for auditors still."""
    anyone = explained(http, subnet)
    auditor = explained(http, subnet, **AUDITOR)

    assert [0, 1, 2, 3] == [vote["validator_uid"] for vote in anyone["votes"]]
    for vote in anyone["votes"]:
        assert math.prod(vote["factors"].values()) == pytest.approx(vote["weight"])
    assert [True] * 4 == [vote["withheld"] for vote in anyone["votes"]]
    assert all(0 <= vote["value"] <= 1 for vote in auditor["votes"])


def test_an_installation_verifies(url: str, subnet: Subnet) -> None:
    """The operator's command, from the snapshot's signed originals."""
    command = (QUORATE, "verify", url, "--key", tasks.KEY, "--netuid", str(subnet.netuid))

    done = subprocess.run((*command, "--json"), capture_output=True, text=True, check=False)

    answer = json.loads(done.stdout)
    assert ([], "verified", 0) == (answer["findings"], answer["verdict"], done.returncode)
    assert (4, 3) == (answer["records"][0]["signatures"], answer["records"][0]["miners"])
