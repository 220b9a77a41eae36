"""`make up`: the system on the emulators, in the foreground, nothing simulated."""

from __future__ import annotations

import json
import os
import re

from devtools import firebase, ports, scheduler, toolchain
from devtools.paths import ROOT, STATE
from devtools.processes import Run

CHATTER = re.compile(
    r"""^\s*$                                      # blank
    | ^[i✔⬢+](\s|$)                               # progress
    | ^\s*[┌│├└]                                   # tables
    | ^\[hosting\]\ Rewriting                      # hosting's access log
    | ^\s*(Emulator\ Hub|Other\ reserved|Issues\?) # the epilogue
    | override\ detected | MOTD | UI\ is\ not\ starting | not\ currently\ authenticated
    """,
    re.VERBOSE,
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run_up() -> int:
    """Run until Ctrl-C; ends with 1 if the emulators end by themselves.

    A sweep is due every SWEEP_SECONDS, 60 by default, and every ten minutes a sync, where
    CHAIN_ENDPOINTS is set. The functions see the settings that the environment holds.
    """
    tools = toolchain.settle()
    chosen = ports.from_environment()
    every = float(os.environ.get("SWEEP_SECONDS") or scheduler.EVERY_SECONDS)
    folder = STATE / f"up-{chosen.hosting}"
    with Run() as run:
        print(f"starting the emulators (from {tools.origin}) …", flush=True)
        show = Screen()
        system = firebase.start(run, firebase.Plan(tools, chosen, folder, {}, show))
        firebase.wait_until_ready(system)
        print(urls(system), flush=True)
        scheduler.start(system, every)
        if os.environ.get("CHAIN_ENDPOINTS"):
            scheduler.start(system, scheduler.SYNC_SECONDS, scheduler.SYNCS)
        try:
            system.process.wait()
        except KeyboardInterrupt:
            show.is_open = False
            print("\nstopping …", flush=True)
            return 0
        return 1


class Screen:
    """Prints what means something to whoever runs the emulators, while it is open."""

    is_open = True

    def __call__(self, line: str) -> None:
        """Take a line of the emulators' output."""
        if self.is_open and is_meaningful(line):
            print(line, flush=True)


def is_meaningful(line: str) -> bool:
    """Whether a line is an error, a warning or a function's own log, rather than chatter."""
    return CHATTER.search(COLOUR.sub("", line)) is None


def urls(system: firebase.System) -> str:
    """Where everything answers, a line each."""
    rewrites = json.loads((ROOT / "firebase.json").read_text())["hosting"]["rewrites"]
    public = "\n".join(f"    {system.url}{rewrite['source']}" for rewrite in rewrites)
    variables = "".join(f"    export {n}={v}\n" for n, v in system.environment().items())
    ui = f"\n  Emulator UI  http://127.0.0.1:{system.ports.ui}" if _has_ui(system) else ""
    return (
        f"ready\n  Dashboard    {system.url}/{ui}\n  API\n{public}\n"
        f"  For clients and tests\n{variables}  Everything the emulators say: {system.log}"
    )


def _has_ui(system: firebase.System) -> bool:
    config = json.loads((system.log.parent / "firebase.json").read_text())
    return bool(config["emulators"]["ui"]["enabled"])
