"""Whatever ends a command, nothing that it started outlives it."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

STUBBORN = """
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.argv[1:] == ["parent"]:
        subprocess.Popen([sys.executable, __file__], start_new_session=True)
    with open(sys.path[0] + "/pids", "a") as pids:
        print(os.getpid(), file=pids)
    time.sleep(600)
"""
"""Ignores SIGTERM and has a child in a session of its own."""

LAUNCHER = """
    import sys, time
    from devtools.processes import Run
    with Run(grace=0.3) as run:
        run.start((sys.executable, sys.path[0] + "/stubborn.py", "parent"))
        while sys.argv[1:] != ["briefly"]:
            time.sleep(0.1)
        while len(open(sys.path[0] + "/pids").readlines()) < 2:
            time.sleep(0.1)
"""

MAKE = """
    import subprocess, sys
    subprocess.run((sys.executable, sys.path[0] + "/launcher.py"))
"""


class Tree:
    """A command that starts processes, as `make` → launcher → emulators → functions."""

    def __init__(self, folder: Path) -> None:
        """Write the scripts; nothing runs yet."""
        self._folder = folder
        self._pids = folder / "pids"
        self._pids.touch()
        for name, text in {"stubborn": STUBBORN, "launcher": LAUNCHER, "make": MAKE}.items():
            (folder / f"{name}.py").write_text(textwrap.dedent(text))

    def start(self, script: str, *arguments: str) -> psutil.Popen:
        """Run one of the scripts."""
        command = (sys.executable, str(self._folder / f"{script}.py"), *arguments)
        return psutil.Popen(command, stderr=subprocess.DEVNULL)

    def grown(self) -> list[psutil.Process]:
        """The two stubborn processes, once both run."""
        while len(pids := self._pids.read_text().split()) < 2:
            time.sleep(0.05)
        return [psutil.Process(int(pid)) for pid in pids]


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    """A tree that is cleared away if a test fails."""
    grown = Tree(tmp_path)
    yield grown
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        if psutil.pid_exists(pid) and str(tmp_path) in " ".join(psutil.Process(pid).cmdline()):
            psutil.Process(pid).kill()


def survivors(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Who is left after ample time."""
    _, alive = psutil.wait_procs(processes, timeout=30)
    return alive


def test_a_killed_launcher_leaves_nothing_behind(tree: Tree) -> None:
    """SIGKILL gives no time for last words; the guard notices the end of the pipe."""
    launcher = tree.start("launcher")
    stubborn = tree.grown()
    launcher.kill()

    assert survivors([*stubborn, launcher]) == []


def test_a_launcher_whose_parent_was_killed_ends_with_all_it_started(tree: Tree) -> None:
    """`kill -9` of make ends what make ran."""
    make = tree.start("make")
    stubborn = tree.grown()
    (launcher,) = make.children()
    make.kill()

    assert survivors([*stubborn, launcher, make]) == []


def test_sigterm_ends_everything_and_says_so(tree: Tree) -> None:
    """A terminated launcher cleans up by itself and exits as terminated."""
    launcher = tree.start("launcher")
    stubborn = tree.grown()
    launcher.send_signal(signal.SIGTERM)

    assert survivors(stubborn) == []
    assert launcher.wait() == 128 + signal.SIGTERM


def test_ctrl_c_ends_everything_even_in_the_background(tree: Tree) -> None:
    """SIGINT is heeded, also where a shell has set it to be ignored."""
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    launcher = tree.start("launcher")
    signal.signal(signal.SIGINT, previous)
    stubborn = tree.grown()
    launcher.send_signal(signal.SIGINT)

    assert survivors([*stubborn, launcher]) == []


def test_a_run_that_is_over_leaves_nothing_behind(tree: Tree) -> None:
    """Leaving the context ends what is still running, in other sessions too."""
    launcher = tree.start("launcher", "briefly")
    stubborn = tree.grown()

    assert survivors(stubborn) == []
    assert launcher.wait() == 0
