"""`make demo`: a simulated subnet reports, consensus forms, a validator falls silent and expires.

Times are shortened, visibly, so that all of it is seen within a minute.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from devtools import firebase, ports, scheduler, tasks, toolchain, verification
from devtools.findings import Findings
from devtools.paths import ROOT, STATE
from devtools.ports import LOOPBACK
from devtools.processes import Run
from devtools.reporting import Reporting
from devtools.screen import Frame, Screen, frame_of, rows_of
from devtools.simulation import Subnet, demo_subnet

SETTINGS = {
    "CONSENSUS_TIMEOUT": "15",
    "REPORTING_WINDOW": "20",
    "ROUND_SECONDS": "5",
    "ROUND_GRACE": "1",
    "RATE_LIMIT_PER_MINUTE": "60",
}
"""What the demo shortens; everything else is the default."""
ENVIRONMENT = {**SETTINGS, **tasks.SETTINGS}

SWEEP_SECONDS = 3.0
ROUND_SECONDS = 5.0
POLL_SECONDS = 1.0
SILENT_AFTER = 20.0
"""When a validator falls silent, in a demo without end; else a third of its time."""

SHORTEST = 45.0
"""A third of it, the timeout, a sweep and a slow machine's delays fit in here."""

NETUID, VALIDATORS, MINERS = 1, 8, 64
SILENT = 5
STATUS_PATH = "/api/v1/miners/network-status"


class DemoError(Exception):
    """The demo cannot run; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """A running system that the demo talks to."""

    url: str
    log: Path
    is_alive: Callable[[], bool]


def run_demo(store: str, seconds: float | None) -> int:
    """Run for `seconds` from ready, or until Ctrl-C; 0 if everything promised was seen."""
    if seconds is not None and seconds < SHORTEST:
        raise DemoError(f"SECONDS={seconds:g} is too short to see an expiry; {SHORTEST:g} is not")
    subnet = demo_subnet(NETUID, VALIDATORS, MINERS)
    miners = frozenset(miner.uid for miner in subnet.miners)
    findings = Findings(miners, SILENT, VALIDATORS)
    with Run() as run:
        place = START[store](run, subnet)
        sending = tasks.Tasks(place.url, subnet)
        print(introduction(place, subnet), flush=True)
        try:
            perform(place, subnet, findings, sending, seconds)
        except KeyboardInterrupt:
            print("\nstopping …", flush=True)
            if seconds is not None:
                raise
            return 0  # whoever looks on decides how long; nothing was promised
        verified = verification.verify_all(place.url, tasks.KEY)
    return judge(findings, sending, verified, place)


def start_emulators(run: Run, subnet: Subnet) -> Place:
    """The emulators, with the subnet's registry imported as an operator would."""
    tools = toolchain.settle()
    chosen = ports.from_environment()
    folder = STATE / f"demo-{chosen.hosting}"
    print(f"starting the emulators (from {tools.origin}) …", flush=True)
    system = firebase.start(run, firebase.Plan(tools, chosen, folder, ENVIRONMENT))
    firebase.wait_until_ready(system)
    registry = _write_registry(folder, subnet)
    command = (str(Path(sys.executable).with_name("quorate")), "registry", "import", str(registry))
    if run.start(command, system.environment()).wait() != 0:
        raise DemoError("the registry could not be imported")
    scheduler.start(system, SWEEP_SECONDS)
    return Place(system.url, system.log, system.is_alive)


def start_in_process(run: Run, subnet: Subnet) -> Place:
    """Functions and in-memory adapters in one process of their own."""
    port = ports.hosting_from_environment()
    folder = STATE / f"demo-memory-{port}"
    folder.mkdir(parents=True, exist_ok=True)
    registry = _write_registry(folder, subnet)
    log = folder / "functions.log"
    environment = {**ENVIRONMENT, "STORE": "memory", "SWEEP_SECONDS": str(SWEEP_SECONDS)}
    command = (sys.executable, "-m", "devtools.in_process", str(port), str(registry))
    print("starting the functions in one process, with the store in memory …", flush=True)
    with log.open("wb") as output:
        process = run.start(command, environment, output=output)
    place = Place(f"http://{LOOPBACK}:{port}", log, lambda: process.poll() is None)
    _wait_for_health(place, process)
    return place


START: Mapping[str, Callable[[Run, Subnet], Place]] = {
    "firestore": start_emulators,
    "memory": start_in_process,
}


def _write_registry(folder: Path, subnet: Subnet) -> Path:
    file = folder / "registry.json"
    file.write_text(json.dumps(subnet.registry(), indent=1))
    return file


def _wait_for_health(place: Place, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        if not firebase.ask_health(place.url):
            return
        time.sleep(0.2)
    raise DemoError(f"the functions did not start:\n{place.log.read_text()[-2000:]}")


def perform(
    place: Place,
    subnet: Subnet,
    findings: Findings,
    sending: tasks.Tasks,
    seconds: float | None,
) -> None:
    """Report, send tasks and show for `seconds`, or for ever; what is seen goes into `findings`."""
    reporting = Reporting(place.url, subnet)
    ended = threading.Event()
    threading.Thread(target=_report_rounds, args=(reporting, ended), daemon=True).start()
    sending.start(ended)
    ready = time.monotonic()
    silent_after = SILENT_AFTER if seconds is None else seconds / 3
    with Screen() as screen, httpx.Client(base_url=place.url, timeout=10) as client:
        try:
            while (now := time.monotonic() - ready) < (seconds or float("inf")):
                answer = _ask(client, place)
                findings.see(now, answer)
                if now >= silent_after and findings.counted_at is not None:
                    _fall_silent(reporting, findings, now)
                shown = frame(now, subnet, reporting, findings, answer)
                screen.show(replace(shown, tasks=sending.summary()))
                time.sleep(POLL_SECONDS)
        finally:
            ended.set()


def _report_rounds(reporting: Reporting, ended: threading.Event) -> None:
    while not ended.is_set():
        began = time.monotonic()
        reporting.post_round()
        ended.wait(max(0.0, ROUND_SECONDS - (time.monotonic() - began)))


def _ask(client: httpx.Client, place: Place) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = client.get(STATUS_PATH).raise_for_status().json()
    except httpx.HTTPError as error:
        alive = "still runs" if place.is_alive() else "has ended"
        raise DemoError(f"{error} (the system {alive}; its log: {place.log})") from error
    return answer


def _fall_silent(reporting: Reporting, findings: Findings, now: float) -> None:
    if findings.silent_at is None:
        reporting.silent.add(findings.silent)
        findings.silent_at = now


def frame(
    now: float,
    subnet: Subnet,
    reporting: Reporting,
    findings: Findings,
    answer: Mapping[str, Any],
) -> Frame:
    """The moment as it is shown, and what became of the validator that fell silent."""
    rows = rows_of(subnet, reporting, answer)
    shown = frame_of(now, subnet, reporting, rows, answer)
    if findings.silent_at is None:
        return shown
    word = "silent" if findings.expired_at is None else "expired"
    words = {**shown.validators, findings.silent: word}
    return replace(shown, validators=words, news=_news(findings))


def _news(findings: Findings) -> str:
    if findings.expired_at is None:
        return f"validator {findings.silent} is silent since {findings.silent_at:.0f} s"
    return (
        f"validator {findings.silent}, silent since {findings.silent_at:.0f} s,"
        f" expired by {findings.expired_at:.0f} s"
    )


def introduction(place: Place, subnet: Subnet) -> str:
    """Where it runs, what is shortened, and who lies."""
    rewrites = json.loads((ROOT / "firebase.json").read_text())["hosting"]["rewrites"]
    api = "\n".join(f"    {place.url}{row['source']}" for row in rewrites)
    shortened = " ".join(f"{name}={value}" for name, value in SETTINGS.items())
    liars = "\n".join(f"    validator {v.uid} {v.says}" for v in subnet.validators if v.lie)
    return (
        f"ready\n  Dashboard  {place.url}/\n  API\n{api}\n"
        f"  Shortened for the demo: {shortened}, a sweep every {SWEEP_SECONDS:g} s\n"
        f"  {VALIDATORS} validators with sr25519 keys report on {MINERS} miners"
        f" every {ROUND_SECONDS:g} s\n{liars}\n"
        f"    validator {SILENT} will fall silent and expire\n"
        f"  Log: {place.log}\n"
    )


def judge(
    findings: Findings, sending: tasks.Tasks, verified: verification.Verification, place: Place
) -> int:
    """Say what was seen and what was not; 0 if nothing is missing."""
    shortcomings = [
        *findings.shortcomings(),
        *sending.shortcomings(),
        *verified.shortcomings(),
    ]
    for text in shortcomings:
        print(f"✘ {text}")
    if shortcomings:
        print(f"  log: {place.log}")
        return 1
    print(f"✔ all {len(findings.miners)} miners had a quorum\n✔ {_news(findings)}")
    print(f"✔ {sending.summary()}\n✔ {verified.summary()}")
    return 0
