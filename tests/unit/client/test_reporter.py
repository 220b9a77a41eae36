"""Reporting to a server that answers by a script, from a thread and from an event loop."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
import sr25519
from quorate_client import errors
from quorate_client.exchange import Retries
from quorate_client.reporter import AsyncReporter, Receipt, Reporter, report_body
from quorate_client.signing import epistula_payload
from quorate_client.transport import AsyncTransport, Transport

from tests.unit.client.services import VALIDATORS, ScriptedService, status_of_miner

KEY = VALIDATORS[0]
STATUSES = [status_of_miner()]

Report = Callable[..., Receipt]


def kept(body: bytes) -> dict[str, Any]:
    """The service's answer to this body."""
    return {
        "success": True,
        "validator_uid": 3,
        "epoch": 7,
        "miners_processed": 1,
        "report_id": "1",
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "received_at": "2026-01-01T00:00:00Z",
        "timestamp": "2026-01-01T00:00:00Z",
    }


BODY = report_body(3, STATUSES, 7)
KEPT = (200, {"Content-Type": "application/json"}, kept(BODY))


async def no_wait(_: float) -> None:
    """Wait for nothing."""


def from_a_thread(url: str, statuses: Iterable[Mapping[str, Any]], **options: Any) -> Receipt:
    transport = Transport(sleep=lambda _: None)
    with Reporter(url, KEY, validator_uid=3, transport=transport, **options) as reporter:
        return reporter.report(statuses, 7)


def from_a_loop(url: str, statuses: Iterable[Mapping[str, Any]], **options: Any) -> Receipt:
    async def report() -> Receipt:
        transport = AsyncTransport(sleep=no_wait)
        async with AsyncReporter(
            url, KEY, validator_uid=3, transport=transport, **options
        ) as reporter:
            return await reporter.report(statuses, 7)

    return asyncio.run(report())


@pytest.fixture(params=[from_a_thread, from_a_loop])
def report(request: pytest.FixtureRequest) -> Report:
    """Either reporter, as one call."""
    chosen: Report = request.param
    return chosen


def test_a_report_gives_its_receipt(report: Report, scripted: ScriptedService) -> None:
    """What the service keeps is what was sent."""
    scripted.answers = [KEPT]

    assert Receipt(
        "1", 3, 7, 1, hashlib.sha256(BODY).hexdigest(), "2026-01-01T00:00:00Z"
    ) == report(scripted.url, STATUSES)
    assert {"validator_uid": 3, "epoch": 7, "miner_statuses": STATUSES} == json.loads(
        scripted.requests[0].body
    )


def test_what_is_signed_is_what_arrives(report: Report, scripted: ScriptedService) -> None:
    """Path, query and body of the request on the wire verify under the sender's key."""
    scripted.answers = [KEPT]
    report(scripted.url, STATUSES, netuid=15, receiver=VALIDATORS[1].ss58_address)
    (request,) = scripted.requests
    lines = (
        "btauth/1",
        "sr25519",
        "POST",
        "/api/v1/validators/miner-status?netuid=15",
        hashlib.sha256(request.body).hexdigest(),
        request.headers["x-bittensor-nonce"],
        KEY.ss58_address,
        VALIDATORS[1].ss58_address,
    )
    signature = bytes.fromhex(request.headers["x-bittensor-signature"].removeprefix("0x"))

    assert lines[3] == request.path
    assert sr25519.verify(signature, "\n".join(lines).encode(), KEY.public_key)


def test_epistula_is_signed_by_choice(report: Report, scripted: ScriptedService) -> None:
    """Its headers come instead of btauth's."""
    scripted.answers = [KEPT]
    report(scripted.url, STATUSES, scheme="epistula", receiver=VALIDATORS[1].ss58_address)
    headers = scripted.requests[0].headers
    payload = epistula_payload(
        scripted.requests[0].body,
        headers["epistula-uuid"],
        int(headers["epistula-timestamp"]),
        VALIDATORS[1].ss58_address,
    )
    signature = bytes.fromhex(headers["epistula-request-signature"].removeprefix("0x"))

    assert "x-bittensor-signature" not in headers
    assert sr25519.verify(signature, payload, KEY.public_key)


def test_a_broken_connection_sends_the_same_request_again(
    report: Report, scripted: ScriptedService
) -> None:
    """The nonce is the same, so that the service keeps one report."""
    scripted.answers = [None, (503, {}, {"detail": "later"}), KEPT]
    report(scripted.url, STATUSES)
    signed = {
        (r.headers["x-bittensor-nonce"], r.headers["x-bittensor-signature"], r.body)
        for r in scripted.requests
    }

    assert (3, 1) == (len(scripted.requests), len(signed))


def test_after_a_rate_limit_the_nonce_is_fresh(report: Report, scripted: ScriptedService) -> None:
    """The first request was not kept, the second is another."""
    scripted.answers = [(429, {"Retry-After": "1"}, {"code": "rate_limited"}), KEPT]
    report(scripted.url, STATUSES)
    first, second = (int(r.headers["x-bittensor-nonce"]) for r in scripted.requests)

    assert first < second


def test_a_refusal_is_raised_by_its_reason(report: Report, scripted: ScriptedService) -> None:
    """Once, without another attempt."""
    scripted.answers = [(403, {}, {"code": "no_permit", "detail": "no validator permit"})]

    with pytest.raises(errors.NoPermit, match="no validator permit"):
        report(scripted.url, STATUSES)
    assert len(scripted.requests) == 1


def test_a_service_that_is_not_there_is_unreachable(report: Report) -> None:
    """The host that did not answer is named."""
    with pytest.raises(errors.Unreachable, match=r"no answer from 127.0.0.1:9"):
        report("http://127.0.0.1:9", STATUSES, retries=Retries(patience=0))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>", "instead of a JSON object"),
        ({"success": True}, "has no report_id, validator_uid"),
        (kept(b"another body"), "for another body than was sent"),
    ],
)
def test_an_answer_that_is_no_receipt_is_not_believed(
    report: Report, scripted: ScriptedService, content: Any, message: str
) -> None:
    """A 200 from somebody else does not pass for a kept report."""
    scripted.answers = [(200, {}, content)]

    with pytest.raises(errors.UnexpectedAnswer, match=message):
        report(scripted.url, STATUSES)


@pytest.mark.parametrize(
    ("statuses", "message"),
    [
        ([], "1–1024 statuses, this one 0"),
        ([{"uid": i} for i in range(1025)], "1–1024 statuses, this one 1025"),
        ([{"uid": 3}, {"uid": 4}, {"uid": 3}], "uid 3 stands twice"),
        ([{"uid": 2}, {"uid": 3, "stake": float("nan")}], "not JSON: stake of uid 3: "),
        ([{"uid": 3, "metadata": {"at": object()}}], "not JSON: metadata of uid 3: "),
        ([{"uid": 3, "metadata": {"text": "x" * 1024 * 1024}}], "at most 1048576 bytes"),
    ],
)
def test_what_the_service_would_refuse_whole_is_not_sent(
    report: Report, scripted: ScriptedService, statuses: list[dict[str, Any]], message: str
) -> None:
    """Nothing is split, dropped or repaired in silence."""
    with pytest.raises(errors.UnusableStatuses, match=message):
        report(scripted.url, statuses)
    assert [] == scripted.requests


@pytest.mark.parametrize("url", ["q.example", "http://a:port", "http://[::1"])
def test_a_url_that_cannot_work_fails_before_anything_is_reported(url: str) -> None:
    """As soon as the reporter is made."""
    with pytest.raises(ValueError, match="URL"):
        Reporter(url, KEY, validator_uid=3)
