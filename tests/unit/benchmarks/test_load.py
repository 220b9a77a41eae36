"""What the benchmarks of load and cost make of what they see."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks import coldstart
from benchmarks.cost_day import REACH, Scale, Spent, wrong_claims
from benchmarks.load import Row, reached, verdict
from benchmarks.load_client import Connection, read_requests, write_requests
from benchmarks.load_cycles import Cycle, faults
from benchmarks.load_endpoints import endpoints
from benchmarks.load_requests import EACH, Signers, crowd, wire
from benchmarks.load_runs import Run
from devtools.paths import ROOT
from devtools.simulation import demo_subnet
from main import ENTRY_POINTS

CYCLE = Cycle(64, 64, visible=1.0, recomputes=[100.0], events=64, sizes={1: 100, 2: 50})
RUN = Run(2.0, [n / 1000 for n in range(1, 101)], {"200": 99, "503": 1}, 1.0, 0.25)


def test_requests_come_back_as_they_were_kept(tmp_path: Path) -> None:
    """Whatever bytes they hold."""
    requests = [b"", b"GET / HTTP/1.1\r\n\r\n", bytes(range(256))]
    write_requests(tmp_path / "requests", requests)

    assert requests == list(read_requests(tmp_path / "requests"))


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\nContent-", b"Length: 4\r\n\r\nab", b"cd"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", b"0\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\n", b"Allow: GET\r\n\r\n"],
    ],
)
def test_an_answer_is_complete_with_its_last_piece(pieces: list[bytes]) -> None:
    """By its length, by its last chunk, or with its headers."""
    near, far = socket.socketpair()
    with near, far:
        connection = Connection(near)
        answered = []
        for piece in pieces:
            far.sendall(piece)
            answered.append(connection.is_answered())

    assert [*[False] * (len(pieces) - 1), True] == answered
    assert connection.status == 200


def test_a_connection_that_ends_is_an_error() -> None:
    """Half of an answer is none."""
    near, far = socket.socketpair()
    with near:
        far.close()

        with pytest.raises(ConnectionError, match="closed"):
            Connection(near).is_answered()


def test_a_validator_signs_no_more_than_it_may_send_in_a_minute() -> None:
    """Every request with a nonce of its own; when all have signed, there is nobody left."""
    signers = Signers(crowd(2))

    assert EACH + 1 == len(set(signers.reports(EACH + 1)))
    with pytest.raises(ValueError, match="1 validators, 0 are left"):
        signers.reports(1)


def test_a_request_without_a_body_announces_none() -> None:
    """And one with a body says how long it is."""
    assert b"Content-Length" not in wire("GET", "/", {})
    assert wire("POST", "/", {}, b"abc").endswith(b"\r\nContent-Length: 3\r\n\r\nabc")


def test_a_run_is_told_by_rate_percentiles_and_refusals() -> None:
    """100 answers in 2 s with a second of CPU; one of them is no answer."""
    assert (50.0, 0.01, 0.25) == (RUN.rate, RUN.cpu_each, RUN.client_share)
    assert [50.5, 95.05, 99.01] == pytest.approx([1000 * at for at in RUN.percentiles])
    assert {"503": 1} == RUN.refused()


@pytest.mark.parametrize(
    ("changed", "refused", "words"),
    [
        ({}, 0, []),
        ({}, 3, ["3 reports were refused"]),
        ({"counted": 63}, 0, ["cycle 4: not every accepted report is counted once"]),
        ({"counted": 65}, 0, ["cycle 4: not every accepted report is counted once"]),
        ({"sizes": {1: 90, 2: 56}}, 0, ["the recompute's memory grows"]),
        ({"sizes": {1: 111}}, 0, ["the recompute's memory grows"]),
        ({"sizes": {1: 110, 2: 55, 3: 100}}, 0, []),
    ],
)
def test_what_a_cycle_lost_is_named(
    changed: dict[str, Any], refused: int, words: list[str]
) -> None:
    """Lost, counted twice, refused, or memory that grows in an instance that was there before."""
    assert words == faults([CYCLE] * 3 + [replace(CYCLE, **changed)], refused)


def rows(*shares: float) -> list[Row]:
    """Submit beside the bare handler, so many times as fast in each turn."""
    return [Row("submit", RUN, replace(RUN, seconds=RUN.seconds / share)) for share in shares]


def test_what_submit_reaches_is_the_median_of_its_turns() -> None:
    """Less than half of the bare handler is said, and is a failure."""
    assert 0.5 == reached(rows(0.1, 0.5, 0.6))
    assert "missed" not in verdict(rows(0.1, 0.5, 0.6))
    assert verdict(rows(0.6, 0.49, 0.1)).endswith("; 50% missed")


def test_every_http_function_is_pressed_and_every_function_started() -> None:
    """By the benchmark of load, and by that of cold starts."""
    manifest = yaml.safe_load((ROOT / "functions.yaml").read_text())["endpoints"]
    pressed = endpoints(Signers(crowd(1)), demo_subnet(2, 1, 1), "http://localhost")

    assert {name for name, row in manifest.items() if "httpsTrigger" in row} == {
        endpoint.function for endpoint in pressed
    }
    assert ENTRY_POINTS == set(coldstart.entry_points())


def test_one_document_per_status_reads_the_window_again_for_each() -> None:
    """Two validators, a miner, three cycles of 5 minutes: windows of 1, 2; 3, 4; 5, 6 reports."""
    assert 6 * 2 + 1 + 2 + 3 + 4 + 5 + 6 == Scale(2, 1, 300.0, hours=0.25).theirs()


@pytest.mark.parametrize(("interval", "times"), [(300.0, 500), (60.0, 5000)])
def test_full_scale_costs_a_fraction(interval: float, times: int) -> None:
    """64 × 256, even if each report got a recompute of its own."""
    assert Scale(64, 256, interval).times_fewer() >= times
    assert times == REACH[interval]


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        (Spent(1, 20, 5, claimed=25), 0, []),
        (Spent(1, 20, 5, claimed=24), 0, ["the adapters' own count is not that on the wire"]),
        (Spent(1, 10**6, claimed=10**6), 0, ["the formula claims less than was counted"]),
        (Spent(), 1, ["the formula of the documents is not what was counted"]),
    ],
)
def test_a_claim_that_does_not_hold_is_named(ours: Spent, theirs: int, words: list[str]) -> None:
    """What was counted against the formula, and against the adapters' own count."""
    scale = Scale(2, 1, 300.0, hours=0.25)

    assert words == wrong_claims(scale, ours, Spent(reads=int(scale.theirs()) + theirs))
