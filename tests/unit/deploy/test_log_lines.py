"""The metrics of infra/terraform/metrics.tf read lines that the functions really write."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from functions import _wiring
from tests.builders import VALIDATORS, registry, signed

from .served import client_of, push
from .sources import keys_of_map, terraform

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(in_memory: None, capsys: pytest.CaptureFixture[str]) -> Lines:  # noqa: ARG001 - it sets the stage
    """A subnet with three reports; gives what was logged since it was last asked."""
    stores, now = _wiring.stores(), _wiring.clock()
    stores.registry.save(registry(synced_at=now))
    for uid in VALIDATORS:
        stores.reports.create(1, signed(uid, at=now))
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def sweep() -> None:
    """One sweep, as the scheduler asks for it."""
    client_of("sweep_timeouts").post("/projects/p/topics/timeout-sweeps", json=push(b"{}"))


def test_a_sweep_logs_the_five_key_figures(lines: Lines) -> None:
    """Each KPI's metric reads a number of the line `sweep`, and the subnet."""
    sweep()

    (line,) = [line for line in lines() if line["message"] == "sweep"]
    fields = re.findall(r'field = "(\w+)"', terraform("metrics.tf"))
    assert len(fields) == 5
    assert {name: float(line[name]) for name in fields} == {name: line[name] for name in fields}
    assert line["netuid"] == 1


def test_a_saved_snapshot_is_logged_as_recomputed(lines: Lines) -> None:
    """The alert `recompute-age` counts lines with this outcome."""
    sweep()

    (line,) = [line for line in lines() if line["message"] == "sweep"]
    assert line["outcome"] == "recomputed"
    assert 'jsonPayload.outcome=\\"recomputed\\"' in terraform("metrics.tf")


def test_a_health_check_logs_each_check(lines: Lines) -> None:
    """The four checks are true or false in the line `request` of get-health."""
    sweep()
    client_of("get_health").get("/?netuid=1")

    (line,) = [line for line in lines() if line.get("function") == "get-health"]
    checks = keys_of_map(terraform("metrics.tf"), "health_checks")
    assert ("request", 1) == (line["message"], line["netuid"])
    assert {name: bool(line[name]) for name in checks} == {name: line[name] for name in checks}
    assert len(checks) == 4
