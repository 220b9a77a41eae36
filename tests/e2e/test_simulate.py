"""`quorate simulate` against the running system: registered, reported, judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

QUORATE = str(Path(sys.executable).with_name("quorate"))


def simulate(url: str, netuid: int, *arguments: str) -> list[dict[str, Any]]:
    """Two rounds of four validators and six miners; gives the lines of JSON."""
    size = ("-k", "4", "-m", "6", "--rounds", "2", "--interval", "6", "--json")
    command = (QUORATE, "simulate", "--url", url, "--netuid", str(netuid), *size, *arguments)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.timeout(240)  # functions may know an older registry for a minute
def test_a_whale_that_shifts_is_outvoted(url: str, free_netuid: int) -> None:
    """Every report is taken, and the consensus is nearer to the truth than the plain mean."""
    *rounds, verdict = simulate(url, free_netuid, "--scenario", "whale")
    last = rounds[-1]

    assert [1, 2] == [figures["round"] for figures in rounds]
    assert ({}, {"consensus"}) == (last["refused"], set(last["states"]))
    assert last["rmse"] < last["plain_rmse"]
    assert [0] == verdict["liars"]
