"""What the dashboard serves of others' work."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools.paths import NODE_MODULES
from devtools.vendor import VENDOR, VENDORED, copy

pytestmark = pytest.mark.browser


def test_vendored_files_are_those_of_the_lock() -> None:
    """`make vendor` would change nothing, and nothing else lies there."""
    assert {name: (NODE_MODULES / at).read_bytes() for name, at in VENDORED.items()} == {
        path.name: path.read_bytes() for path in VENDOR.iterdir()
    }


def test_vendoring_copies_the_licence_too(tmp_path: Path) -> None:
    """Into a folder that is made if need be."""
    copy(target=tmp_path / "vendor")

    assert "MIT" in (tmp_path / "vendor" / "uPlot.LICENSE").read_text("utf-8")
