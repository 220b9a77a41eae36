"""One contract, every adapter: in memory and on the emulator."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest

from shared.adapters.memory import MemoryRegistryStore, MemoryReportLog, MemorySnapshotStore
from shared.service.ports import RegistryStore, ReportLog, SnapshotStore
from tests.subnets import Subnet


@dataclass(frozen=True, slots=True)
class Stores:
    """The three stores of one kind."""

    log: ReportLog
    snapshots: SnapshotStore
    registries: RegistryStore


@pytest.fixture(params=["memory", pytest.param("firestore", marks=pytest.mark.emulator)])
def stores(request: pytest.FixtureRequest) -> Stores:
    """The adapters under test."""
    if request.param == "memory":
        return Stores(MemoryReportLog(time.time), MemorySnapshotStore(), MemoryRegistryStore())
    return firestore_stores(request.getfixturevalue("firestore_client"))


@pytest.fixture
def subnet(stores: Stores, netuid: int) -> Subnet:
    """A subnet with three validators and no report."""
    return Subnet(stores.log, stores.snapshots, stores.registries, netuid)


def firestore_stores(client: Any) -> Stores:
    """The adapters over Firestore."""
    from shared.adapters.firestore import (  # noqa: PLC0415 - heavy, and only here
        FirestoreRegistryStore,
        FirestoreReportLog,
        FirestoreSnapshotStore,
    )

    return Stores(
        FirestoreReportLog(client), FirestoreSnapshotStore(client), FirestoreRegistryStore(client)
    )
