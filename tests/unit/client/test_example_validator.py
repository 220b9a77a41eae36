"""`examples/validator.py`, ended and begun in ways that are no success."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.paths import ROOT
from tests.unit.client.services import MINER, VALIDATORS

NEURONS = [
    {"uid": 0, "hotkey": VALIDATORS[0].ss58_address, "stake": 5000.0},
    {"uid": 9, "hotkey": MINER.ss58_address, "stake": 1.0, "axon": "127.0.0.1:9"},
]


@pytest.fixture
def command(tmp_path: Path) -> tuple[str, ...]:
    """The example, with the first validator's key."""
    keyfile = tmp_path / "hotkey"
    keyfile.write_text(json.dumps({"secretSeed": bytes([1] * 32).hex()}))
    return (sys.executable, str(ROOT / "examples" / "validator.py"), "--keyfile", str(keyfile))


def test_an_interrupt_ends_it_with_its_summary(command: tuple[str, ...], tmp_path: Path) -> None:
    """After a miner that did not answer, long before the next report; no traceback."""
    subnet = tmp_path / "subnet.json"
    subnet.write_text(json.dumps({"netuid": 1, "neurons": NEURONS}))
    options = ("--subnet", str(subnet), "--every", "1e9", "--url", "http://127.0.0.1:9")
    with subprocess.Popen(
        (*command, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        first = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        rest, errors = running.communicate(timeout=60)

    assert "miner 9: ConnectError\n" == first
    assert ("sent 0, failed 0, last error None\n", "", 0) == (rest, errors, running.returncode)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", 'no "neurons" with uid, hotkey and stake'),
        ('{"neurons": null}', 'no "neurons" with uid, hotkey and stake'),
        ('{"neurons": [{"uid": 1}]}', 'no "neurons" with uid, hotkey and stake'),
        ("[", "not JSON: Expecting value: line 1 column 2 (char 1)"),
    ],
)
def test_a_file_without_neurons_is_told_in_a_sentence(
    command: tuple[str, ...], tmp_path: Path, content: str, said: str
) -> None:
    """The file and what it lacks."""
    subnet = tmp_path / "subnet.json"
    subnet.write_text(content)

    assert f"{subnet}: {said}\n" == refusal((*command, "--subnet", str(subnet)))


def test_without_bittensor_it_says_what_to_do(command: tuple[str, ...], tmp_path: Path) -> None:
    """Install it, or give a file."""
    (tmp_path / "bittensor.py").write_text("raise ModuleNotFoundError('No bittensor here')")

    assert "No bittensor here: pip install bittensor, or give --subnet FILE\n" == refusal(
        command, PYTHONPATH=str(tmp_path)
    )


def refusal(command: tuple[str, ...], **env: str) -> str:
    """What a command that fails says on standard error."""
    done = subprocess.run(
        command,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    return done.stderr
