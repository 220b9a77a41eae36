"""`make vendor`: copies the dashboard's chart library out of npm, licence included.

The copies are committed, because the dashboard is served as it lies: without a build, and without
a request to anybody else. A test keeps them equal to what the lock file names.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from devtools.paths import NODE_MODULES, ROOT

VENDOR = ROOT / "dashboard" / "vendor"
VENDORED: Mapping[str, str] = {
    "uPlot.iife.min.js": "uplot/dist/uPlot.iife.min.js",
    "uPlot.min.css": "uplot/dist/uPlot.min.css",
    "uPlot.LICENSE": "uplot/LICENSE",
}
"""File in `dashboard/vendor/` → where npm has it."""


def copy(modules: Path = NODE_MODULES, target: Path = VENDOR) -> None:
    """Copy everything in `VENDORED`."""
    target.mkdir(parents=True, exist_ok=True)
    for name, source in VENDORED.items():
        shutil.copyfile(modules / source, target / name)
        print(f"· {name}: {(target / name).stat().st_size} bytes")


if __name__ == "__main__":
    copy()
