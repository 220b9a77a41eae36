from __future__ import annotations

import re
import time
from urllib.parse import urlencode

import pytest

from functions import _wiring
from tests.unit.edge.hotkeys import SERVICE, VALIDATOR
from tests.unit.edge.submitting import FORM, JSON, PATH, RFC3339, Service, body


def test_an_accepted_report_is_answered_with_its_receipt(service: Service) -> None:
    """The receipt names what was stored and by which hash."""
    nonce = time.time_ns()
    response = service.post(body(), nonce=nonce)

    receipt = response.get_json()
    assert 200 == response.status_code
    assert {"success": True, "validator_uid": 48, "epoch": 3, "miners_processed": 1} == {
        name: receipt[name] for name in ("success", "validator_uid", "epoch", "miners_processed")
    }
    assert str(nonce) == receipt["report_id"]
    assert re.fullmatch("[0-9a-f]{64}", receipt["body_sha256"])
    assert re.fullmatch(RFC3339, receipt["received_at"])
    assert 1 == service.stored


def test_the_same_signed_request_gets_the_same_bytes_again(service: Service) -> None:
    """A repeat is answered as the first was, to the last byte."""
    nonce = time.time_ns()
    first, again = (service.post(body(), nonce=nonce) for _ in range(2))

    assert (200, first.data) == (again.status_code, again.data)
    assert 1 == service.stored


def test_a_form_is_accepted(service: Service) -> None:
    """What the existing proxy's validators post stays valid."""
    form = urlencode({"validator_uid": 48, "epoch": 3, "miner_statuses": "[]"}).encode()

    assert 200 == service.post(form, content_type=FORM).status_code


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (PATH, PATH),
        ("/", PATH),
        ("/", "/"),
        ("/", "/submit-miner-status"),
        ("/submit-miner-status", "/submit-miner-status"),
        ("/?netuid=1", f"{PATH}?netuid=1"),
        ("/?netuid=1&x=%7e", "/submit-miner-status?netuid=1&x=%7e"),
    ],
)
def test_each_way_to_the_function_may_be_signed(url: str, target: str, service: Service) -> None:
    """The public path, the path as received and the function's own, each with the query as sent."""
    assert 200 == service.post(body(), url, target=target).status_code


def test_on_the_emulator_its_path_may_be_signed(instance: pytest.MonkeyPatch) -> None:
    """`/{project}/{region}/{function}` counts there and nowhere else."""
    target = "/demo/us-central1/submit-miner-status"
    instance.setenv("GCLOUD_PROJECT", "demo")
    elsewhere = Service().post(body(), "/", target=target)
    instance.setenv("FUNCTIONS_EMULATOR", "true")
    _wiring.forget()
    emulated = Service().post(body(), "/", target=target)

    assert (401, 200) == (elsewhere.status_code, emulated.status_code)


def test_epistula_is_accepted_by_a_bound_service(instance: pytest.MonkeyPatch) -> None:
    """With a receiver that matches, for the default subnet."""
    instance.setenv("RECEIVER_HOTKEY", SERVICE.address)
    headers = VALIDATOR.epistula(body(), int(time.time() * 1000), SERVICE.address)
    response = Service().client.post("/", data=body(), headers=headers, content_type=JSON)

    assert 200 == response.status_code
    assert response.get_json()["report_id"].endswith(headers["Epistula-Uuid"])
