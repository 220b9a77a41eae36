"""`quorate registry` over the in-memory store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.registry import app
from cli.store import Place
from shared.adapters.memory import MemoryRegistryStore
from shared.domain.registry import Overrides, Registry
from shared.service.ports import StoredRegistry, Unavailable
from tests.unit.cli.registries import ALICE, BOB, NEURONS, Quorate


class SilentStore:
    """A registry store that does not answer."""

    def load(self, netuid: int) -> Registry | None:
        """Nothing comes back."""
        raise Unavailable(f"no answer about {netuid}")

    def read(self, netuid: int) -> StoredRegistry:
        """Nothing comes back."""
        raise Unavailable(f"no answer about {netuid}")

    def save(self, registry: Registry) -> None:
        """Nothing is taken."""
        raise Unavailable(f"no answer about {registry.netuid}")

    def replace(self, registry: Registry, revision: Any) -> None:
        """Nothing is taken."""
        raise Unavailable(f"no answer about {registry.netuid}, {revision}")

    def save_overrides(self, netuid: int, overrides: Overrides, revision: Any = None) -> None:
        """Nothing is taken."""
        raise Unavailable(f"no answer about {netuid}, {overrides}, {revision}")


def test_import_keeps_what_the_file_says(
    quorate: Quorate, store: MemoryRegistryStore, file: Path
) -> None:
    """Every neuron is in the store, with its permit and axon."""
    assert 0 == quorate("import", file).exit_code
    registry = store.load(1)

    assert registry is not None
    assert [
        (0, ALICE, 5000.0, True, None),
        (1, BOB, 10.0, False, ("8.8.8.8", 8091)),
    ] == [(n.uid, n.hotkey, n.stake, n.validator_permit, n.axon) for n in registry.neurons]


def test_import_says_what_it_did(quorate: Quorate, file: Path) -> None:
    """Neurons, permits, who may report, and what deserves attention."""
    done = quorate("import", file)

    assert (
        "subnet 1: wrote 2 neurons, 1 with a permit; 1 have at least 1,000 TAO too and may report\n"
        "to memory; functions notice within a minute\n"
    ) == done.stdout
    assert done.stderr == "warning: only 1 may report, a quorum takes 2\n"


def test_an_option_outweighs_the_files_subnet_aloud(
    quorate: Quorate, store: MemoryRegistryStore, file: Path
) -> None:
    """--netuid decides, and the difference is warned of; so is a subnet that nobody serves."""
    done = quorate("import", file, "--netuid", 7, env={"NETUIDS": "1"})

    assert store.load(1) is None
    assert store.load(7) is not None
    assert "the file is of subnet 1, kept as 7" in done.stderr
    assert "subnet 7 is not served here: NETUIDS is 1" in done.stderr


def test_without_netuids_nothing_is_known_of_what_is_served(quorate: Quorate, file: Path) -> None:
    """The service's environment is another; its default is no word of it."""
    done = quorate("import", file, "--netuid", 7, env={"NETUIDS": None})

    assert (0, False) == (done.exit_code, "served" in done.stderr)


def test_a_file_without_a_subnet_is_the_default_ones(
    quorate: Quorate, store: MemoryRegistryStore, tmp_path: Path
) -> None:
    """The first of NETUIDS is meant."""
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps(NEURONS))
    quorate("import", bare, env={"NETUIDS": "4,1"})

    assert store.load(4) is not None


def test_import_answers_json(quorate: Quorate, file: Path) -> None:
    """One object with the counts and the warnings."""
    assert {
        "netuid": 1,
        "neurons": 2,
        "permits": 1,
        "may_report": 1,
        "warnings": ["only 1 may report, a quorum takes 2"],
    } == json.loads(quorate("import", file, "--json").stdout)


def test_a_bad_file_changes_nothing_and_ends_with_2(
    quorate: Quorate, store: MemoryRegistryStore, tmp_path: Path
) -> None:
    """File, entry and field are named; the store stays as it was."""
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps([*NEURONS, {"uid": 2, "hotkey": "x", "stake": 1}]))
    refused = quorate("import", bad)

    assert refused.exit_code == 2
    assert (
        f'{bad}: neurons[2].hotkey: must be an ss58 address with prefix 42, is "x"\n'
        == refused.stderr
    )
    assert store.load(1) is None


def test_a_hundred_problems_are_not_all_shown(quorate: Quorate, tmp_path: Path) -> None:
    """Twenty are listed, the rest is counted."""
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps([0] * 100))
    lines = quorate("import", bad).stderr.splitlines()

    assert (21, "… and 80 more") == (len(lines), lines[-1])


@pytest.mark.parametrize(
    ("content", "message"), [(None, "No such file"), (b"\xff[]", "not UTF-8 at byte 0")]
)
def test_a_file_that_cannot_be_read_ends_with_2(
    quorate: Quorate, tmp_path: Path, content: bytes | None, message: str
) -> None:
    """Missing files and foreign encodings are said plainly."""
    path = tmp_path / "registry.json"
    if content is not None:
        path.write_bytes(content)
    refused = quorate("import", path)

    assert refused.exit_code == 2
    assert message in refused.stderr


def test_bad_settings_end_with_2(quorate: Quorate, file: Path) -> None:
    """The variable is named."""
    refused = quorate("import", file, env={"NETUIDS": "one"})

    assert refused.exit_code == 2
    assert "NETUIDS" in refused.stderr


@pytest.mark.parametrize("command", ["import FILE", "list", "disable 0"])
def test_a_store_that_does_not_answer_ends_with_1(command: str, file: Path) -> None:
    """The place is named, and that it failed."""
    arguments = command.replace("FILE", str(file)).split()
    failed = CliRunner().invoke(app, arguments, obj=Place(SilentStore(), "the test's store"))

    assert failed.exit_code == 1
    assert failed.stderr.startswith("the test's store did not")


def test_list_shows_who_may_report(quorate: Quorate, file: Path) -> None:
    """The largest stake first; each refused neuron with its reason."""
    quorate("import", file)
    neurons = json.loads(quorate("list", "--json").stdout)["neurons"]

    assert [(0, None), (1, "no_permit")] == [(n["uid"], n["refused"]) for n in neurons]


def test_list_is_a_table_for_people(quorate: Quorate, file: Path) -> None:
    """Uid, stake, verdict, hotkey and axon stand in it."""
    quorate("import", file)
    table = quorate("list", env={"COLUMNS": "140"}).stdout

    for cell in ("5,000.00", "yes", ALICE, "no_permit", "8.8.8.8:8091"):
        assert cell in table


def test_list_without_a_registry_ends_with_1(quorate: Quorate) -> None:
    """It says which subnet, where, and what to do."""
    missing = quorate("list")

    assert missing.exit_code == 1
    assert missing.stderr == ("subnet 1 has no registry in memory; see: quorate registry import\n")
