"""`quorate replay` over files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from cli.replay import UnusablePolicy, app, policy_of
from tests.unit.service.streams import line, score, tick

Quorate = Callable[..., Result]


@pytest.fixture
def quorate() -> Quorate:
    """Runs `quorate replay …`, as the command has it among others."""
    root = typer.Typer()
    root.add_typer(app, name="replay")

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(root, ["replay", *map(str, arguments)])

    return run


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    """Two reports and two ticks."""
    path = tmp_path / "stream.jsonl"
    lines = [line(1, 48, score(0.8)), line(2, 49, score(0.8)), tick(60), tick(120)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_one_line_of_json_per_recompute(quorate: Quorate, stream: Path) -> None:
    """Standard output can be read line by line."""
    done = quorate(stream)

    assert 0 == done.exit_code
    assert [60.0, 120.0] == [json.loads(answer)["t"] for answer in done.stdout.splitlines()]


def test_a_policy_file_changes_what_it_names(
    quorate: Quorate, stream: Path, tmp_path: Path
) -> None:
    """Options may stand behind the file."""
    policy = tmp_path / "policy.json"
    policy.write_text('{"min_consensus_validators": 3}')
    done = quorate(stream, "--policy", policy)

    assert "pending" == json.loads(done.stdout.splitlines()[0])["miners"]["7"]["state"]


def test_a_bad_line_stops_before_anything_is_answered(quorate: Quorate, stream: Path) -> None:
    """Exit code 2, the line and its field on standard error, nothing on standard output."""
    stream.write_text(stream.read_text() + '{"t": 130, "validator_uid": "x"}\n')
    done = quorate(stream)

    assert (2, "") == (done.exit_code, done.stdout)
    assert (
        f"{stream}: line 5: validator_uid should be a whole number of at least 0\n" == done.stderr
    )


def test_a_file_that_is_not_there(quorate: Quorate, tmp_path: Path) -> None:
    """It is named, with the reason."""
    done = quorate(tmp_path / "missing")

    assert 2 == done.exit_code
    assert f"{tmp_path / 'missing'}: No such file or directory\n" == done.stderr


def test_a_bad_policy_is_named(quorate: Quorate, stream: Path, tmp_path: Path) -> None:
    """Before anything is replayed."""
    policy = tmp_path / "policy.json"
    policy.write_text('{"round_seconds": -1}')
    done = quorate(stream, "--policy", policy)

    assert (2, "") == (done.exit_code, done.stdout)
    assert f"{policy}: round_seconds must be above 0\n" == done.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "should be a JSON object"),
        ("{", "not JSON"),
        ('{"round_second": 1}', "round_second is no number of the policy"),
        ('{"round_seconds": "long"}', "round_seconds: Input should be a valid number"),
        ('{"tolerances": {"stake": 1}}', "tolerances.stake: Input should be a valid tuple"),
    ],
)
def test_what_is_no_policy_is_refused(text: str, expected: str) -> None:
    """The message names the number and the rule."""
    with pytest.raises(UnusablePolicy, match=expected):
        policy_of(text)


def test_tolerances_come_as_pairs() -> None:
    """As the snapshot echoes them."""
    assert {"stake": (0.0, 0.1)} == policy_of('{"tolerances": {"stake": [0, 0.1]}}').tolerances
