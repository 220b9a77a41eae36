"""Sets a checkout up; standard library only, because it runs before anything is installed.

`python3 -m devtools.setup` makes `venv/` and `devtools/node_modules/` from the locks and settles
which Java and which emulators are used; with `--python-only` it stops after the venv. What is
already as the locks say is left alone: a stamp inside each folder remembers what made it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from devtools.paths import NODE, NODE_MODULES, ROOT

VENV = ROOT / "venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = ".quorate-setup"
NODE_AT_LEAST = 20


def digest(files: Iterable[Path], *extra: str) -> str:
    """SHA-256 hex of the files' bytes, in order, and of what else decides."""
    whole = hashlib.sha256()
    for part in (*(file.read_bytes() for file in files), *(text.encode() for text in extra)):
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()


def ensure(folder: Path, wanted: str, make: Callable[[], None]) -> bool:
    """Run `make` unless the stamp in `folder` says that it is as wanted; tells whether it ran."""
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    stamp.unlink(missing_ok=True)
    make()
    stamp.write_text(wanted)
    return True


def set_up_python() -> None:
    """`venv/` with the developers' lock, the checkout and the client (both editable)."""
    files = [ROOT / "requirements-dev.txt", ROOT / "pyproject.toml", ROOT / "client/pyproject.toml"]
    if not VENV_PYTHON.is_file():
        _say(f"venv/: Python {sys.version.split()[0]}")
        _run("making venv/", [sys.executable, "-m", "venv", "--clear", str(VENV)])
    ran = ensure(VENV, digest(files, str(ROOT)), _install_python_packages)
    _say(f"Python packages: {'installed' if ran else 'as locked'} in venv/")


def set_up_node() -> None:
    """`devtools/node_modules/` with the Firebase emulators' launcher, from the lock."""
    files = [NODE / "package.json", NODE / "package-lock.json"]
    ran = ensure(NODE_MODULES, digest(files), _install_node_packages)
    _say(f"Node packages: {'installed' if ran else 'as locked'} in devtools/node_modules/")


def main(arguments: Sequence[str]) -> None:
    """Set up what `arguments` ask for; ends with a plain sentence where something is missing."""
    set_up_python()
    if "--python-only" in arguments:
        return
    set_up_node()
    _run("settling Java and emulators", [str(VENV_PYTHON), "-m", "devtools", "toolchain"])


def _install_python_packages() -> None:
    pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    _say("Python packages: installing requirements-dev.txt, a minute or two …")
    _run("installing Python packages", [*pip, "--require-hashes", "-r", "requirements-dev.txt"])
    editable = ["--no-deps", "--no-build-isolation", "--editable", ".", "--editable", "client"]
    _run("installing the checkout itself", [*pip, *editable])


def _install_node_packages() -> None:
    if node_version() < NODE_AT_LEAST or not shutil.which("npm"):
        sys.exit(
            f"Node {NODE_AT_LEAST} or newer with npm is needed for the emulators and not installed;"
            " `make demo STORE=memory` and `make test-quick` do without"
        )
    _say("Node packages: installing package-lock.json, half a minute …")
    # No install script is needed: what they build or fetch belongs to other Firebase products.
    quietly = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    _run("installing Node packages", ["npm", "ci", "--prefix", str(NODE), *quietly])


def node_version() -> int:
    """Major version of the `node` on the PATH, 0 if there is none."""
    node = shutil.which("node")
    if node is None:
        return 0
    told = subprocess.run((node, "--version"), capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", told)
    return int(found.group(1)) if found else 0


def _run(what: str, command: Sequence[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"{what} failed with exit code {done.returncode}: {' '.join(command)}")


def _say(what: str) -> None:
    print(f"· {what}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
