"""Many senders at once, against functions-framework processes that share nothing but Firestore."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.dispatch_senders import Functions, drive, peak, serving, short
from benchmarks.dispatch_subnet import CAPACITY, MINERS, miners, publish
from shared.adapters.firestore import FirestoreSnapshotStore, connect

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def project() -> str:
    """A database of our own: the functions serve one subnet, number 1."""
    return f"demo-senders-{random.SystemRandom().randrange(10**9)}"


@pytest.fixture(scope="module")
def functions(project: str, firestore_client: Any) -> Iterator[Functions]:  # noqa: ARG001 - it must be there
    """Two instances of `assign-tasks`, one of `complete-task`, 64 miners of capacity 5."""
    host = os.environ["FIRESTORE_EMULATOR_HOST"]
    environment = {"FIRESTORE_EMULATOR_HOST": host}
    names = {"GOOGLE_CLOUD_PROJECT": project, "GCLOUD_PROJECT": project}
    now = time.time()
    publish(FirestoreSnapshotStore(connect(project)), miners(now), now)
    with serving({**environment, **names}) as running:
        yield running


def test_thirty_two_senders_never_exceed_a_capacity_and_miss_no_free_place(
    functions: Functions,
) -> None:
    """96 leases at most of 320 places: all that is asked for is given, nobody has over five."""
    asked = drive(functions, senders=32, rounds=3, count=3, work=lambda: 0.05)

    assert peak(asked) <= CAPACITY
    assert short(asked) < 0.02


def test_senders_who_want_more_than_there_is_get_what_there_is(functions: Functions) -> None:
    """32 × 16 wanted of 320: miners are found to the last places, and never beyond."""
    asked = drive(functions, senders=32, rounds=1, count=16, work=lambda: 2.0)

    given = Counter(held.uid for each in asked for held in each.held)
    assert peak(asked) <= CAPACITY
    assert sum(given.values()) > 0.9 * MINERS * CAPACITY
