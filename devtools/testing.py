"""`make test`: one set of emulators, started once, for every test that needs them.

The tests find it by the environment: FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST,
GOOGLE_CLOUD_PROJECT, QUORATE_URL (hosting), QUORATE_FUNCTIONS_URL (the functions emulator),
QUORATE_NETUIDS (the subnets that the functions serve), QUORATE_EMULATOR_LOG (all that the emulators
say) and QUORATE_CHROMIUM (the browser). Nothing is skipped where something is missing: the command
fails.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from devtools import chromium, firebase, ports, tasks, toolchain
from devtools.paths import STATE
from devtools.processes import Run

SETTINGS = {
    "NETUIDS": ",".join(str(netuid) for netuid in range(1, 33)),
    "LOG_LEVEL": "info",
    **tasks.SETTINGS,
}
"""What the functions see: the defaults, enough subnets for each test to have its own, and what the
demo's task sender needs."""

UNITS = "tests/unit"


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest over everything, or as `arguments` say, beside the emulators; its exit code."""
    tools, browser = toolchain.settle(), chromium.settle()
    STATE.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=STATE))
    with Run() as run:
        system = firebase.start(run, firebase.Plan(tools, ports.all_free(), folder, SETTINGS))
        firebase.wait_until_ready(system)
        print(f"emulators from {tools.origin} ready at {system.url}", flush=True)
        code = _run_pytest(run, system, browser, arguments, folder / "unit.log")
    if code == 0:
        shutil.rmtree(folder)
    else:
        print(f"what the emulators said: {system.log}", file=sys.stderr)
    return code


def _run_pytest(
    run: Run, system: firebase.System, browser: Path, arguments: Sequence[str], log: Path
) -> int:
    """Everything in two halves at once: the unit tests reckon while the others mostly wait."""
    environment = {
        **system.environment(),
        "QUORATE_NETUIDS": SETTINGS["NETUIDS"],
        "QUORATE_EMULATOR_LOG": str(system.log),
        "QUORATE_CHROMIUM": str(browser),
    }
    pytest = (sys.executable, "-m", "pytest")
    if arguments:
        return run.start((*pytest, *arguments), environment).wait()
    print(f"unit tests beside the others: what they say follows, and is in {log}", flush=True)
    with log.open("wb") as output:
        units = run.start((*pytest, UNITS), environment, output=output)
        code = run.start((*pytest, "tests", f"--ignore={UNITS}"), environment).wait()
        code = units.wait() or code
    print(log.read_text("utf-8", errors="replace"), flush=True)
    return code
