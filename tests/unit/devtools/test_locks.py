"""Locks hold versions and hashes, not places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from devtools.locks import without_hosts
from devtools.paths import NODE, ROOT

LOCKS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt", NODE / "package-lock.json"]


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
