"""The whole system behind the hosting URL; `make test` starts it and says where it is."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from devtools.simulation import Subnet

_netuids = itertools.count(1)


@pytest.fixture(scope="session")
def url() -> str:
    """The hosting URL; fails where no system was started."""
    found = os.environ.get("QUORATE_URL")
    if not found:
        pytest.fail("QUORATE_URL is not set: run `make test`", pytrace=False)
    return found


@pytest.fixture(scope="session")
def functions_url() -> str:
    """Under which each function answers on its own URL."""
    return os.environ["QUORATE_FUNCTIONS_URL"]


@pytest.fixture
def http(url: str) -> Iterator[httpx.Client]:
    """A client of the hosting URL."""
    with httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.fixture
def free_netuid() -> int:
    """A subnet that is configured and that no other test has."""
    return next(_netuids)


def register(subnet: Subnet, folder: Path) -> None:
    """Import the subnet's registry with the operator's own command."""
    file = folder / "registry.json"
    file.write_text(json.dumps(subnet.registry()))
    command = (Path(sys.executable).with_name("quorate"), "registry", "import", str(file))
    subprocess.run(command, check=True, capture_output=True)
