"""What a request can write into logs and answers: facts about itself, in one line of JSON."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from functions import _wiring
from shared.adapters.memory import MemorySnapshotStore
from shared.logs import log
from shared.service.ports import StoredSnapshot, Unavailable
from shared.service.views import Views
from tests.security.conftest import JSON, SUBMIT, Submit, load, report
from tests.security.instances import Instance, request
from tests.unit.edge.hotkeys import VALIDATOR

KNOWN = {
    *("severity", "message", "time", "function", "method", "netuid", "status", "ms"),
    *("code", "cause", "hotkey", "nonce", "key", "reads", "writes"),
    "logging.googleapis.com/trace",
}
ESCAPES = [
    "%0d%0aX-Injected:%201",
    "%0a%7B%22severity%22:%22CRITICAL%22%7D",
    "%1b%5B2J%1b%5D0;owned%07",
    "%e2%80%ae%e2%80%a8%c2%85",
    "%00",
    "%22%7D,%7B%22x%22:%22",
]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The log since the last call, each line parsed; printable ASCII throughout."""
    written = capsys.readouterr()
    assert not written.err
    assert all(character == "\n" or " " <= character <= "~" for character in written.out)
    return [json.loads(line) for line in written.out.splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        "\r\n{}",
        '"},{"severity":"CRITICAL',
        "\x1b[2J\x1b]0;owned\x07",
        "\u202e\u2028\x85",
        "\0",
        "\ud800",
    ],
)
def test_whatever_gets_into_a_line_stays_a_string_of_it(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Should a fact ever hold a stranger's words: one line, printable, and the words as data."""
    log.warning("event", cause=text, why=ValueError(text))

    (line,) = lines(capsys)
    assert ["severity", "message", "cause", "why", "time"] == list(line)
    assert ("WARNING", text, repr(ValueError(text))) == (
        line["severity"],
        line["cause"],
        line["why"],
    )


def test_lines_stay_whole_in_a_pipe_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the platform reads them, unbuffered: from many threads, with a trace that has no end."""
    read, write = os.pipe()
    unbuffered = io.TextIOWrapper(io.FileIO(write, "w"), "utf-8", write_through=True)
    monkeypatch.setattr(sys, "stdout", unbuffered)
    with ThreadPoolExecutor(17) as threads:
        written = threads.submit(everything, read)
        failed = [threads.submit(log_an_endless_trace, number) for number in range(400)]
        for each in failed:
            each.result()
        unbuffered.close()

        found = [json.loads(line) for line in written.result().splitlines()]
    assert list(range(400)) == sorted(line["number"] for line in found)
    assert all(line["message"].startswith("Traceback") for line in found)
    assert all(line["message"].endswith("RecursionError: again") for line in found)


def everything(read: int) -> bytes:
    """What comes out of a pipe, read slowly."""
    whole = bytearray()
    while piece := os.read(read, 4096):
        whole += piece
        time.sleep(0.0001)
    os.close(read)
    return bytes(whole)


def log_an_endless_trace(number: int) -> None:
    """Something calls two others in turn, and fails a hundred calls deep."""
    try:
        _ping(100)
    except RecursionError:
        log.exception("unexpected_error", number=number, function="submit-miner-status")


def _ping(depth: int) -> None:
    if not depth:
        raise RecursionError("again")
    _pong(depth - 1)


def _pong(depth: int) -> None:
    _ping(depth)


@pytest.mark.parametrize("text", ESCAPES)
@pytest.mark.parametrize("where", ["/{}", SUBMIT + "?netuid={}", SUBMIT + "?x={}&netuid=9"])
def test_a_path_or_query_writes_no_line_of_its_own(
    where: str, text: str, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    """At most one line, of known keys; nothing of it in the answer's headers either."""
    answer = submit.client.post(where.format(text), data=b"{}")

    written = lines(capsys)
    assert len(written) <= 1
    assert all(line.keys() <= KNOWN for line in written)
    assert 400 <= answer.status_code < 500
    assert "injected" not in str(answer.headers).lower()


@pytest.mark.parametrize(
    "header",
    ["X-Cloud-Trace-Context", "User-Agent", "X-Forwarded-For", "Authorization", "Idempotency-Key"],
)
@pytest.mark.parametrize("value", ["\x1b[31m", '"},{"severity":"CRITICAL', "\xe9\xad", "a" * 5000])
def test_a_header_writes_no_line_of_its_own(
    header: str,
    value: str,
    submit: Submit,
    fresh: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither colours nor braces nor length pass, not even as the trace of a line."""
    fresh.setenv("GCLOUD_PROJECT", "demo")
    _wiring.settings.forget()
    submit.client.post(SUBMIT, data=b"{}", headers={header: value})

    (line,) = lines(capsys)
    assert line.keys() <= KNOWN
    assert all(len(str(fact)) < 300 for fact in line.values())


@pytest.mark.parametrize("name", ["Content-Type", "X-Bittensor-Hotkey", "X-Bittensor-Nonce"])
@pytest.mark.parametrize("value", ["\x1b[31m", "text/<script>", "a" * 5000, "\xe9"])
def test_an_answer_does_not_echo_a_header(name: str, value: str, submit: Submit) -> None:
    """What is refused is named by its rule, not repeated."""
    answer = submit.post(report(), headers={**VALIDATOR.btauth(b"", 1), name: value})

    assert 400 <= answer.status_code < 500
    assert value not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "raw",
    [
        report(ip="SECRET-VALUE"),
        report(hotkey="SECRET-VALUE"),
        report(stake="SECRET-VALUE"),
        b'{"validator_uid":"SECRET-VALUE"}',
        b'{"epoch":SECRET-VALUE}',
    ],
)
def test_a_refused_body_is_not_repeated(
    raw: bytes, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither answer nor log holds what stood in it."""
    answer = submit.post(raw)

    assert 400 <= answer.status_code < 500
    assert b"SECRET-VALUE" not in answer.data
    assert "SECRET-VALUE" not in capsys.readouterr().out


def test_no_signature_and_no_key_is_logged(
    submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Accepted, refused or mistaken for another: the log has hotkey and nonce, never the proof."""
    body = report()
    headers = VALIDATOR.btauth(body, time.time_ns(), SUBMIT)
    submit.client.post(SUBMIT, data=body, headers=headers, content_type=JSON)
    submit.client.post(SUBMIT, data=body + b" ", headers=headers, content_type=JSON)
    submit.client.post(SUBMIT, data=body, headers={"Authorization": "Bearer hunter2"})

    written = capsys.readouterr().out
    assert VALIDATOR.address in written
    assert headers["X-Bittensor-Signature"][2:34] not in written
    assert "hunter2" not in written


class Talkative(MemorySnapshotStore):
    """A store that does not answer, and whose words are not for strangers."""

    def load(self, netuid: int) -> StoredSnapshot | None:
        """It says too much."""
        raise Unavailable(f"10.1.2.3:8080 refused projects/secret/{netuid}")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("get_network_status", "/api/v1/miners/network-status"),
        ("get_miner_consensus", "/api/v1/miners/7/consensus"),
        ("list_validators", "/api/v1/validators"),
    ],
)
def test_what_a_store_says_stays_inside(
    target: str, path: str, fresh: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """503 without addresses, names or traces; the log has them."""
    client = load(target)
    fresh.setattr(_wiring, "views", _wiring.Once(lambda: Views(Talkative(), _wiring.clock)))
    answer = client.get(path)

    assert 503 == answer.status_code
    assert not leaks(answer)
    assert "10.1.2.3" in capsys.readouterr().out


def leaks(answer: TestResponse) -> bool:
    """Whether an answer holds something of the inside."""
    text = f"{answer.headers}{answer.get_data(as_text=True)}"
    return any(word in text for word in ("10.1.2.3", "secret", "Traceback", ".py", "site-packages"))


def test_headers_cannot_be_smuggled_over_the_wire(served: Instance) -> None:
    """Bare carriage returns, NULs, folded lines and broken names end at the server's own door."""
    lines_of_attack = [
        [("X-A", "b\rX-Evil: 1")],
        [("X-A", "b\0")],
        [("X-A", "b\r\n c")],
        [("X A", "b")],
        [("X-A\x0b", "b")],
        [("", "b")],
    ]
    answers = [served.exchange(request(SUBMIT, attack, b"{}")) for attack in lines_of_attack]

    assert {400} == {answer.status for answer in answers}
    assert not any("evil" in answer.head.lower() for answer in answers)
    assert 401 == served.post(SUBMIT, {}, b"{}").status


def test_the_server_does_not_say_what_it_is_made_of(served: Instance) -> None:
    """No version in a header, no traceback in a log after all that the suite sent."""
    answer = served.post(SUBMIT, {}, b"{}")

    assert not any(word in answer.head.lower() for word in ("python", "werkzeug", "flask"))
    assert "Traceback" not in served.log.read_text()
