"""The programs in `examples/`, and the client's README, on the emulators and as they stand."""

from __future__ import annotations

import asyncio
import http.server
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, aclosing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from quorate_client import AsyncProxy, Change, Proxy, SeedKeypair
from quorate_client.errors import Unwatchable

from devtools.paths import ROOT
from devtools.tasks import KEY
from tests.e2e.conftest import eventually, import_registry
from tests.unit.client.services import serving

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

VALIDATORS = [SeedKeypair(bytes([seed]) * 32) for seed in (21, 22)]
MINERS = [SeedKeypair(bytes([seed]) * 32) for seed in (31, 32)]
FIRST_MINER = 10
"""uid of the first; the validators have 0 and 1."""


class Answering(http.server.BaseHTTPRequestHandler):
    """A miner that echoes the question."""

    def do_POST(self) -> None:
        """The question, and who answers."""
        length = int(self.headers.get("Content-Length", 0))
        self._say(b"echo: " + self.rfile.read(length))

    def do_GET(self) -> None:
        """It is there."""
        self._say(b"here")

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Stage:
    """A registered subnet whose miners really answer, and the programs that act on it."""

    def __init__(self, url: str, netuid: int, folder: Path, axons: list[str]) -> None:
        """`axons` are the miners' addresses."""
        self.url, self.netuid, self.folder = url, netuid, folder
        self.subnet = import_registry({"netuid": netuid, "neurons": _neurons(axons)}, folder)

    def run(self, example: str, *arguments: object) -> str:
        """What an example prints."""
        place = ("--url", self.url, "--netuid", str(self.netuid))
        done = subprocess.run(
            (sys.executable, ROOT / "examples" / example, *place, *map(str, arguments)),
            env={**os.environ, "QUORATE_KEY": KEY},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def validate(self, index: int) -> str:
        """One round of the example's main loop, as one of the validators."""
        keyfile = self.folder / f"hotkey-{index}.json"
        keyfile.write_text(json.dumps({"secretSeed": (bytes([21 + index]) * 32).hex()}))
        return self.run(
            "validator.py", "--keyfile", keyfile, "--subnet", self.subnet, "--rounds", 1
        )

    def miners(self) -> dict[int, dict[str, Any]]:
        """What the network's status says, by uid."""
        with Proxy(self.url, netuid=self.netuid) as proxy:
            return {row["uid"]: row for row in proxy.network_status()["miners"]}


def _neurons(axons: list[str]) -> list[dict[str, Any]]:
    validators = [
        {"uid": uid, "hotkey": key.ss58_address, "stake": 5000.0, "validator_permit": True}
        for uid, key in enumerate(VALIDATORS)
    ]
    pairs = zip(MINERS, axons, strict=True)
    return validators + [
        {"uid": uid, "hotkey": key.ss58_address, "stake": 10.0, "axon": axon}
        for uid, (key, axon) in enumerate(pairs, FIRST_MINER)
    ]


@pytest.fixture
def miners() -> Iterator[list[tuple[str, Callable[[], object]]]]:
    """Address of each miner's server, and how to end it."""
    with ExitStack() as all_of_them:
        made: list[tuple[str, Callable[[], object]]] = []
        for _ in MINERS:
            one = all_of_them.enter_context(ExitStack())
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
            url = one.enter_context(serving(server))
            made.append((url.removeprefix("http://"), one.close))
        yield made


@pytest.fixture
def stage(
    url: str,
    free_netuid: int,
    tmp_path: Path,
    miners: list[tuple[str, Callable[[], object]]],
) -> Stage:
    """Both miners answer."""
    return Stage(url, free_netuid, tmp_path, [axon for axon, _ in miners])


def test_validators_report_a_task_is_done_and_a_miner_sees_why(
    stage: Stage, miners: list[tuple[str, Callable[[], object]]]
) -> None:
    """All three programs, one after the other; one miner is gone when the task comes."""
    reports = [stage.validate(index) for index in range(len(VALIDATORS))]
    eventually(lambda: stage.miners().get(FIRST_MINER, {}).get("is_active"))
    miners[0][1]()
    sent = stage.run("proxy.py", "what is it?", "--mode", "best")
    told = stage.run("miner.py", FIRST_MINER + 1)

    assert ["sent 1, failed 0, last error None\n"] * 2 == reports
    assert ["asking miner 10,", "asking miner 11,", "echo: what is it?"] == [
        line.split(" availability")[0] for line in sent.splitlines()
    ]
    assert f"miner {FIRST_MINER + 1}: consensus" == told.splitlines()[0]
    assert 2 == len(re.findall(r"^  validator [01] agrees", told, re.MULTILINE))


def test_a_watch_hears_of_a_report(stage: Stage) -> None:
    """First everything, then the change that a report makes, over Pub/Sub."""
    with Proxy(stage.url, netuid=stage.netuid) as proxy:
        watch = proxy.watch()
        assert Change("read", 0, {}, (), ()) == next(watch)
        stage.validate(0)
        change = next(watch)
        watch.close()

    assert ("changes", {10, 11}) == (change.kind, {*change.changed} - {0, 1})
    assert "pending" == change.miners[10]["state"]


def test_an_event_loop_can_watch(stage: Stage) -> None:
    """The same first change, and an end whenever the consumer has enough."""

    async def first_change() -> Change:
        async with (
            AsyncProxy(stage.url, netuid=stage.netuid) as proxy,
            aclosing(proxy.watch()) as watch,
        ):
            return await anext(watch)

    assert Change("read", 0, {}, (), ()) == asyncio.run(first_change())


def test_a_subscription_that_is_not_there_cannot_be_watched(stage: Stage) -> None:
    """It is named, and nothing is made in its place."""
    with Proxy(stage.url, netuid=stage.netuid) as proxy:
        watch = proxy.watch(subscription="nobody-made-it")
        next(watch)
        with pytest.raises(Unwatchable, match="nobody-made-it"):
            next(watch)


def test_six_lines_report_a_metagraph_from_a_clean_environment(
    stage: Stage, tmp_path: Path
) -> None:
    """`pip install ./client`, and what the client's README says first."""
    readme = (ROOT / "client" / "README.md").read_text("utf-8")
    lines = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)[0]
    program = tmp_path / "six_lines.py"
    program.write_text(
        STAGED.format(url=stage.url, netuid=stage.netuid, seed="15" * 32, subnet=stage.subnet)
        + lines
    )
    python = _clean_environment(tmp_path)
    done = subprocess.run(
        (python, program), cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    watching = subprocess.run(
        (python, "-c", "import quorate_client.subscription"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "pip install './client[watch]'" in watching.stderr
    assert 6 == len([line for line in lines.splitlines() if line.strip()])
    assert eventually(lambda: {10, 11} <= stage.miners().keys())


def test_the_readme_reports_and_reads(url: str, free_netuid: int) -> None:
    """Its commands, in their order, on a subnet of its own: the miner is there, and pending."""
    part = (ROOT / "README.md").read_text("utf-8").partition("## Report, and read")[2]
    [block] = re.findall(r"```sh\n(.*?)```", part, re.DOTALL)[:1]
    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    quorate = [words[1:] for words in commands if words[0] == "venv/bin/quorate"]
    for words in quorate:
        answer = eventually(partial(_quorate, url, free_netuid, *words))

    assert ["registry", "report", "miner"] == [words[0] for words in quorate]
    assert "miner 49: pending" in answer


def _quorate(url: str, netuid: int, *arguments: str) -> str:
    """What the command prints; "" where it fails, as before the first recompute."""
    program = str(Path(sys.executable).with_name("quorate"))
    command = (program, *arguments, "--netuid", str(netuid))
    env = {**os.environ, "QUORATE_URL": url}
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60
    )
    return "" if done.returncode else done.stdout


STAGED = """
import json
from types import SimpleNamespace
from quorate_client import SeedKeypair

url, netuid = "{url}", {netuid}
wallet = SimpleNamespace(hotkey=SeedKeypair.from_seed("{seed}"))
neurons = json.load(open("{subnet}"))["neurons"]
metagraph = SimpleNamespace(
    neurons=[SimpleNamespace(**{{"axon": None, "total_stake": n["stake"], **n}}) for n in neurons]
)
"""
"""What the README's lines find: a URL, a wallet and a metagraph."""


def _clean_environment(folder: Path) -> Path:
    """A new one that has the client and what it asks for, nothing else."""
    uv = (sys.executable, "-m", "uv")
    venv, client = folder / "venv", ROOT / "client"
    steps = [
        (*uv, "venv", "--quiet", "--python", sys.executable, str(venv)),
        (*uv, "pip", "install", "--quiet", "--python", str(venv), str(client)),
    ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return venv / "bin" / "python"
