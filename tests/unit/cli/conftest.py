from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.registry import app
from cli.store import Place
from shared.adapters.memory import MemoryRegistryStore
from tests.unit.cli.registries import NEURONS, Quorate


@pytest.fixture
def store() -> MemoryRegistryStore:
    """An empty registry store."""
    return MemoryRegistryStore()


@pytest.fixture
def quorate(store: MemoryRegistryStore) -> Quorate:
    """Runs `quorate registry …` over the store."""

    def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
        place = Place(store, "memory")
        return CliRunner().invoke(app, [str(a) for a in arguments], obj=place, env=env)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A registry file of subnet 1."""
    path = tmp_path / "registry.json"
    path.write_text(json.dumps({"netuid": 1, "neurons": NEURONS}))
    return path
