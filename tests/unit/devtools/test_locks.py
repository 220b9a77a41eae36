"""Locks hold versions and hashes, not places."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from devtools.locks import without_hosts
from devtools.paths import NODE, ROOT

PYTHON_LOCKS = sorted(ROOT.glob("requirements*.txt"))
LOCKS = [*PYTHON_LOCKS, NODE / "package-lock.json"]


def test_hosts_leave_an_npm_lock_and_hashes_stay(tmp_path: Path) -> None:
    """`resolved` goes, everything else is as before."""
    lock = tmp_path / "package-lock.json"
    package = {"version": "1.0.0", "resolved": "https://registry.example/a.tgz", "integrity": "x"}
    lock.write_text(json.dumps({"packages": {"": {}, "node_modules/a": package}}))

    without_hosts(lock)

    left = json.loads(lock.read_text())["packages"]["node_modules/a"]
    assert left == {"version": "1.0.0", "integrity": "x"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_of_the_repository_names_a_host(lock: Path) -> None:
    """Whoever installs decides from where."""
    named = [
        line
        for line in lock.read_text().splitlines()
        if '"resolved"' in line or line.startswith(("--index", "--extra-index", "--find-links"))
    ]

    assert named == []


def test_every_npm_package_is_locked_by_hash() -> None:
    """Without a place, the hash alone decides what may be installed."""
    packages = json.loads((NODE / "package-lock.json").read_text())["packages"]

    assert [name for name, row in packages.items() if name and "integrity" not in row] == []


def test_every_list_of_python_packages_is_locked() -> None:
    """What is asked for in `.in` is pinned in `.txt`."""
    asked = {path.stem for path in ROOT.glob("requirements*.in")}

    assert {path.stem for path in PYTHON_LOCKS} == asked


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_every_python_package_is_locked_by_version_and_hash(lock: Path) -> None:
    """A package that was changed under its version is not installed; one without hash is none."""
    text = re.sub(r"\\\n", " ", lock.read_text())
    rows = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    exact = re.compile(r"[a-z0-9][a-z0-9._-]*==\S+( ; .+?)?( +--hash=sha256:[0-9a-f]{64})+\s*")

    assert rows
    assert [row for row in rows if not exact.fullmatch(row)] == []
