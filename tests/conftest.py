"""Shared by all tests: unique subnets, and emulators that must be there when a test needs them."""

from __future__ import annotations

import itertools
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("quorate", deadline=None, derandomize=True, database=None)
settings.load_profile("quorate")  # the same cases in every run, not timed: a red test stays red

_netuids = itertools.count(random.SystemRandom().randrange(1, 2**40) * 1000)


DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests on real data out where there is none and nobody asked for them; CI does."""
    if DATA.is_dir() or os.environ.get("CI") or os.environ.get("QUORATE_DATA"):
        return
    left_out = [item for item in items if item.get_closest_marker("data")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def netuid() -> int:
    """A subnet that no other test has, so that tests can share one store."""
    return next(_netuids)


@pytest.fixture(scope="session")
def firestore_client() -> Any:
    """A client of the Firestore emulator; fails where none was started."""
    if not os.environ.get("FIRESTORE_EMULATOR_HOST"):
        pytest.fail("FIRESTORE_EMULATOR_HOST is not set: run `make test`", pytrace=False)
    from shared.adapters.firestore import connect  # noqa: PLC0415 - heavy, and only here

    return connect(os.environ.get("GOOGLE_CLOUD_PROJECT", "demo-quorate"))
