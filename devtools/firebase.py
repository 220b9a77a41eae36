"""The Firebase emulators as one thing that starts, is ready, and ends with its run."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from devtools.paths import FIREBASE, ROOT
from devtools.ports import LOOPBACK, Ports
from devtools.processes import Run
from devtools.toolchain import Toolchain

PROJECT = "demo-quorate"
"""A project id that begins with `demo-` keeps the emulators from looking for the real cloud."""

HEALTH = "/api/v1/health"
STARTUP_SECONDS = 150.0
Listener = Callable[[str], None]


class NotReadyError(Exception):
    """The system did not come up; the message holds the end of the log."""


@dataclass(frozen=True, slots=True)
class System:
    """A running system and where it answers."""

    ports: Ports
    log: Path
    process: subprocess.Popen[bytes]
    started: threading.Event
    """Set when the emulators say that all of them are up, triggers included."""

    @property
    def url(self) -> str:
        """The hosting URL, under which everything public is found."""
        return f"http://{LOOPBACK}:{self.ports.hosting}"

    def is_alive(self) -> bool:
        """Whether the emulators have not ended."""
        return self.process.poll() is None

    def environment(self) -> dict[str, str]:
        """What lets a process of ours, or a client library of Google's, find it."""
        return {**self.ports.environment(), "GOOGLE_CLOUD_PROJECT": PROJECT}


def configuration(root: Path, ports: Ports, *, ui: bool) -> dict[str, Any]:
    """The checkout's `firebase.json` with these ports, valid from any folder in `.quorate/`.

    Folders have to be relative there, because firebase-tools joins them to the folder of the
    configuration even when they are absolute; all else is taken as it stands.
    """
    config: dict[str, Any] = json.loads((root / "firebase.json").read_text())
    config["functions"] |= {"source": "../..", "runtime": runtime()}
    config["firestore"] = {name: str(root / file) for name, file in config["firestore"].items()}
    config["hosting"]["public"] = f"../../{config['hosting']['public']}"
    numbers = ports.numbers()
    emulators: dict[str, Any] = {
        name: {"host": LOOPBACK, "port": port}
        for name, port in numbers.items()
        if name not in {"websocket", "ui"}
    }
    emulators["firestore"]["websocketPort"] = ports.websocket
    emulators["ui"] = {"enabled": ui, "host": LOOPBACK, "port": ports.ui}
    # Tests keep apart by project; with one project only, the emulators would complain of each.
    config["emulators"] = {**emulators, "singleProjectMode": False}
    return config


def runtime() -> str:
    """The runtime whose interpreter `venv/` holds; firebase-tools looks for it by that name."""
    return f"python{sys.version_info.major}{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start."""

    tools: Toolchain
    ports: Ports
    folder: Path
    """Where state and logs go: a folder in `.quorate/`."""
    settings: Mapping[str, str]
    """Environment variables that the functions see."""
    listen: Listener = lambda _: None
    """Gets every line that the emulators say."""


def start(run: Run, plan: Plan) -> System:
    """Start the emulators in this run; they are ready some seconds later."""
    tools, folder = plan.tools, plan.folder
    folder.mkdir(parents=True, exist_ok=True)
    config = configuration(ROOT, plan.ports, ui=tools.has_ui)
    (folder / "firebase.json").write_text(json.dumps(config, indent=2))
    wanted = "functions,firestore,pubsub,hosting" + (",ui" if tools.has_ui else "")
    command = (str(FIREBASE), "emulators:start", "--project", PROJECT, "--only", wanted)
    environment = {**tools.environment(), **plan.settings, "STORE": "firestore", "NO_COLOR": "1"}
    # The hub leaves its address in TMPDIR; one of its own keeps checkouts from meeting there.
    environment |= {"TMPDIR": str(folder), "METADATA_SERVER_DETECTION": "none"}
    process = run.start(command, environment, cwd=folder, output=subprocess.PIPE)
    system = System(plan.ports, folder / "emulators.log", process, threading.Event())
    threading.Thread(target=_keep_log, args=(system, plan.listen), daemon=True).start()
    return system


def _keep_log(system: System, listen: Listener) -> None:
    with system.log.open("wb", buffering=0) as log:
        for line in system.process.stdout or ():
            log.write(line)
            if b"All emulators ready" in line:
                system.started.set()
            listen(line.decode(errors="replace").rstrip())


def wait_until_ready(system: System, timeout: float = STARTUP_SECONDS) -> None:
    """Return when all emulators are up and the health endpoint answers 200 through hosting.

    Raises `NotReadyError` when they end before, cannot load the functions or take too long.
    """
    deadline = time.monotonic() + timeout
    answer = "no answer"
    while answer:
        if time.monotonic() > deadline:
            raise NotReadyError(_explain(system, f"after {timeout:.0f} s {HEALTH} says: {answer}"))
        if not system.is_alive():
            raise NotReadyError(_explain(system, f"exit code {system.process.returncode}"))
        if not system.started.wait(0.3):
            continue
        if b"Failed to load function definition" in system.log.read_bytes():
            raise NotReadyError(_explain(system, "the functions cannot be loaded"))
        answer = ask_health(system.url)


def ask_health(url: str) -> str:
    """ "" if it answers 200, else what it answers."""
    try:
        response = httpx.get(url + HEALTH, timeout=30)
    except httpx.HTTPError as error:
        return f"{type(error).__name__}: {error}"
    return "" if response.is_success else f"{response.status_code} {response.text[:300]}"


def _explain(system: System, what: str) -> str:
    end = "\n".join(system.log.read_text(errors="replace").splitlines()[-25:])
    return f"the emulators did not get ready: {what}\n{end}\n(the whole log: {system.log})"
