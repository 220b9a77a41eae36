from __future__ import annotations

import gzip
import io
import json
import random
import re
import string
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask.testing
import functions_framework
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from functions import _wiring
from shared.adapters.memory import MemoryReportLog
from shared.domain.registry import Neuron, Registry
from tests.unit.edge.hotkeys import MINER, OTHER, SERVICE, VALIDATOR, Hotkey

ROOT = Path(__file__).parents[3]
PATH = "/api/v1/validators/miner-status"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
RFC3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


class Service:
    """The submit function as the runtime loads it, with a subnet in memory."""

    def __init__(self) -> None:
        """Register validator 48, one without permit, one without stake, and a miner."""
        app = functions_framework.create_app(  # type: ignore[no-untyped-call] # ships no types
            "submit_miner_status", str(ROOT / "main.py")
        )
        self.client: flask.testing.FlaskClient = app.test_client()
        neurons = (
            Neuron(48, VALIDATOR.address, 5000.0, True),
            Neuron(49, OTHER.address, 5000.0, False),
            Neuron(7, MINER.address, 1.0, True),
        )
        _wiring.stores().registry.save(Registry(1, time.time(), neurons))

    def post(self, raw: bytes, url: str = PATH, **fields: Any) -> TestResponse:
        """Sign with the validator's key, for this URL unless told otherwise, and send."""
        hotkey: Hotkey = fields.pop("hotkey", VALIDATOR)
        nonce = fields.pop("nonce", None) or time.time_ns()
        target = fields.pop("target", url)
        headers = hotkey.btauth(raw, nonce, target) | fields.pop("headers", {})
        content_type = fields.pop("content_type", JSON)
        return self.client.post(url, data=raw, headers=headers, content_type=content_type, **fields)

    @property
    def stored(self) -> int:
        """How many reports there are."""
        log = _wiring.stores().reports
        assert isinstance(log, MemoryReportLog)
        return len(log._reports)


@pytest.fixture
def service(instance: pytest.MonkeyPatch) -> Service:
    """A fresh instance with default settings."""
    instance.delenv("NETUIDS", raising=False)
    return Service()


def body(**fields: Any) -> bytes:
    status = {"uid": 7, "hotkey": MINER.address, "stake": 1.0, "is_serving": True}
    batch = {"validator_uid": 48, "epoch": 3, "miner_statuses": [status]}
    return json.dumps({**batch, **fields}).encode()


def assert_problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The answer is a complete RFC 9457 problem."""
    assert (status, "application/problem+json") == (response.status_code, response.mimetype)
    problem: dict[str, Any] = json.loads(response.data)
    assert (status, code) == (problem["status"], problem["code"])
    assert {"type", "title", "status", "detail", "code", "timestamp"} <= problem.keys()
    assert re.fullmatch(RFC3339, problem["timestamp"])
    return problem


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


class Endless(io.RawIOBase):
    """A body without end that counts what was read of it."""

    read_bytes = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """More of the same."""
        buffer[:] = b"x" * len(buffer)
        self.read_bytes += len(buffer)
        return len(buffer)


@pytest.mark.parametrize(
    ("framing", "at_most"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}, 2**20 + 2**17),
        ({"CONTENT_LENGTH": str(2**40)}, 0),
    ],
    ids=["chunked", "announced"],
)
def test_an_endless_body_is_not_read_to_its_end(
    framing: dict[str, Any], at_most: int, service: Service
) -> None:
    """At most 1 MiB and the buffer around it are read, nothing if its length says too much."""
    endless = Endless()
    response = service.client.post("/", environ_overrides={"wsgi.input": endless, **framing})

    assert_problem(response, 413, "body_too_large")
    assert endless.read_bytes <= at_most


def test_a_body_of_exactly_1_mib_is_read(service: Service) -> None:
    """The limit itself is inside."""
    raw = body()

    assert 200 == service.post(raw + b" " * (2**20 - len(raw))).status_code


@pytest.fixture(scope="module")
def shared_service() -> Iterator[Service]:
    """One service for many generated requests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORE", "memory")
        patch.setenv("RATE_LIMIT_PER_MINUTE", "600")  # hundreds of them are refused
        _wiring.forget()
        yield Service()
        _wiring.forget()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["uid", "hotkey", "ip", "port", "metadata", "x"]), inner)
    ),
    max_leaves=12,
)
BATCHES = st.fixed_dictionaries(
    {"validator_uid": st.just(48) | VALUES, "epoch": VALUES, "miner_statuses": VALUES}
)
BODIES = (
    st.binary(max_size=300)
    | VALUES.map(lambda v: json.dumps(v).encode())
    | BATCHES.map(lambda v: json.dumps(v).encode())
)


@given(BODIES, st.sampled_from([JSON, FORM, "text/plain", ""]), st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_body_makes_the_service_fail(
    shared_service: Service, raw: bytes, content_type: str, signed: bool
) -> None:
    """Signed or not, whatever is sent is answered with 200 or a client's error."""
    response = (
        shared_service.post(raw, content_type=content_type)
        if signed
        else shared_service.client.post("/", data=raw, content_type=content_type)
    )

    assert response.status_code in {200, 400, 401, 403, 409, 415, 422, 429}


@given(
    st.dictionaries(
        st.sampled_from(["Version", "Hotkey", "Nonce", "Signature", "Crypto", "Receiver"]),
        st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=140),
    )
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_header_makes_the_service_fail(shared_service: Service, changed: dict[str, str]) -> None:
    """Whatever the signature headers hold, the sender is merely not believed."""
    headers = {f"X-Bittensor-{name}": value for name, value in changed.items()}
    response = shared_service.client.post("/", data=b"{}", headers=headers)

    assert 401 == response.status_code
