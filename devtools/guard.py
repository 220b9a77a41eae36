"""No process outlives the command that started it, however the command ends.

A launcher marks everything it starts with an environment variable, which children inherit and
cannot lose by changing their parent, group or session. Beside it runs a guard, in a session of its
own: it ends everything marked when the launcher is gone, which it notices by the end of a pipe, and
it ends the launcher when the launcher's own parent (make) is gone. Neither needs a last word from
the process that died, so `kill -9` is covered.
"""

from __future__ import annotations

import contextlib
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import psutil

MARK = "QUORATE_RUN"
"""Environment variable that holds the id of the run that a process belongs to."""

POLL_SECONDS = 0.3
GRACE_SECONDS = 3.0
"""How long processes may take to end by themselves before they are killed, by default."""

LAUNCHER_GRACE_SECONDS = 15.0
"""How long a launcher whose parent is gone may take to clean up."""


def marked(run_id: str) -> list[psutil.Process]:
    """Every living process of the run."""
    return [process for process in psutil.process_iter() if _belongs(process, run_id)]


def _belongs(process: psutil.Process, run_id: str) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        return process.environ().get(MARK) == run_id and process.status() != psutil.STATUS_ZOMBIE
    return False  # ended meanwhile, or somebody else's


def end_marked(run_id: str, grace: float) -> None:
    """End every process of the run: asked first, killed then, until a look finds none."""
    processes = marked(run_id)
    _signal(processes, signal.SIGTERM)
    psutil.wait_procs(processes, timeout=grace)
    while processes := marked(run_id):
        _signal(processes, signal.SIGKILL)
        psutil.wait_procs(processes, timeout=grace)


def _signal(processes: Sequence[psutil.Process], number: int) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def start(run_id: str, launcher: psutil.Process, grace: float) -> subprocess.Popen[bytes]:
    """Start the guard of `launcher`; closing its stdin lets it finish the run."""
    numbers = map(str, (launcher.pid, launcher.ppid(), grace))
    command = (sys.executable, "-m", __name__, run_id, *numbers)
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def watch(run_id: str, launcher_pid: int, parent_pid: int, grace: float) -> None:
    """Return when the launcher is gone and nothing of its run is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the launcher's business; we follow its end
    while not _pipe_closed(POLL_SECONDS):
        if not _is_child(launcher_pid, parent_pid):
            _end_launcher(launcher_pid)
    end_marked(run_id, grace)


def _pipe_closed(timeout: float) -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], timeout)
    return bool(readable)


def _is_child(launcher_pid: int, parent_pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(launcher_pid).ppid() == parent_pid
    return True  # gone: the pipe will say so


def _end_launcher(pid: int) -> None:
    """Ask it to end; kill it if it does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).terminate()
    deadline = time.monotonic() + LAUNCHER_GRACE_SECONDS
    while time.monotonic() < deadline:
        if _pipe_closed(POLL_SECONDS):
            return
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()


if __name__ == "__main__":
    watch(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
