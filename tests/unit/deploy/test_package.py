"""What is deployed is a zip by allow-list that needs nothing but requirements.txt."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from devtools.package import source_files, write_package

from .sources import ROOT

STARTED_WITHIN = 60.0
"""Seconds after which a server that does not answer is taken for broken."""


def test_the_package_holds_the_entry_points_and_nothing_of_the_checkout() -> None:
    """`main.py`, the lock and the two packages, under the paths of the repository."""
    tops = {name.partition("/")[0] for name in source_files()}

    assert {"main.py", "requirements.txt", "functions", "shared"} == tops


def test_only_python_is_deployed_of_the_packages() -> None:
    """Caches, notes and data beside the code stay at home."""
    others = [name for name in source_files() if "/" in name and not name.endswith(".py")]

    assert [] == others


def test_the_same_files_make_the_same_package(tmp_path: Path) -> None:
    """A package can be compared with what is deployed, byte by byte."""
    for name in ("first.zip", "second.zip"):
        write_package(tmp_path / name)

    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_a_file_that_is_not_there_is_not_forgotten_silently(tmp_path: Path) -> None:
    """A pattern of the allow-list that matches nothing is an error that names it."""
    with pytest.raises(FileNotFoundError, match=r"main\.py"):
        source_files(tmp_path)


@pytest.mark.timeout(600)  # it installs everything that is deployed
def test_the_package_serves_in_an_empty_environment(tmp_path: Path) -> None:
    """The zip and its requirements are enough to answer a request."""
    python = install(tmp_path / "venv", ROOT / "requirements.txt")
    package = tmp_path / "functions.zip"
    write_package(package)
    with zipfile.ZipFile(package) as zipped:
        zipped.extractall(tmp_path / "source")

    with serving(python, tmp_path / "source", "get_health", tmp_path / "log") as url:
        answer = httpx.get(url)

    assert (200, "idle") == (answer.status_code, json.loads(answer.text)["status"])


def install(folder: Path, requirements: Path) -> Path:
    """An environment with these requirements alone; gives its Python."""
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(requirements)], check=True)
    return python


@contextmanager
def serving(python: Path, source: Path, target: str, log: Path) -> Iterator[str]:
    """functions-framework with one function; gives its URL, and ends it."""
    port = free_port()
    command = [str(python), "-m", "functions_framework", f"--target={target}", f"--port={port}"]
    environment = {"PATH": os.environ["PATH"], "STORE": "memory", "HOST": "127.0.0.1"}
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=source, env=environment, stdout=out, stderr=out) as server,
    ):
        try:
            wait_until_open(port, server, log)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_open(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the port takes connections; fail with the log when the server ended."""
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"{sys.executable}: the server did not start: {log.read_text()}")
