"""Signed reports in, consensus out: the main job, through the hosting URL on the emulators."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from quorate_client.signing import sign_btauth

from benchmarks.cost import counted, logged, run_cycles
from devtools.simulation import Subnet, demo_subnet
from tests.e2e.conftest import eventually, register

pytestmark = pytest.mark.e2e

SUBMIT = "/api/v1/validators/miner-status"
FUNCTION = "demo-quorate/us-central1/submit-miner-status"
STATUS = "/api/v1/miners/network-status"


@pytest.fixture
def subnet(free_netuid: int, tmp_path: Path) -> Subnet:
    """Four registered validators, one of which will lie, and three miners."""
    made = demo_subnet(free_netuid, 4, 3)
    register(made, tmp_path)
    return made


def signed_body(subnet: Subnet, index: int, **changes: Any) -> bytes:
    """A validator's report as JSON."""
    validator = subnet.validators[index]
    statuses = validator.report(subnet, subnet.rng, time.time())
    report = {"validator_uid": validator.uid, "epoch": 1, "miner_statuses": statuses}
    return json.dumps({**report, **changes}).encode()


def post(
    http: httpx.Client, subnet: Subnet, index: int, body: bytes, path: str = SUBMIT
) -> httpx.Response:
    """Sign a body as a validator of the subnet and post it."""
    target = f"{path}?netuid={subnet.netuid}"
    headers = sign_btauth(subnet.validators[index].keypair, "POST", target, body)
    return http.post(target, content=body, headers={**headers, "Content-Type": "application/json"})


def test_signed_reports_become_consensus(http: httpx.Client, subnet: Subnet) -> None:
    """Three validators report; the event recomputes; every miner has a quorum."""
    for index in range(3):
        answer = post(http, subnet, index, signed_body(subnet, index))
        assert answer.status_code == 200, answer.text

    def complete() -> dict[str, Any] | None:
        found = http.get(STATUS, params={"netuid": subnet.netuid}).json()
        sees_all = found["consensus_stats"]["active_validators"] == 3
        return found if sees_all else None

    found = eventually(complete)

    assert {miner.uid for miner in subnet.miners} == {miner["uid"] for miner in found["miners"]}
    assert {len(miner["consensus_validators"]) for miner in found["miners"]} == {3}
    uid = subnet.miners[0].uid
    one = http.get(f"/api/v1/miners/{uid}/consensus", params={"netuid": subnet.netuid}).json()
    assert one["consensus_status"]["hotkey"] == subnet.miners[0].hotkey
    stats = http.get("/api/v1/validators/consensus-stats", params={"netuid": subnet.netuid}).json()
    assert stats["consensus_statistics"]["total_validator_reports"] == 3


def test_a_form_as_the_violet_proxy_takes_it_is_taken(http: httpx.Client, subnet: Subnet) -> None:
    """Form fields with the statuses as a JSON string: only the headers are new."""
    report = json.loads(signed_body(subnet, 0))
    form = {
        "validator_uid": str(report["validator_uid"]),
        "epoch": "7",
        "miner_statuses": json.dumps(report["miner_statuses"]),
    }
    body = urlencode(form).encode()
    target = f"{SUBMIT}?netuid={subnet.netuid}"
    headers = sign_btauth(subnet.validators[0].keypair, "POST", target, body)
    headers["Content-Type"] = "application/x-www-form-urlencoded"

    answer = http.post(target, content=body, headers=headers)

    assert answer.status_code == 200, answer.text
    assert answer.json()["miners_processed"] == 3
    assert answer.json()["epoch"] == 7


def test_the_same_request_again_gets_the_same_answer(http: httpx.Client, subnet: Subnet) -> None:
    """A retry after a lost answer stores nothing; the nonce with another body is refused."""
    target = f"{SUBMIT}?netuid={subnet.netuid}"
    body = signed_body(subnet, 0)
    key = subnet.validators[0].keypair
    nonce = time.time_ns()
    headers = sign_btauth(key, "POST", target, body, nonce=nonce)
    headers["Content-Type"] = "application/json"
    other = signed_body(subnet, 0, epoch=2)
    replay = sign_btauth(key, "POST", target, other, nonce=nonce)
    replay["Content-Type"] = "application/json"

    first, second = (http.post(target, content=body, headers=headers) for _ in range(2))
    third = http.post(target, content=other, headers=replay)

    assert first.status_code == 200, first.text
    assert first.json() == second.json()
    assert (third.status_code, third.json()["code"]) == (409, "nonce_replayed")


def test_each_function_answers_on_its_own_url(functions_url: str, subnet: Subnet) -> None:
    """Validators also post to function URLs, and sign the path that they post to."""
    with httpx.Client(timeout=60) as client:
        body = signed_body(subnet, 0)
        url = httpx.URL(f"{functions_url}/{FUNCTION}?netuid={subnet.netuid}")
        headers = sign_btauth(subnet.validators[0].keypair, "POST", url.raw_path.decode(), body)
        headers["Content-Type"] = "application/json"
        answer = client.post(url, content=body, headers=headers)

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 401),
        ({"X-Bittensor-Signature": "0x" + "00" * 64}, 401),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_what_is_not_right_is_a_problem(
    http: httpx.Client, subnet: Subnet, change: dict[str, str], expected: int
) -> None:
    """Without, with a wrong signature, with another type: a problem, whatever is in between."""
    body = signed_body(subnet, 0)
    target = f"{SUBMIT}?netuid={subnet.netuid}"
    headers = sign_btauth(subnet.validators[0].keypair, "POST", target, body) if change else {}

    answer = http.post(target, content=body, headers={**headers, **change})

    assert expected == answer.status_code
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_sixteen_validators_on_256_miners_for_four_rounds(
    http: httpx.Client, url: str, free_netuid: int, tmp_path: Path
) -> None:
    """64 reports: all accepted, all miners in the snapshot, within the budget of operations."""
    log = Path(os.environ["QUORATE_EMULATOR_LOG"])
    before = log.stat().st_size
    large = demo_subnet(free_netuid, 16, 256)
    register(large, tmp_path)

    reporting = run_cycles(url, large, 4)

    answer = http.get(STATUS, params={"netuid": free_netuid}).json()
    rows = [row for row in logged(log, before) if row.get("netuid") == free_netuid]
    submits, recomputes, covered = counted(rows)
    assert (reporting.accepted, dict(reporting.refused)) == (64, {})
    assert answer["consensus_stats"]["total_validator_reports"] == 64
    assert {miner.uid for miner in large.miners} == {miner["uid"] for miner in answer["miners"]}
    assert {len(miner["consensus_validators"]) for miner in answer["miners"]} == {16}
    assert submits.calls == 64
    assert submits.reads <= 64 * 2
    assert submits.writes <= 64
    assert recomputes.writes <= 3 * recomputes.calls
    assert covered.writes == 0


def test_an_unknown_path_is_not_found(http: httpx.Client) -> None:
    """What no rewrite names is the hosting's own 404."""
    assert http.get("/api/v1/nothing").status_code == 404
