from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions import _wiring
from tests.unit.edge.intake import Subnet
from tests.unit.edge.submitting import Service


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A new instance of the functions with in-memory stores; settings may be set before use."""
    monkeypatch.setenv("STORE", "memory")
    _wiring.forget()
    yield monkeypatch
    _wiring.forget()


@pytest.fixture
def service(instance: pytest.MonkeyPatch) -> Service:
    """Submit in a fresh instance with default settings."""
    instance.delenv("NETUIDS", raising=False)
    return Service()


@pytest.fixture
def subnet() -> Subnet:
    """A fresh subnet."""
    return Subnet()
