"""One JSON object a line, as Cloud Logging and Error Reporting read it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.logs import Log


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_has_its_severity_its_event_its_facts_and_its_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Severity and message first, where a reader of raw lines looks for them."""
    Log().info("what_happened", netuid=1, cause=ValueError("x"))

    (line,) = lines(capsys)
    at = datetime.fromisoformat(line.pop("time"))
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert ["severity", "message", "netuid", "cause"] == list(line)
    assert ["INFO", "what_happened", 1, "ValueError('x')"] == list(line.values())


@pytest.mark.parametrize(
    ("least", "written"),
    [
        ("debug", ["INFO", "WARNING", "ERROR", "ERROR"]),
        ("info", ["INFO", "WARNING", "ERROR", "ERROR"]),
        ("warning", ["WARNING", "ERROR", "ERROR"]),
        ("error", ["ERROR", "ERROR"]),
    ],
)
def test_less_than_the_least_level_is_not_written(
    least: Any, written: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`LOG_LEVEL` says from where on."""
    log = Log()
    log.configure(least)
    for write in (log.info, log.warning, log.error, log.exception):
        write("event")

    assert written == [line["severity"] for line in lines(capsys)]


def test_an_exception_is_logged_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    """The trace is the message, as Error Reporting wants it; the event says what."""
    try:
        _ = 1 // 0
    except ZeroDivisionError:
        Log().exception("unexpected_error", function="get-health")

    (line,) = lines(capsys)
    assert ("ERROR", "unexpected_error", "get-health") == (
        line["severity"],
        line["what"],
        line["function"],
    )
    assert line["message"].startswith("Traceback")
    assert line["message"].endswith("ZeroDivisionError: integer division or modulo by zero")


def test_lines_of_many_threads_stay_whole(capfd: pytest.CaptureFixture[str]) -> None:
    """No line is torn by another, without a lock that all would wait for."""
    log = Log()

    with ThreadPoolExecutor(16) as threads:
        for number in range(400):
            threads.submit(log.info, "event", number=number, text="x" * 5000)

    assert list(range(400)) == sorted(line["number"] for line in lines(capfd))
