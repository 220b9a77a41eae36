"""An environment for each generation of the SDK, made from its lock and kept in `.quorate/sdks/`.

To renew a lock: the command in its first lines, with `--upgrade`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from devtools.paths import ROOT, STATE
from devtools.setup import digest, ensure

HERE = Path(__file__).parent
UV = (sys.executable, "-m", "uv")


def facts_of(sdk: str) -> dict[str, Any]:
    """What the program `{sdk}.py` says of the client among that SDK's own objects."""
    python = _environment(sdk) / "bin" / "python"
    done = subprocess.run(
        (python, HERE / f"{sdk}.py"),
        env={**os.environ, "PYTHONPATH": str(ROOT / "client")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])  # SDKs may greet before
    return facts


def _environment(sdk: str) -> Path:
    folder, lock = STATE / "sdks" / sdk, HERE / f"{sdk}.txt"

    def make() -> None:
        _run(*UV, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
        install = ("pip", "install", "--quiet", "--python", str(folder), "--requirement")
        _run(*UV, *install, str(lock))

    ensure(folder, digest([lock], sys.version), make)
    return folder


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
