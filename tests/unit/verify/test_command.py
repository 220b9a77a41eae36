"""`quorate verify` over files and URLs."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli.verify import app
from devtools.simulation import make_miner
from shared.service.provenance import ENGINE

Quorate = Callable[..., Result]
PREFIX = "/api/v1/snapshots/"


@pytest.fixture
def quorate() -> Quorate:
    """Runs `quorate verify …`, as the command has it among others."""
    root = typer.Typer()
    root.add_typer(app, name="verify")

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(root, ["verify", *map(str, arguments)], env={"COLUMNS": "200"})

    return run


@pytest.fixture
def paths(files: dict[str, str], tmp_path: Path) -> dict[str, Path]:
    """The files on disk."""
    made = {name: tmp_path / f"{name}.json" for name in files}
    for name, path in made.items():
        path.write_text(files[name])
    return made


@pytest.fixture
def service(files: dict[str, str]) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """Its URL, and (path, authorization) of what it was asked; the key is `key`."""
    rounds = {str(json.loads(files[name])["round"]): files[name] for name in ("0", "1", "2")}
    known = {**rounds, "current": files["current"]}
    asked: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            authorization = self.headers["Authorization"]
            asked.append((self.path, authorization))
            text = known.get(self.path.partition("?")[0].removeprefix(PREFIX))
            if authorization != "Bearer key":
                self._reply(401, '{"detail": "send a key"}')
            elif text is None:
                self._reply(404, "no such thing")
            else:
                self._reply(200, text)

        def _reply(self, status: int, text: str) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_holds_is_verified(quorate: Quorate, paths: dict[str, Path]) -> None:
    """Exit code 0, a line per record, and the sum of it."""
    done = quorate(*paths.values())

    assert 0 == done.exit_code
    assert "verified: 3 rounds, 20 signatures" in done.stdout
    assert 4 == done.stdout.count("verified │")
    assert done.stdout.endswith("by the files' own claim: receiver any, default subnet 1\n")


def test_who_names_the_receiver_is_said(quorate: Quorate, paths: dict[str, Path]) -> None:
    """Asked for by the auditor, it is no claim of the files."""
    hotkey = make_miner(7, random.Random(7)).hotkey
    done = quorate(paths["0"], "--receiver", hotkey)

    assert 1 == done.exit_code
    said = f"receiver {hotkey}, as asked; by the files' own claim: default subnet 1\n"
    assert done.stdout.endswith(said)


def test_what_does_not_hold_is_named(
    quorate: Quorate, paths: dict[str, Path], files: dict[str, str]
) -> None:
    """Exit code 1; what is wrong and where."""
    plain = json.loads(files["1"])
    plain["reports"][0]["epoch"] = 9
    paths["1"].write_text(json.dumps(plain))

    done = quorate(*paths.values())

    assert 1 == done.exit_code
    where = f"✘ round {plain['round']}, report {plain['reports'][0]['report_id']} of validator 0"
    assert f"{where}: epoch: signed 1, kept as 9" in done.stdout
    assert "wrong: 3 rounds" in done.stdout


def test_what_could_not_be_checked_is_neither(quorate: Quorate, paths: dict[str, Path]) -> None:
    """Exit code 3: nothing is wrong, and a round is missing."""
    done = quorate(paths["0"], paths["2"])

    assert 3 == done.exit_code
    assert "unchecked: 2 rounds" in done.stdout


def test_the_answer_for_programs_has_all_of_it(quorate: Quorate, paths: dict[str, Path]) -> None:
    """One JSON object with verdict, records and findings."""
    done = quorate("--json", paths["0"], paths["2"])

    answer = json.loads(done.stdout)
    assert "unchecked" == answer["verdict"]
    assert [(5, 4), (5, 4)] == [(each["signatures"], each["miners"]) for each in answer["records"]]
    claims = {"engine": ENGINE, "receiver_hotkey": None, "default_netuid": 1}
    assert [claims, claims] == [each["claims"] for each in answer["records"]]
    assert [1, 1] == [each["netuid"] for each in answer["records"]]
    assert [{"place", "where", "what", "grade"}] == [set(each) for each in answer["findings"]]


def test_the_subnet_of_each_record_is_shown(quorate: Quorate, paths: dict[str, Path]) -> None:
    """Between the record and its signatures."""
    table = quorate(paths["0"]).stdout
    heading, row = (line for line in table.splitlines() if "verdict" in line or "round " in line)

    assert "record netuid signatures" == " ".join(heading.replace("┃", " ").split()[:3])
    assert "1" == row.split("│")[2].strip()


def test_another_subnets_record_stops_it(quorate: Quorate, paths: dict[str, Path]) -> None:
    """Exit code 2: what was asked about is not what was given."""
    done = quorate(paths["0"], "--netuid", 2)

    number = json.loads(paths["0"].read_text())["round"]
    said = f"{paths['0']}: round {number} is of subnet 1, and --netuid is 2\n"
    assert (2, said) == (done.exit_code, done.stderr)


def test_a_file_given_twice_counts_once(
    quorate: Quorate, paths: dict[str, Path], tmp_path: Path
) -> None:
    """By its path or as a copy; one round is no more for it."""
    copy = tmp_path / "copy.json"
    copy.write_bytes(paths["0"].read_bytes())
    done = quorate(paths["0"], paths["0"], copy)

    assert (0, True) == (done.exit_code, "verified: 1 round, 5 signatures\n" in done.stdout)


def test_a_receiver_that_is_no_address_stops_it(quorate: Quorate, paths: dict[str, Path]) -> None:
    """Exit code 2, instead of a finding per report; an empty one counts as not given."""
    refused = quorate(paths["0"], "--receiver", "nobody")

    assert 2 == refused.exit_code
    assert refused.stderr.startswith("--receiver: 'nobody' is no ss58 address")
    assert 0 == quorate(paths["0"], "--receiver", "").exit_code


@pytest.mark.parametrize("text", ["{}", "no JSON", "[]"])
def test_what_is_no_snapshot_file_stops_it(quorate: Quorate, tmp_path: Path, text: str) -> None:
    """Exit code 2, the file and the reason on standard error."""
    path = tmp_path / "odd.json"
    path.write_text(text)

    done = quorate(path)

    assert 2 == done.exit_code
    assert done.stderr.startswith(f"{path}: ")


def test_a_missing_file_is_named(quorate: Quorate, tmp_path: Path) -> None:
    """Exit code 2."""
    done = quorate(tmp_path / "none.json")

    assert (2, f"{tmp_path / 'none.json'}: No such file or directory\n") == (
        done.exit_code,
        done.stderr,
    )


def test_an_installation_is_followed_back(
    quorate: Quorate, service: tuple[str, list[tuple[str, str | None]]], files: dict[str, str]
) -> None:
    """From the snapshot to as many rounds as are asked for, or as there are."""
    url, asked = service
    number = json.loads(files["2"])["round"]

    some = quorate(f"{url}/", "--key", "key", "--rounds", 2, "--netuid", 1)
    paths = [path for path, _ in asked]
    every = quorate(url, "--key", "key", "--rounds", 99)

    expected = [f"{PREFIX}{name}?netuid=1" for name in ("current", number, number - 1)]
    assert expected == paths
    assert "verified: 2 rounds, 15 signatures" in some.stdout
    assert "verified: 3 rounds, 20 signatures" in every.stdout


def test_one_snapshot_of_an_installation_is_checked_alone(
    quorate: Quorate, service: tuple[str, list[tuple[str, str | None]]]
) -> None:
    """Its whole URL."""
    url, asked = service

    done = quorate(f"{url}{PREFIX}current", "--key", "key")

    assert (0, 1) == (done.exit_code, len(asked))


@pytest.mark.parametrize(
    ("path", "key", "expected"),
    [
        ("", "other", "HTTP 401: send a key; --key or QUORATE_KEY gives it"),
        (f"{PREFIX}5", "key", "HTTP 404: Not Found"),
    ],
)
def test_a_refusal_is_passed_on(
    quorate: Quorate,
    service: tuple[str, list[tuple[str, str | None]]],
    path: str,
    key: str,
    expected: str,
) -> None:
    """In the service's words, exit code 2."""
    done = quorate(f"{service[0]}{path}", "--key", key)

    assert (2, f"{service[0]}{path}: {expected}\n") == (done.exit_code, done.stderr)


def test_nobody_there_is_said(quorate: Quorate) -> None:
    """Exit code 2: a closed port."""
    done = quorate("http://127.0.0.1:9", "--key", "key")

    assert 2 == done.exit_code
    assert "ConnectError" in done.stderr
