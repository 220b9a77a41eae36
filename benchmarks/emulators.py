"""The emulators, for as long as a benchmark measures."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devtools import firebase, ports, toolchain
from devtools.firebase import System
from devtools.paths import STATE
from devtools.processes import Run


@contextmanager
def emulators(settings: Mapping[str, str]) -> Iterator[tuple[Run, System, Path]]:
    """A run, the system in it, and their folder, which stays where something fails.

    `settings` are what the functions see beside the defaults.
    """
    STATE.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=STATE))
    with Run() as run:
        plan = firebase.Plan(toolchain.settle(), ports.all_free(), folder, settings)
        system = firebase.start(run, plan)
        firebase.wait_until_ready(system)
        yield run, system, folder
    shutil.rmtree(folder)
