"""Functions of their own processes, as functions-framework serves them, and what they log."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from devtools import ports
from devtools.paths import ROOT
from devtools.ports import LOOPBACK
from devtools.processes import Run

PATIENCE = 60.0
"""Seconds that a function may take to start."""


@dataclass(frozen=True, slots=True)
class Framework:
    """A function that is served."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def calls(self, function: str) -> list[dict[str, Any]]:
        """What the function (its id) logged of each of its calls, oldest first."""
        lines = (line for line in self.log.read_text().splitlines() if line.startswith("{"))
        rows = (json.loads(line) for line in lines)
        return [row for row in rows if row.get("function") == function]

    def wait(self, path: str) -> None:
        """Return when it answers OPTIONS on this path; raises `TimeoutError`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                httpx.options(self.url + path, timeout=30).raise_for_status()
            except httpx.TransportError:
                time.sleep(0.2)
            else:
                return
        raise TimeoutError(f"{self.url} did not answer within {PATIENCE:.0f} s")


def serve(
    run: Run,
    target: str,
    log: Path,
    environment: Mapping[str, str],
    source: Path = ROOT / "main.py",
) -> Framework:
    """Start serving an entry point; it answers some seconds later."""
    port = ports.all_free().functions
    command = (str(Path(sys.executable).with_name("functions-framework")), "--target", target)
    where = ("--source", str(source), "--host", LOOPBACK, "--port", str(port))
    with log.open("wb") as output:
        process = run.start((*command, *where), environment, output=output)
    return Framework(f"http://{LOOPBACK}:{port}", log, process)
