"""`quorate registry` on the emulator, found by the usual variables."""

from __future__ import annotations

import json
import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.registry import app
from cli.registry_overrides import _change, _disabled
from cli.store import Place
from shared import ss58
from shared.adapters.firestore import FirestoreRegistryStore, connect
from shared.domain.registry import Overrides
from tests.unit.sync.metagraphs import BLOCK, subnet
from tests.unit.sync.node import Node

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


def test_decisions_of_many_operators_at_once_all_stand(project: str, tmp_path: Path) -> None:
    """Six disable a validator each at the same moment, and six are disabled."""
    hotkeys = [ss58.encode(bytes([uid]) * 32) for uid in range(6)]
    neurons = [{"uid": uid, "hotkey": it, "stake": 5000.0} for uid, it in enumerate(hotkeys)]
    quorate(project, "import", registry_file(tmp_path, *neurons))
    place = Place(FirestoreRegistryStore(connect(project)), "the emulator")

    with ThreadPoolExecutor(6) as operators:
        decided = list(operators.map(lambda uid: _change(place, 1, str(uid), _disabled), range(6)))

    assert hotkeys == [neuron and neuron.hotkey for neuron in decided]
    assert frozenset(hotkeys) == place.read(1).overrides.disabled


def test_a_sync_writes_what_the_functions_read(project: str) -> None:
    """The chain's neurons and its block are in the project's document."""
    with Node({1: subnet()}) as node:
        done = quorate(project, "sync", "--endpoint", node.url, "--netuid", 1)
    registry = FirestoreRegistryStore(connect(project)).load(1)

    assert done.exit_code == 0
    assert registry is not None
    assert (subnet(), BLOCK) == (registry.neurons, registry.block)
