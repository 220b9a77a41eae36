"""The very zip that is deployed: `make package` writes `dist/functions.zip`.

What goes in is the allow-list `infra/terraform/source.json`, which Terraform reads too. The same
files make the same bytes, on any machine.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from devtools.paths import ROOT

ALLOW_LIST = ROOT / "infra" / "terraform" / "source.json"
ZIP = ROOT / "dist" / "functions.zip"

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


def source_files(root: Path = ROOT) -> list[str]:
    """Paths of all deployed files, relative to the repository and ascending.

    Raises `FileNotFoundError` naming a pattern of the allow-list that matches nothing.
    """
    found: set[str] = set()
    for pattern in json.loads(ALLOW_LIST.read_text()):
        matches = {path.relative_to(root).as_posix() for path in root.glob(pattern)}
        if not matches:
            raise FileNotFoundError(f"{pattern} of {ALLOW_LIST.name} matches nothing in {root}")
        found |= matches
    return sorted(found)


def write_package(target: Path) -> list[str]:
    """Write the zip to `target` and give the paths in it."""
    names = source_files()
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name in names:
            package.writestr(_entry(name), (ROOT / name).read_bytes())
    return names


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _MODE
    return entry


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the zip and say what is in it."""
    parser = argparse.ArgumentParser(prog="python -m devtools.package")
    parser.add_argument("target", nargs="?", type=Path, default=ZIP)
    target: Path = parser.parse_args(arguments).target
    names = write_package(target)
    print(f"{target}: {len(names)} files, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
