"""`quorate registry` on the emulator, found by the usual variables."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.registry import app
from shared.adapters.firestore import FirestoreRegistryStore, connect
from shared.domain.registry import Overrides

pytestmark = pytest.mark.emulator

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
NEURON = {"uid": 3, "hotkey": ALICE, "stake": 5000.0, "axon": {"ip": "8.8.8.8", "port": 8091}}


@pytest.fixture
def project(firestore_client: Any) -> str:
    """A project of the emulator that no other test has."""
    assert firestore_client.project
    return f"demo-{random.SystemRandom().randrange(2**40)}"


def quorate(project: str, *arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], env={"GOOGLE_CLOUD_PROJECT": project})


def registry_file(directory: Path, *neurons: Any) -> Path:
    path = directory / "registry.json"
    path.write_text(json.dumps({"netuid": 1, "neurons": neurons}))
    return path


def test_what_was_imported_is_what_the_functions_read(project: str, tmp_path: Path) -> None:
    """The registry is in the project's document, and the command names the place."""
    done = quorate(project, "import", registry_file(tmp_path, NEURON))
    registry = FirestoreRegistryStore(connect(project)).load(1)

    assert done.exit_code == 0
    assert f"to the emulator at {os.environ['FIRESTORE_EMULATOR_HOST']}, project {project}" in (
        done.stdout
    )
    assert registry is not None
    assert [(3, ALICE, 5000.0, True, ("8.8.8.8", 8091))] == [
        (n.uid, n.hotkey, n.stake, n.validator_permit, n.axon) for n in registry.neurons
    ]


def test_an_import_leaves_what_operators_decided(project: str, tmp_path: Path) -> None:
    """A disabled validator stays disabled, and the list says so."""
    store = FirestoreRegistryStore(connect(project))
    store.save_overrides(1, Overrides(disabled=frozenset({ALICE})))
    quorate(project, "import", registry_file(tmp_path, NEURON))
    listed = json.loads(quorate(project, "list", "--json").stdout)

    assert ["disabled"] == [neuron["refused"] for neuron in listed["neurons"]]


def test_a_bad_file_leaves_the_registry_as_it_was(project: str, tmp_path: Path) -> None:
    """Nothing is half written."""
    quorate(project, "import", registry_file(tmp_path, NEURON))
    refused = quorate(project, "import", registry_file(tmp_path, {**NEURON, "uid": 4}, {"uid": 5}))
    listed = json.loads(quorate(project, "list", "--json").stdout)

    assert (2, [3]) == (refused.exit_code, [neuron["uid"] for neuron in listed["neurons"]])
