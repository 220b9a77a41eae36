"""`quorate registry disable | enable | lift` over the in-memory store."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.registry import app
from cli.store import Place
from shared.adapters.memory import MemoryRegistryStore
from shared.domain.registry import Overrides
from tests.unit.cli.registries import ALICE, BOB, Quorate


@dataclass(slots=True)
class BusyStore(MemoryRegistryStore):
    """A store in which another operator decides right before each decision, so many times."""

    others: int = 1

    def save_overrides(self, netuid: int, overrides: Overrides, revision: Any = None) -> None:
        """Let the other one, who disables BOB, be quicker."""
        if self.others:
            self.others -= 1
            kept = self.read(netuid)
            theirs = replace(kept.overrides, disabled=kept.overrides.disabled | {BOB})
            MemoryRegistryStore.save_overrides(self, netuid, theirs, kept.overrides_revision)
        MemoryRegistryStore.save_overrides(self, netuid, overrides, revision)


def test_a_disabled_validator_may_not_report_until_enabled(
    quorate: Quorate, store: MemoryRegistryStore, file: Path
) -> None:
    """By uid or by hotkey; what the chain says stays as it is."""
    quorate("import", file)

    assert quorate("disable", 0).exit_code == 0
    assert _overrides(store).disabled == {ALICE}
    assert quorate("disable", BOB).exit_code == 0
    assert quorate("enable", ALICE).exit_code == 0
    assert _overrides(store).disabled == {BOB}


def test_a_lift_notes_when_it_was_decided(
    quorate: Quorate, store: MemoryRegistryStore, file: Path
) -> None:
    """The next round that closes after that time starts the record anew."""
    quorate("import", file)
    before = time.time()

    result = quorate("lift", ALICE)

    assert ALICE in result.output
    assert before - 1 <= _overrides(store).lifted[ALICE] <= time.time() + 1


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        ("disable", "is disabled"),
        ("enable", "is no longer disabled"),
        ("lift", "starts anew with the next closed round"),
    ],
)
def test_a_decision_answers_json_where_asked(
    quorate: Quorate, file: Path, command: str, outcome: str
) -> None:
    """Whom it is about, and what is true now."""
    quorate("import", file)

    expected = {"netuid": 1, "uid": 0, "hotkey": ALICE, "outcome": outcome}
    assert expected == json.loads(quorate(command, 0, "--json").stdout)


def test_of_two_operators_at_once_neither_decision_is_lost(file: Path) -> None:
    """Who is second reads again and decides on top of the first."""
    store = BusyStore()
    place = Place(store, "memory")
    CliRunner().invoke(app, ["import", str(file)], obj=place)

    done = CliRunner().invoke(app, ["disable", ALICE], obj=place)

    assert done.exit_code == 0
    assert {ALICE, BOB} == _overrides(store).disabled


def test_a_decision_that_never_gets_through_is_said(file: Path) -> None:
    """After eight attempts the command gives up, with exit code 1 and nothing written."""
    place = Place(BusyStore(others=8), "memory")
    CliRunner().invoke(app, ["import", str(file)], obj=place)

    given_up = CliRunner().invoke(app, ["disable", ALICE], obj=place)

    assert given_up.exit_code == 1
    assert "others kept deciding about subnet 1: nothing was written" in given_up.stderr


@pytest.mark.parametrize("command", ["disable", "enable", "lift"])
def test_nobody_is_decided_about_who_is_not_registered(
    quorate: Quorate, store: MemoryRegistryStore, file: Path, command: str
) -> None:
    """Exit code 2, a sentence that says where to look, and nothing written."""
    quorate("import", file)

    result = quorate(command, 404)

    assert result.exit_code == 2
    assert "no neuron 404" in result.output
    assert _overrides(store) == Overrides()


def _overrides(store: MemoryRegistryStore) -> Overrides:
    registry = store.load(1)
    assert registry is not None
    return registry.overrides
