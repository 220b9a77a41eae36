"""Bodies that are too long, too slow, too deep, too many things or not what they say."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
import yaml

from devtools.paths import ROOT
from functions import _dispatch, submit_miner_status
from functions._http import MAX_BODY
from functions._limits import Places
from functions._routes import PUBLIC_PATHS
from shared import strict_json
from shared.adapters.bodies import MAX_INFLATED, inflate
from shared.schemas import FORM, BodyError, parse_batch
from tests.security.conftest import JSON, SUBMIT, Submit, load, report
from tests.security.instances import THREADS, Instance, received, request
from tests.unit.edge.hotkeys import MINER, OTHER

CHUNKED = ("Transfer-Encoding", "chunked")
MIB = 2**20
ITSELF_MIB = 150
"""What an instance has resident after it has written to Firestore."""
WORST_OF_A_KEY_MIB = 8
"""What the worst body of a task sender takes when it is parsed."""

ON_THE_WIRE: dict[str, tuple[list[tuple[str, str]], bytes, int]] = {
    "a length that lies": ([("Content-Length", "500")], b"{}", 400),
    "a chunk cut short": ([CHUNKED], b"5\r\n{}", 400),
    "no last chunk": ([CHUNKED], b"2\r\n{}\r\n", 400),
    "a chunk size that is none": ([CHUNKED], b"zz\r\n{}\r\n0\r\n\r\n", 400),
    "a negative chunk size": ([CHUNKED], b"-2\r\n{}\r\n0\r\n\r\n", 400),
    "a length and chunks": ([CHUNKED, ("Content-Length", "2")], b"2\r\n{}\r\n0\r\n\r\n", 400),
    "two lengths": ([("Content-Length", "2"), ("Content-Length", "3")], b"{} ", 400),
    "a negative length": ([("Content-Length", "-1")], b"{}", 400),
    "a length with a sign": ([("Content-Length", "+2")], b"{}", 400),
    "two content types": ([("Content-Type", JSON), ("Content-Type", FORM)], b"{}", 400),
    "a length beyond all": ([("Content-Length", str(2**40))], b"{}", 413),
    "endless chunks": ([CHUNKED], (b"10000\r\n" + b"x" * 65_536 + b"\r\n") * 40, 413),
    "gzip": ([("Content-Encoding", "gzip")], gzip.compress(b"{}"), 415),
    "a bomb": ([("Content-Encoding", "gzip")], gzip.compress(bytes(64 * MIB)), 415),
    "a list of codings": ([("Content-Encoding", "identity, gzip")], b"{}", 415),
    "br": ([("Content-Encoding", "br")], b"{}", 415),
}


@pytest.mark.parametrize("case", ON_THE_WIRE)
def test_a_badly_framed_body_is_the_senders_fault(case: str, served: Instance) -> None:
    """The answer is a client error, and the instance serves the next one."""
    headers, body, status = ON_THE_WIRE[case]

    answer = served.exchange(request(SUBMIT, headers, body), then_close=True)

    assert status == answer.status, answer.head
    assert 401 == served.post(SUBMIT, {}, b"{}").status
    assert "Traceback" not in served.log.read_text()


def test_slow_bodies_hold_no_thread_for_long(served: Instance) -> None:
    """As many slow senders as there are threads are all sent away, and the next one is served."""
    slow = request(SUBMIT, [("Content-Length", "1000")], b"{")
    with ExitStack() as connected:
        connections = [connected.enter_context(served.connect()) for _ in range(THREADS)]
        for connection in connections:
            connection.sendall(slow)
        answers = [received(connection) for connection in connections]

    assert [(408, "body_too_slow")] * THREADS == [(it.status, it.code) for it in answers]
    assert 401 == served.post(SUBMIT, {}, b"{}").status


FILLED: dict[str, tuple[bytes, bytes, bytes, str]] = {
    "lists": (b'{"x":[', b"[],", b"0]}", JSON),
    "objects": (b'{"x":[', b"{},", b"0]}", JSON),
    "objects of one": (b'{"x":[', b'{"":0},', b"0]}", JSON),
    "nested": (b'{"x":[', b'{"":[{}]},', b"0]}", JSON),
    "numbers": (b'{"x":[', b"1e9,", b"0]}", JSON),
    "texts": ('{"😀":['.encode(), '"é",'.encode(), b"0]}", JSON),
    "opening brackets": (b"", b"[", b"", JSON),
    "escapes": (b"a=", b"%41", b"", FORM),
    "escaped characters": (b"a=", b"%C3%A9", b"", FORM),
    "bare characters": (b"a=", "aé".encode(), b"", FORM),
    "lists in a form": (b"miner_statuses=[", b"[],", b"0]", FORM),
    "form fields": (b"a=1", b"&a=1", b"", FORM),
}


def full(first: bytes, again: bytes, last: bytes) -> bytes:
    """A body of the greatest length."""
    return first + again * ((MAX_BODY - len(first) - len(last)) // len(again)) + last


def most_keys() -> bytes:
    """As many distinct keys as a text may have parts."""
    keys = ",".join(f'"{number:x}":0' for number in range(strict_json.MAX_PARTS - 10))
    return f"{{{keys}}}".encode()


def most_mistakes() -> bytes:
    """A thousand statuses in which nothing is right."""
    wrong: dict[str, Any] = {
        name: {} for name in ("uid", "hotkey", "stake", "ip", "port", "is_serving")
    }
    kinds = {str(number): {"total": "x", "avg_time": "x"} for number in range(14)}
    statuses = [{**wrong, "task_type_specialization": kinds} for _ in range(1000)]
    return json.dumps({"validator_uid": 48, "epoch": 1, "miner_statuses": statuses}).encode()


WORST: dict[str, Callable[[], tuple[str, bytes]]] = {
    **{
        name: lambda parts=parts: (parts[3], full(*parts[:3]))  # type: ignore[misc] # bound here
        for name, parts in FILLED.items()
    },
    "keys": lambda: (JSON, most_keys()),
    "mistakes": lambda: (JSON, most_mistakes()),
}


def worst_of_a_key() -> bytes:
    """As many mistakes as a body of a task sender has room for."""
    keys = ",".join(f'"{number:04x}":0' for number in range(_dispatch.MAX_BODY // 9))
    return f"{{{keys}}}".encode()


@pytest.mark.parametrize("target", ["assign-tasks", "complete-task"])
def test_a_stolen_key_fills_no_instance(target: str, fresh: pytest.MonkeyPatch) -> None:
    """A longer body is not parsed, and all threads at once have room for the worst that is."""
    key = {"name": "thief", "sha256": hashlib.sha256(b"k").hexdigest(), "scopes": ["dispatch"]}
    fresh.setenv("API_KEYS", json.dumps([key]))
    client, path = load(target.replace("-", "_")), PUBLIC_PATHS[target].format(id="0" * 32)
    headers = {"Authorization": "Bearer k"}
    longer = b"{" + b" " * (_dispatch.MAX_BODY - 1) + b"}"
    refused = client.post(path, data=longer, headers=headers, content_type=JSON)
    tracemalloc.start()
    try:
        answer = client.post(path, data=worst_of_a_key(), headers=headers, content_type=JSON)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(worst_of_a_key()) <= _dispatch.MAX_BODY < len(longer)
    assert (413, "body_too_large") == (refused.status_code, refused.get_json()["code"])
    assert (422, "invalid_body") == (answer.status_code, answer.get_json()["code"])
    assert peak <= WORST_OF_A_KEY_MIB * MIB
    row = yaml.safe_load((ROOT / "functions.yaml").read_text())["endpoints"][target]
    each = WORST_OF_A_KEY_MIB + 2 * MAX_BODY / MIB
    assert ITSELF_MIB + row["concurrency"] * each <= row["availableMemoryMb"]


@pytest.mark.parametrize("name", WORST)
def test_no_body_takes_more_memory_than_its_place_has(name: str) -> None:
    """Whatever a megabyte would become when it is parsed, 24 MiB are enough to refuse it."""
    content_type, body = WORST[name]()
    assert len(body) <= MAX_BODY
    tracemalloc.start()
    try:
        with pytest.raises(BodyError):
            parse_batch(content_type, body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak <= submit_miner_status.WORST_MIB * MIB


def test_the_largest_honest_report_fits() -> None:
    """1,024 miners with eight types of task each, 840 KB, in a third of the memory of a place."""
    kinds = {
        str(number): {"total": 123, "successful": 100, "avg_time": 1.25, "success_rate": 0.9}
        for number in range(8)
    }
    complete = {
        "hotkey": MINER.address,
        "stake": 1.5,
        "is_serving": True,
        "performance_score": 0.123456,
        "current_load": 2.0,
        "max_capacity": 8.0,
        "ip": "8.8.8.8",
        "port": 80,
        "last_seen": "2026-11-22T10:00:00Z",
        "task_type_specialization": kinds,
    }
    statuses = [{"uid": uid, **complete} for uid in range(1024)]
    batch = {"validator_uid": 48, "epoch": 1, "miner_statuses": statuses}
    body = json.dumps(batch, separators=(",", ":")).encode()
    tracemalloc.start()
    try:
        parsed = parse_batch(JSON, body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert 1024 == len(parsed.statuses)
    assert peak <= submit_miner_status.WORST_MIB / 3 * MIB


def test_an_instance_full_of_the_worst_bodies_fits_into_its_memory() -> None:
    """Places × their worst, a body and its text per thread, and what the function itself takes."""
    row = yaml.safe_load((ROOT / "functions.yaml").read_text())["endpoints"]["submit-miner-status"]
    in_places = submit_miner_status.AT_ONCE * submit_miner_status.WORST_MIB
    in_threads = row["concurrency"] * 2 * MAX_BODY / MIB

    assert submit_miner_status.AT_ONCE < row["concurrency"]
    assert ITSELF_MIB + in_places + in_threads <= row["availableMemoryMb"]


def test_an_instance_that_is_full_says_when_to_come_back(
    submit: Submit, fresh: pytest.MonkeyPatch
) -> None:
    """503 with `Retry-After`; the same request is accepted when there is room again."""
    body, nonce = report(), time.time_ns()
    full_up = Places(1, wait=0.0)
    fresh.setattr(submit_miner_status, "_places", full_up)
    with full_up:
        refused = submit.post(body, nonce=nonce)
    accepted = submit.post(body, nonce=nonce)

    assert (503, "busy", "1") == (
        refused.status_code,
        refused.get_json()["code"],
        refused.headers["Retry-After"],
    )
    assert 200 == accepted.status_code


def test_requests_over_the_places_are_refused_before_they_are_parsed_but_after_they_are_verified(
    submit: Submit, fresh: pytest.MonkeyPatch
) -> None:
    """Who cannot sign cannot fill the places of those who can."""
    full_up = Places(1, wait=0.0)
    fresh.setattr(submit_miner_status, "_places", full_up)
    with full_up:
        unsigned = submit.client.post(SUBMIT, data=report(), content_type=JSON)

    assert 401 == unsigned.status_code


def test_a_validator_that_is_refused_again_and_again_is_not_read(submit: Submit) -> None:
    """After 24 refused bodies even a good one waits; another validator's is taken."""
    codes = [submit.post(report(performance_score=2)).status_code for _ in range(24)]
    refused = submit.post(report())
    another = submit.post(report(uid=49), OTHER)

    assert [422] * 24 == codes
    assert (429, "too_many_refused") == (refused.status_code, refused.get_json()["code"])
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert 200 == another.status_code
    assert [OTHER.address] == [kept.hotkey for kept in submit.stored]


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"":', b"0}")])
@pytest.mark.parametrize("levels", [33, 2000, strict_json.MAX_PARTS])
def test_depth_is_refused_before_memory_is(levels: int, opening: bytes, closing: bytes) -> None:
    """33 levels are refused by our own limit, 100,000 by the parser's."""
    body = opening * levels + closing[:-1] + closing[-1:] * levels

    with pytest.raises(BodyError, match="nested too deeply"):
        parse_batch(JSON, body)


def test_a_stored_payload_that_is_a_bomb_is_not_inflated() -> None:
    """Whoever could write to the store could still not exhaust a recompute."""
    deflater = zlib.compressobj(9)
    bomb = b"".join(deflater.compress(bytes(MIB)) for _ in range(MAX_INFLATED // MIB + 1))
    bomb += deflater.flush()

    assert len(bomb) < MIB
    with pytest.raises(ValueError, match="inflates to more"):
        inflate(bomb)
