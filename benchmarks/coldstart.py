"""How long a new instance takes: from the start of its process to its first answer.

    make bench-coldstart                   every function of functions.yaml, three starts each

`first answer` is functions-framework's own start to an answer to OPTIONS (an event function refuses
it: that is an answer too); of it `import` is Python loading the function, in a fresh interpreter,
with how many modules and how much memory. No function loads what it does not need to refuse a
request: `tests/unit/functions/test_cold_start.py` holds them to it. Medians; the last line is the
client's.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import yaml

from benchmarks.frameworks import PATIENCE, Framework, serve
from devtools.paths import ROOT, STATE
from devtools.processes import Run
from functions._routes import BASE

ENVIRONMENT = {"STORE": "firestore", "GCLOUD_PROJECT": "demo-coldstart"}
PROGRAM = """
import json, sys, time
began = time.perf_counter()
{statement}
seconds = time.perf_counter() - began
modules = len(sys.modules)
import psutil
taken = psutil.Process().memory_info().rss
print(json.dumps({{"seconds": seconds, "modules": modules, "size": taken}}))
"""
LOADED = 'import functions_framework; functions_framework.create_app("{entry_point}", "main.py")'
"""What functions-framework does before it serves."""


@dataclass(frozen=True, slots=True)
class Import:
    """What loading took."""

    seconds: float
    modules: int
    size: int
    """Memory of the process, bytes."""


def entry_points() -> list[str]:
    """Those of functions.yaml, in its order."""
    manifest: Mapping[str, Any] = yaml.safe_load((ROOT / "functions.yaml").read_text())
    return [row["entryPoint"] for row in manifest["endpoints"].values()]


def imported(statement: str) -> Import:
    """Run a statement in a fresh interpreter."""
    program = PROGRAM.format(statement=statement)
    done = subprocess.run(
        (sys.executable, "-c", program),
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Import(**json.loads(done.stdout))


def started(run: Run, entry_point: str, log: Path) -> float:
    """Seconds from the start of the process to its first answer; raises `TimeoutError`."""
    began = time.monotonic()
    served = serve(run, entry_point, log, ENVIRONMENT)
    _await_answer(served, began + PATIENCE)
    seconds = time.monotonic() - began
    served.process.terminate()
    served.process.wait()
    return seconds


def _await_answer(served: Framework, deadline: float) -> None:
    while time.monotonic() < deadline:
        try:
            httpx.options(served.url + BASE, timeout=PATIENCE)
        except httpx.TransportError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(f"{served.url} did not answer within {PATIENCE:.0f} s")


def line(name: str, answers: Sequence[float], imports: Sequence[Import]) -> str:
    """One row, of medians."""
    first = f"{1000 * median(answers):>12,.0f} ms" if answers else f"{'':>15}"
    seconds = median(each.seconds for each in imports)
    modules = median(each.modules for each in imports)
    mib = median(each.size for each in imports) / 2**20
    return f"{name:<24}{first}{1000 * seconds:>9,.0f} ms{modules:>9,.0f}{mib:>9,.0f} MiB"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coldstart")
    parser.add_argument("--starts", type=int, default=3)
    given = parser.parse_args(arguments)
    STATE.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=STATE))
    print(f"load of the machine {os.getloadavg()[0]:.1f}")
    print(f"{'':<24}{'first answer':>15}{'import':>12}{'modules':>9}{'memory':>13}")
    with Run() as run:
        for name in entry_points():
            answers = [started(run, name, folder / "log") for _ in range(given.starts)]
            loads = [imported(LOADED.format(entry_point=name)) for _ in range(given.starts)]
            print(line(name, answers, loads), flush=True)
    others = {
        "Firestore client": "import shared.adapters.firestore",
        "Pub/Sub": "import shared.adapters.pubsub",
        "numpy": "import numpy",
        "quorate_client": "import quorate_client",
    }
    print("for comparison, alone:")
    for name, statement in others.items():
        print(line(name, (), [imported(statement) for _ in range(given.starts)]))
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
