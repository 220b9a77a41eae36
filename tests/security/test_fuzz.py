"""Reports of a registered validator, each a good one that was damaged, signed with its real key."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions import _wiring
from shared.adapters.bodies import as_report
from shared.schemas import FORM
from shared.service.pace import Pace
from tests.security.conftest import JSON, Submit
from tests.unit.edge.hotkeys import MINER

EXAMPLES = 20 * int(os.environ.get("QUORATE_FUZZ_EXAMPLES", "40"))
COMPLETE = {
    "uid": 7,
    "hotkey": MINER.address,
    "stake": 120.5,
    "is_serving": True,
    "performance_score": 0.83,
    "current_load": 2,
    "max_capacity": 8,
    "ip": "93.184.216.34",
    "port": 8091,
    "external_ip": "2606:4700::1",
    "external_port": 8091,
    "last_seen": "2026-11-22T10:00:00Z",
    "task_type_specialization": {"text": {"total": 3, "successful": 2, "avg_time": 1.5}},
    "metadata": {"version": "1.2", "tags": ["a", "é"]},
}
STATUSES = json.dumps([COMPLETE, {**COMPLETE, "uid": 8}])
GOOD = {
    JSON: f'{{"validator_uid": 48, "epoch": 3, "miner_statuses": {STATUSES}}}'.encode(),
    FORM: urlencode({"validator_uid": 48, "epoch": 3, "miner_statuses": STATUSES}).encode(),
}
TOKENS = [
    *(b"null", b"true", b"-1", b"1e308", b"1e999", b"NaN", b"9" * 30, b"0.1", b"1.0", b"65536"),
    *(b'""', b"[]", b"{}", b'"\\ud800"', b'"\\u0000"', b'"uid":', b",", b":", b"}", b"]", b"\\"),
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"&epoch=1", b"%", b"%00", b"="),
    b'"validator_uid": 49,',
]
CONTENT_TYPES = st.sampled_from([JSON, FORM, f"{JSON}; charset=utf-8", "application/JSON ; x=y"])


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A content type, and a good body with one to four pieces cut, doubled or replaced."""
    kind = draw(st.sampled_from([JSON, FORM]))
    body = GOOD[kind]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        until = at + draw(st.integers(0, 12))
        piece = draw(st.sampled_from([b"", body[at:until] * 2, *TOKENS]))
        body = body[:at] + piece + body[until:]
    return draw(st.just(kind) | CONTENT_TYPES), body


ANYTHING = st.recursive(
    st.sampled_from([None, True, -1, 0, 1.5, 1e308, 10**30, float("nan"), "", "\ud800", "\0é"])
    | st.integers(-1, 70_000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every object or list within, with each key or index."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inside:
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


@st.composite
def misshapen(draw: st.DrawFn) -> tuple[str, bytes]:
    """A content type, and well-formed JSON with one to three things in it replaced or left out.

    The whole is one of the things.
    """
    whole = {"body": json.loads(GOOD[JSON])}
    for _ in range(draw(st.integers(1, 3))):
        held, key = draw(st.sampled_from([*places(whole)]))
        if held is whole or draw(st.integers(0, 4)):
            held[key] = draw(ANYTHING)
        else:
            del held[key]
    batch = whole["body"]
    if not isinstance(batch, dict) or draw(st.booleans()):
        return JSON, json.dumps(batch).encode()
    fields = {name: it if isinstance(it, str) else json.dumps(it) for name, it in batch.items()}
    return FORM, urlencode(fields, errors="surrogatepass").encode()


@pytest.fixture(scope="module")
def patient() -> Iterator[Submit]:
    """A service that does not lose patience with its only sender."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORE", "memory")
        _wiring.forget()
        patient = replace(_wiring.intake(), pace=Pace(limit=1_000_000))
        patch.setattr(_wiring, "intake", lambda: patient)
        yield Submit()
    _wiring.forget()


@pytest.mark.timeout(1200)  # the nightly run takes its time
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
@given(damaged() | misshapen())
def test_no_damaged_report_is_an_error_of_ours(patient: Submit, sent: tuple[str, bytes]) -> None:
    """Accepted and readable again, or refused with a reason: nothing in between."""
    content_type, raw = sent
    before, nonce = len(patient.stored), time.time_ns()

    answer = patient.post(raw, content_type=content_type, nonce=nonce)

    assert answer.status_code in {200, 400, 403, 409, 415, 422}, answer.data
    kept = patient.stored[before:]
    assert (answer.status_code == 200) == (len(kept) == 1)
    assert all(as_report(it).validator_uid == 48 for it in kept)
