"""sync-metagraph over Firestore: what it costs, and that it disturbs nobody."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from functions import _wiring
from shared.adapters.firestore import FirestoreRegistryStore, connect
from shared.domain.registry import Overrides
from tests.unit.deploy.served import client_of, push
from tests.unit.sync.metagraphs import BLOCK, subnet
from tests.unit.sync.node import Node

pytestmark = pytest.mark.emulator


@pytest.fixture
def node() -> Iterator[Node]:
    """A node with subnet 1."""
    with Node({1: subnet()}) as serving:
        yield serving


@pytest.fixture
def store(
    node: Node, firestore_client: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FirestoreRegistryStore]:
    """The registry of a project that no other test has, which the function syncs from the node."""
    assert firestore_client.project
    project = f"demo-{random.SystemRandom().randrange(2**40)}"
    monkeypatch.setenv("STORE", "firestore")
    monkeypatch.setenv("GCLOUD_PROJECT", project)
    monkeypatch.setenv("NETUIDS", "1")
    monkeypatch.setenv("CHAIN_ENDPOINTS", node.url)
    _wiring.forget()
    yield FirestoreRegistryStore(connect(project))
    _wiring.forget()


def sync(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """One tick; gives the line that it logged."""
    capsys.readouterr()
    path = "/projects/p/topics/metagraph-syncs"
    answer = client_of("sync_metagraph").post(path, json=push(b"{}"))
    assert answer.status_code == 200
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in capsys.readouterr().out.splitlines()
    ]
    (line,) = [line for line in lines if line["message"] == "sync"]
    return line


def test_a_sync_costs_two_reads_and_one_write(
    store: FirestoreRegistryStore, node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    """However many neurons there are; at the same block again nothing is written."""
    node.subnets[1] = subnet(256)
    first, second = sync(capsys), sync(capsys)

    assert ("synced", 2, 1) == (first["outcome"], first["reads"], first["writes"])
    assert ("unchanged", 2, 0) == (second["outcome"], second["reads"], second["writes"])
    registry = store.load(1)
    assert registry is not None
    assert (subnet(256), BLOCK) == (registry.neurons, registry.block)


def test_a_decision_between_two_syncs_stands(
    store: FirestoreRegistryStore, node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sync writes the chain's document and never the operators'."""
    sync(capsys)
    decided = Overrides(frozenset({subnet()[0].hotkey}))
    store.save_overrides(1, decided)
    node.block += 1

    sync(capsys)

    registry = store.load(1)
    assert registry is not None
    assert (BLOCK + 1, decided) == (registry.block, registry.overrides)
