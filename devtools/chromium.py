"""Which Chromium drives the dashboard's tests and makes its pictures.

A Chromium or Chrome of the system comes first, then one that Playwright has downloaded; where there
is none, one is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from devtools.toolchain import MissingError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",  # the pages are ours, and containers have no other sandbox to offer
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> Path | None:
    """The browser to use; None where there is none yet."""
    of_system = next(filter(None, map(shutil.which, NAMES)), None)
    if of_system is not None:
        return Path(of_system)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a third of a second

    with sync_playwright() as playwright:
        downloaded = Path(playwright.chromium.executable_path)
    return downloaded if downloaded.is_file() else None


def settle() -> Path:
    """The browser to use, installed first if need be; raises `MissingError`."""
    found = find()
    if found is None:
        print("· Chromium: none found, installing one …", flush=True)
        _install()
        found = find()
    if found is None:
        raise MissingError(
            "no Chromium, which the dashboard's tests need: install `chromium` or `google-chrome`,"
            " or run `venv/bin/playwright install chromium`"
        )
    return found


def launch(playwright: Playwright) -> Browser:
    """The browser to use, started; raises `MissingError`."""
    return playwright.chromium.launch(executable_path=settle(), args=list(FLAGS))


def _install() -> None:
    """By the system's packages where we may and they hold one, else by Playwright."""
    if os.geteuid() == 0 and _is_debian():
        apt = ("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run((*apt, "update"), check=False, env=quiet)
        wanted = ("--no-install-recommends", "chromium", "fonts-dejavu-core")
        subprocess.run((*apt, "install", "-y", *wanted), check=False, env=quiet)
    else:
        subprocess.run((sys.executable, "-m", "playwright", "install", "chromium"), check=False)


def _is_debian() -> bool:
    """Whether `apt-get install chromium` gives one: Ubuntu's needs snap."""
    release = Path("/etc/os-release")
    return release.is_file() and "ID=debian" in release.read_text().splitlines()
