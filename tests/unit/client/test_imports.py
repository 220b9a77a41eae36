"""What importing the client costs, and what it must not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import quorate_client

SOURCE = Path(quorate_client.__file__).parent


def loaded_by(statement: str) -> set[str]:
    program = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_client_loads_nothing_heavy() -> None:
    """Neither HTTP nor tables, Pub/Sub or the command line, not even with every public name."""
    heavy = {"httpx", "rich", "typer", "numpy", "pydantic", "grpc", "google.cloud.pubsub_v1"}

    assert set() == heavy & loaded_by("from quorate_client import *")


def test_the_client_needs_nothing_of_the_service() -> None:
    """Whoever installs the client has neither `shared` nor `functions`."""
    foreign = ("shared", "functions", "cli", "devtools")
    lines = [line for file in SOURCE.glob("*.py") for line in file.read_text("utf-8").splitlines()]
    imports = [
        line.split()[1].split(".")[0]
        for line in lines
        if line.strip().startswith(("import ", "from "))
    ]

    assert [] == [name for name in imports if name in foreign]


def test_every_public_name_is_there() -> None:
    """What `__all__` promises can be had, and a misspelt name says what there is."""
    assert all(getattr(quorate_client, name) for name in quorate_client.__all__)
    assert not hasattr(quorate_client, "Repoter")
