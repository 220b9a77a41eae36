"""A run: the processes that one command starts and that end with it."""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, Self

import psutil

from devtools import guard
from devtools.paths import ROOT


class Run:
    """A context in which processes are started; when it ends, however it ends, so do they.

    SIGTERM to this process ends it by `SystemExit`, so that contexts are left in order.
    """

    def __init__(self, grace: float = guard.GRACE_SECONDS) -> None:
        """`grace` is how many seconds processes may take to end by themselves."""
        self.id = uuid.uuid4().hex
        self._grace = grace

    def __enter__(self) -> Self:
        """Put the guard up before anything is started."""
        signal.signal(signal.SIGTERM, _exit)
        # A shell's background job inherits SIGINT ignored; it stops us all the same.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._guard = guard.start(self.id, psutil.Process(), self._grace)
        return self

    def __exit__(self, *_: object) -> None:
        """End everything; a second Ctrl-C must not leave anything behind."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        guard.end_marked(self.id, self._grace)
        self._guard.communicate()  # closes its stdin, which lets it go
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        *,
        cwd: Path = ROOT,
        output: IO[bytes] | int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process of this run, away from the terminal's Ctrl-C; stderr goes with stdout."""
        return subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(environment or {}), guard.MARK: self.id},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            start_new_session=True,
        )


def _exit(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a handler's signature
    raise SystemExit(128 + number)
