"""`quorate simulate`: what it may do where, and what its figures mean."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli import registry_file
from cli.simulate import app, is_loopback
from cli.simulate_figures import figures_of, verdict_on
from devtools.scenarios import SCENARIOS, Plan, subnet_of
from devtools.screen import Row
from devtools.simulation import Condition

REMOTE = "https://quorate.example"


def simulate(*arguments: str, **env: str) -> Result:
    known = {"FIRESTORE_EMULATOR_HOST": "", "QUORATE_SIMULATION_SECRET": "", **env}
    return CliRunner().invoke(app, [*arguments], env=known)


def test_all_scenarios_are_listed() -> None:
    """Name and what the validators do, a line each."""
    lines = simulate("--scenario", "list").stdout.splitlines()

    assert list(SCENARIOS) == [line.split()[0] for line in lines]


def test_programs_read_the_scenarios_as_json() -> None:
    """The same names and words."""
    listed = json.loads(simulate("--scenario", "list", "--json").stdout)

    assert [{"name": n, "says": it.says} for n, it in SCENARIOS.items()] == listed


def test_the_registry_to_import_is_printed() -> None:
    """As `quorate registry import` takes it, for the subnet that is named."""
    printed = simulate("--registry", "-k", "5", "-m", "7", "--netuid", "3").stdout
    parsed = registry_file.parse(printed)

    assert (3, 12) == (parsed.netuid, len(parsed.neurons))


def test_a_secret_makes_other_hotkeys() -> None:
    """Nobody else can sign as these validators; the same secret makes the same."""
    first, again, other, default = (
        simulate("--registry", *given).stdout
        for given in (["--keys-from", "a"], ["--keys-from", "a"], ["--keys-from", "b"], [])
    )

    assert first == again
    assert 3 == len({first, other, default})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--url", REMOTE], "false reports go there only with --yes"),
        (["--url", REMOTE, "--yes"], "give a secret of yours"),
        (["--scenario", "flood"], "flood is none of honest, noise"),
        ([], "no emulator to register the validators in: set FIRESTORE_EMULATOR_HOST"),
    ],
)
def test_what_may_not_be_done_ends_with_2(arguments: list[str], message: str) -> None:
    """Nothing was registered or sent; a project's own Firestore is never meant by loopback."""
    refused = simulate(*arguments, GOOGLE_CLOUD_PROJECT="somebodys-project")

    assert refused.exit_code == 2
    assert message in refused.stderr


def test_a_service_that_is_not_there_is_said() -> None:
    """Exit code 1 and a sentence, after the round that nobody took."""
    nobody = ("--keep-registry", "--url", "http://127.0.0.1:9")
    refused = simulate(*nobody, "-k", "2", "--rounds", "1", "--interval", "1")

    assert (1, "") == (refused.exit_code, refused.stdout)
    assert "127.0.0.1:9" in refused.stderr


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:5000", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:5000", True),
        ("http://localhost:5000/", True),
        ("https://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("http://127.0.0.1@quorate.example", False),
        ("http://192.168.0.7", False),
        ("localhost:5000", False),
    ],
)
def test_this_machine_is_told_from_all_others(url: str, expected: bool) -> None:
    """By what the URL's host is, not by what it looks like."""
    assert expected is is_loopback(url)


def row(uid: int, performance: float | None, *, serving: bool = True, mean: float = 0.5) -> Row:
    truth = Condition(level=0.5, drift=0.0, serving=True, load=0, may_serve=True)
    answer = {
        "performance_score": performance,
        "is_serving": serving,
        "consensus_confidence": 0.5,
        "state": "consensus",
    }
    return Row(uid, truth, mean, answer, praised=False)


def test_figures_are_distances_from_the_truth() -> None:
    """Root mean square of the consensus and of the plain mean; wrong labels are counted."""
    rows = [row(1, 0.8, mean=0.6), row(2, 0.1, serving=False, mean=0.5), row(3, None)]
    figures = figures_of(4, [*rows, replace(row(4, 0.0), answer=None)], 7, {"429": 1})

    assert (0.3536, 0.0577, 1, 0.5) == (
        figures.rmse,
        figures.plain_rmse,
        figures.serving_wrong,
        figures.confidence,
    )
    assert {"consensus": 3, "unknown": 1} == figures.states


def test_figures_before_any_consensus_are_none() -> None:
    """Nothing is made up."""
    figures = figures_of(1, [replace(row(1, 0.0), answer=None)], 0, {})

    assert (None, None, 0, None) == (
        figures.rmse,
        figures.plain_rmse,
        figures.serving_wrong,
        figures.confidence,
    )


def test_the_verdict_tells_liars_from_the_honest() -> None:
    """Mean reputation of each side, and who is quarantined."""
    subnet = subnet_of(Plan("shift", validators=4, miners=4, rounds=2, alpha=0.5))
    quarantine: list[Any] = [{"reason": "spread"}, None, None, None]
    known = [
        {"uid": uid, "reputation": reputation, "quarantine": quarantine[uid]}
        for uid, reputation in enumerate((0.1, 0.3, 1.0, None))
    ]

    assert "lied: 0, 1; quarantined: 0; mean reputation: honest 1.00, liars 0.20" == str(
        verdict_on(subnet, known)
    )
