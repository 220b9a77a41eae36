"""The whole system behind the hosting URL; `make test` starts it and says where it is."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
    """Import the subnet's registry."""
    import_registry(subnet.registry(), folder)


def import_registry(content: dict[str, Any], folder: Path) -> Path:
    """Import a registry with the operator's own command; the file that it was in."""
    file = folder / "registry.json"
    file.write_text(json.dumps(content))
    command = (Path(sys.executable).with_name("quorate"), "registry", "import", str(file))
    subprocess.run(command, check=True, capture_output=True)
    return file


def eventually(ask: Callable[[], Any], within: float = 30.0) -> Any:
    """What `ask` gives once it gives anything true; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not (found := ask()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.2)
    return found
