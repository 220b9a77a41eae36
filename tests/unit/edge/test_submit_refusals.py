"""Every class of bad input has one status and one code, and stores nothing."""

from __future__ import annotations

import gzip
import random
import string
import time
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.unit.edge.hotkeys import MINER, OTHER, SERVICE, VALIDATOR
from tests.unit.edge.submitting import FORM, PATH, Service, assert_problem, body

Send = Callable[[Service], TestResponse]
BAD: dict[str, tuple[Send, int, str]] = {
    "not JSON": (lambda s: s.post(b"{"), 400, "malformed_body"),
    "duplicate key": (lambda s: s.post(b'{"epoch":1,"epoch":1}'), 400, "malformed_body"),
    "NaN": (lambda s: s.post(b'{"epoch":NaN}'), 400, "malformed_body"),
    "1e999": (lambda s: s.post(b'{"epoch":1e999}'), 400, "malformed_body"),
    "not UTF-8": (lambda s: s.post(b"\xff"), 400, "malformed_body"),
    "deep": (lambda s: s.post(b"[" * 200_000), 400, "malformed_body"),
    "form field twice": (
        lambda s: s.post(b"epoch=1&epoch=1", content_type=FORM),
        400,
        "malformed_body",
    ),
    "netuid twice": (lambda s: s.post(body(), f"{PATH}?netuid=1&netuid=1"), 400, "bad_query"),
    "cut short": (
        lambda s: s.post(body(), environ_overrides={"CONTENT_LENGTH": "5000"}),
        400,
        "body_cut_short",
    ),
    "unsigned": (lambda s: s.client.post("/", data=body()), 401, "signature_missing"),
    "half signed": (
        lambda s: s.post(body(), headers={"X-Bittensor-Signature": "0x"}),
        401,
        "signature_malformed",
    ),
    "signed twice": (
        lambda s: s.client.post(
            "/", data=body(), headers=[("X-Bittensor-Nonce", "1"), ("X-Bittensor-Nonce", "1")]
        ),
        401,
        "signature_duplicated",
    ),
    "stale": (lambda s: s.post(body(), nonce=time.time_ns() - 10**12), 401, "signature_stale"),
    "future": (lambda s: s.post(body(), nonce=time.time_ns() + 10**10), 401, "signature_stale"),
    "tampered": (
        lambda s: s.post(body(), headers={"X-Bittensor-Hotkey": OTHER.address}),
        401,
        "signature_invalid",
    ),
    "another path": (lambda s: s.post(body(), target="/elsewhere"), 401, "signature_invalid"),
    "another query": (
        lambda s: s.post(body(), f"{PATH}?netuid=1", target=PATH),
        401,
        "signature_invalid",
    ),
    "epistula": (
        lambda s: s.client.post(
            "/", data=body(), headers=VALIDATOR.epistula(body(), int(time.time() * 1000))
        ),
        401,
        "signature_scheme",
    ),
    "unregistered": (lambda s: s.post(body(), hotkey=SERVICE), 403, "not_registered"),
    "no permit": (lambda s: s.post(body(), hotkey=OTHER), 403, "no_permit"),
    "no stake": (lambda s: s.post(body(), hotkey=MINER), 403, "stake_below_minimum"),
    "another's uid": (lambda s: s.post(body(validator_uid=49)), 403, "validator_uid_mismatch"),
    "unknown subnet": (lambda s: s.post(body(), f"{PATH}?netuid=2"), 404, "unknown_subnet"),
    "netuid spelled otherwise": (
        lambda s: s.post(body(), f"{PATH}?netuid=01"),
        404,
        "unknown_subnet",
    ),
    "GET": (lambda s: s.client.get(PATH), 405, "method_not_allowed"),
    "too large": (lambda s: s.post(b"x" * (2**20 + 1)), 413, "body_too_large"),
    "incompressible": (
        lambda s: s.post(body(x=_noise(900_000))),
        413,
        "report_too_large",
    ),
    "text": (lambda s: s.post(body(), content_type="text/plain"), 415, "unsupported_media_type"),
    "compressed": (
        lambda s: s.post(gzip.compress(body()), headers={"Content-Encoding": "gzip"}),
        415,
        "unsupported_encoding",
    ),
    "invalid": (lambda s: s.post(body(epoch=-1)), 422, "invalid_body"),
}


def _noise(length: int) -> str:
    return "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=length))


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_its_problem_and_stores_nothing(case: str, service: Service) -> None:
    """Each class of bad input has one status and one code."""
    send, status, code = BAD[case]

    problem = assert_problem(send(service), status, code)

    assert "Traceback" not in problem["detail"]
    assert 0 == service.stored


def test_a_refused_signature_says_how_to_authenticate(service: Service) -> None:
    """401 comes with `WWW-Authenticate`."""
    assert 'btauth version="1"' == service.client.post("/").headers["WWW-Authenticate"]


def test_a_refused_method_says_which_are_allowed(service: Service) -> None:
    """405 comes with `Allow`, and OPTIONS says the same."""
    assert "POST, OPTIONS" == service.client.put("/").headers["Allow"]
    options = service.client.options("/")
    assert (204, "POST, OPTIONS") == (options.status_code, options.headers["Allow"])


def test_invalid_statuses_are_named_one_by_one(service: Service) -> None:
    """422 lists pointers into the body that was sent."""
    statuses = [{"uid": 7, "hotkey": MINER.address}, {"uid": 8, "hotkey": "x", "port": 0}]
    problem = assert_problem(service.post(body(miner_statuses=statuses)), 422, "invalid_body")

    pointers = {entry["pointer"]: entry["code"] for entry in problem["errors"]}
    assert {
        "/miner_statuses/1/hotkey": "hotkey",
        "/miner_statuses/1/port": "greater_than_equal",
    } == pointers


def test_a_used_nonce_with_another_body_is_a_conflict(service: Service) -> None:
    """409, and the first report stays as it was."""
    nonce = time.time_ns()
    service.post(body(), nonce=nonce)

    assert_problem(service.post(body(epoch=4), nonce=nonce), 409, "nonce_replayed")
    assert 1 == service.stored


def test_an_epoch_that_goes_backwards_is_a_conflict(service: Service) -> None:
    """409 with a code of its own."""
    service.post(body(epoch=3))

    assert_problem(service.post(body(epoch=2)), 409, "epoch_backwards")


def test_too_many_reports_are_told_when_to_come_back(instance: pytest.MonkeyPatch) -> None:
    """429 comes with `Retry-After` in whole seconds."""
    instance.setenv("RATE_LIMIT_PER_MINUTE", "2")
    service = Service()
    for _ in range(2):
        service.post(body())
    response = service.post(body())

    assert_problem(response, 429, "rate_limited")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
