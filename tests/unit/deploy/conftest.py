"""Functions over the in-memory stores."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions import _wiring


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A fresh process, as far as the functions can tell: settings are read, stores are empty."""
    monkeypatch.setenv("STORE", "memory")
    _wiring.forget()
    yield
    _wiring.forget()
