"""Renews the lock files: `requirements*.txt` with uv, `devtools/package-lock.json` with npm.

A lock holds versions and hashes, never the host that they were fetched from: that is the business
of whoever installs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from devtools.paths import NODE, ROOT

UV_OPTIONS = (
    "--generate-hashes",
    "--universal",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--python-version=3.11",
    "--quiet",
)


def renew(*, upgrade: bool) -> None:
    """Make all locks fit what is asked for; with `upgrade` at the newest versions allowed.

    The runtime's comes first, because the developers' is held to it.
    """
    options = (*UV_OPTIONS, "--upgrade") if upgrade else UV_OPTIONS
    for name in ("requirements", "requirements-dev", "requirements-checkov"):
        print(f"· {name}.txt")
        uv = (sys.executable, "-m", "uv", "pip", "compile", *options)
        subprocess.run([*uv, f"{name}.in", "--output-file", f"{name}.txt"], cwd=ROOT, check=True)
    print("· devtools/package-lock.json")
    if upgrade:
        (NODE / "package-lock.json").unlink()
    npm = ("npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
    subprocess.run(npm, cwd=NODE, check=True)
    without_hosts(NODE / "package-lock.json")


def without_hosts(lock: Path) -> None:
    """Drop every `resolved` URL of an npm lock; `integrity` still decides what is installed."""
    content = json.loads(lock.read_text())
    for package in content["packages"].values():
        package.pop("resolved", None)
    lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
