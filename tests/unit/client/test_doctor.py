"""`quorate doctor` on healthy and on broken installations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from quorate_client.command import app
from quorate_client.doctor import clock_finding
from typer.testing import CliRunner

from functions import _wiring
from tests.unit.client.services import (
    MINER,
    VALIDATORS,
    ScriptedService,
    report_from,
    status_of_miner,
)

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
THEN = 784111777.0


def examine(url: str, *options: object) -> tuple[int, dict[str, tuple[str, str]]]:
    """Exit code, and check → (verdict, detail)."""
    arguments = ["doctor", "--url", url, "--json", *map(str, options)]
    done = CliRunner().invoke(app, arguments)
    findings = json.loads(done.stdout.splitlines()[-1])  # a failing function logs before it
    return done.exit_code, {f["check"]: (f["verdict"], f["detail"]) for f in findings}


def keyfile(directory: Path, seed: int) -> Path:
    path = directory / "hotkey"
    path.write_text(json.dumps({"secretSeed": bytes([seed] * 32).hex()}))
    return path


def test_a_new_installation_is_well(live: str) -> None:
    """Nothing reported yet is no illness."""
    code, found = examine(live)

    assert code == 0
    expected = {"service": "ok", "clock": "ok", "reads": "ok", "receiver": "warning"}
    assert expected == {check: verdict for check, (verdict, _) in found.items()}


def test_failing_health_checks_are_named(live: str) -> None:
    """One of three validators is too few."""
    report_from(live, 0)
    code, found = examine(live)

    assert code == 1
    assert "failed" == found["validator_activity"][0]


def test_a_validator_learns_that_it_may_report_and_nothing_is_stored(
    live: str, tmp_path: Path
) -> None:
    """The signature and the registry are tried, the log stays empty."""
    code, found = examine(live, "--keyfile", keyfile(tmp_path, 1))

    assert (0, "ok") == (code, found["report"][0])
    assert [] == _wiring.stores().reports.since(1, 0.0)


def test_a_stranger_learns_why_it_may_not(live: str, tmp_path: Path) -> None:
    """The service's reason is passed on."""
    code, found = examine(live, "--keyfile", keyfile(tmp_path, 7))

    assert (1, "failed") == (code, found["report"][0])
    assert "regist" in found["report"][1]


@pytest.fixture
def bound(live: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of the functions with a receiver: the miner's hotkey."""
    monkeypatch.setenv("RECEIVER_HOTKEY", MINER.ss58_address)
    _wiring.settings.forget()
    return live


@pytest.mark.parametrize(
    ("options", "verdict", "said"),
    [
        ((), "warning", f"{MINER.ss58_address}; sign with --receiver"),
        (("--receiver", ""), "warning", f"{MINER.ss58_address}; sign with --receiver"),
        (("--receiver", MINER.ss58_address), "ok", f"signed for {MINER.ss58_address}"),
        (("--receiver", VALIDATORS[0].ss58_address), "failed", "and not "),
    ],
)
def test_an_installation_says_whom_reports_must_name(
    bound: str, options: tuple[str, ...], verdict: str, said: str
) -> None:
    """Without any key; whoever signs for another one learns it here."""
    code, found = examine(bound, *options)

    assert (int(verdict == "failed"), verdict) == (code, found["receiver"][0])
    assert said in found["receiver"][1]
    assert MINER.ss58_address in found["receiver"][1]


def test_a_receiver_where_none_is_asked_for_is_no_illness(live: str, tmp_path: Path) -> None:
    """Whoever signs for one may report; that others need not is said."""
    key, receiver = keyfile(tmp_path, 1), MINER.ss58_address
    code, found = examine(live, "--keyfile", key, "--receiver", receiver)

    assert (0, "warning", "ok") == (code, found["receiver"][0], found["report"][0])


def test_nobody_there_ends_the_examination() -> None:
    """One finding, with the address."""
    code, found = examine("http://127.0.0.1:9")

    assert (1, ["service"]) == (code, list(found))
    assert found["service"][1].startswith("no answer from 127.0.0.1:9")


@pytest.mark.parametrize("content", [b"<html>hello</html>", {"hello": "world"}])
def test_somebody_elses_site_is_told_apart(scripted: ScriptedService, content: object) -> None:
    """A page, or JSON of another kind, is not this service."""
    scripted.answers = [(200, {}, content)]
    code, found = examine(scripted.url)

    assert (1, ["service"]) == (code, list(found))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((503, {}, {"detail": "the store does not answer"}), "the store does not answer"),
        ((400, {}, {"detail": "no header names this"}), "no header names this"),
        ((200, {}, {}), "an empty body was taken as a report: not this service?"),
    ],
)
def test_a_receiver_that_nothing_was_learnt_about_is_not_well(
    scripted: ScriptedService, answer: tuple[int, dict[str, str], Any], said: str
) -> None:
    """Only a refusal that comes after the receiver was looked at says that it is the one."""
    health = {"status": "idle", "checks": [], "network_status": {"total_miners": 0}}
    unaddressed = {"code": "signature_receiver", "detail": "name the receiver"}
    scripted.answers = [(200, {}, health), (200, {}, health), (401, {}, unaddressed), answer]
    code, found = examine(scripted.url, "--receiver", MINER.ss58_address)

    assert (1, ("failed", said)) == (code, found["receiver"])


def test_a_taken_empty_body_is_suspicious(scripted: ScriptedService, tmp_path: Path) -> None:
    """The real service refuses it."""
    health = {"status": "idle", "checks": [], "network_status": {"total_miners": 0}}
    scripted.answers = [(200, {}, health)]
    _, found = examine(scripted.url, "--keyfile", keyfile(tmp_path, 1))

    assert ("failed", "failed") == (found["receiver"][0], found["report"][0])


@pytest.mark.parametrize(
    ("ahead", "verdict"),
    [(0.0, "ok"), (2.5, "ok"), (4.0, "failed"), (-30.0, "ok"), (-90.0, "failed")],
)
def test_a_clock_that_costs_reports_is_found(ahead: float, verdict: str) -> None:
    """Two seconds ahead is too much; behind, retries need room. `Date` has whole seconds."""
    assert verdict == clock_finding(DATE, THEN + ahead, THEN + ahead).verdict


def test_without_a_date_the_clock_is_not_judged() -> None:
    """It says so."""
    assert "warning" == clock_finding(None, THEN, THEN).verdict


def test_people_read_a_table(live: str) -> None:
    """Verdict, check and detail stand in it."""
    table = CliRunner().invoke(app, ["doctor", "--url", live], env={"COLUMNS": "120"}).stdout

    assert all(word in table for word in ("ok", "service", "answers, status idle"))
    assert status_of_miner()["hotkey"] not in table
