from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions import _wiring


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A new instance of the functions with in-memory stores; settings may be set before use."""
    monkeypatch.setenv("STORE", "memory")
    _wiring.forget()
    yield monkeypatch
    _wiring.forget()
