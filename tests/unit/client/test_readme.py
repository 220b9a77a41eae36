"""The client's README is run and looked up, not believed."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import quorate_client
from quorate_client.command import app
from typer.testing import CliRunner

from tests.unit.client.services import DISPATCH_KEY, MINER, VALIDATORS, report_from

README = (Path(quorate_client.__file__).parents[1] / "README.md").read_text("utf-8")


def test_the_code_runs_as_it_stands(live: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Block after block, against the real functions."""
    for validator in (1, 2):
        report_from(live, validator)
    hotkeys = [VALIDATORS[0].ss58_address, MINER.ss58_address]
    neurons = [
        SimpleNamespace(uid=uid, hotkey=hotkey, total_stake=5000.0, axon="8.8.8.8:8091")
        for uid, hotkey in zip((0, 9), hotkeys, strict=True)
    ]
    asked: list[str] = []
    names: dict[str, Any] = {
        "url": live,
        "netuid": 1,
        "key": DISPATCH_KEY,
        "ask": asked.append,
        "wallet": SimpleNamespace(hotkey=VALIDATORS[0]),
        "metagraph": SimpleNamespace(neurons=neurons),
    }
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(block, names)  # noqa: S102 - our own README

    assert "1 0 None" == capsys.readouterr().out.splitlines()[0]
    assert ["8.8.8.8:8091"] * 2 == asked


def test_every_command_is_named() -> None:
    """What `quorate` has, the README tells."""
    own = [command.callback.__name__ for command in app.registered_commands if command.callback]

    assert [] == [name for name in own if f"quorate {name}" not in README]


@pytest.mark.parametrize("command", ["report", "status", "miner", "validators", "doctor"])
def test_every_command_explains_itself(command: str) -> None:
    """--help works and every command speaks JSON."""
    helped = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "120"})

    assert (0, True) == (helped.exit_code, "--json" in helped.stdout)
