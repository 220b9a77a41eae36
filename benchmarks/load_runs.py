"""One measurement: a client in a process of its own against a function, and the CPU of both."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

import psutil

from benchmarks.frameworks import Framework
from benchmarks.load_client import write_requests
from devtools.paths import ROOT


@dataclass(frozen=True, slots=True)
class Pressure:
    """How hard a function is pressed."""

    connections: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """What came back."""

    seconds: float
    latencies: Sequence[float]
    """Seconds, one per answer, in the order of answers."""
    statuses: Mapping[str, int]
    server_cpu: float
    """Seconds of CPU that the function's processes took."""
    client_cpu: float
    """The same of the client's."""

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    @property
    def cpu_each(self) -> float:
        """Seconds of the function's CPU per answer: what neighbours on the machine do not change
        much.
        """
        return self.server_cpu / len(self.latencies)

    @property
    def percentiles(self) -> tuple[float, float, float]:
        """The 50th, 95th and 99th of the latencies, in seconds."""
        cuts = quantiles(self.latencies, n=100, method="inclusive")
        return median(self.latencies), cuts[94], cuts[98]

    @property
    def client_share(self) -> float:
        """CPU of the client over that of the function."""
        return self.client_cpu / self.server_cpu

    def refused(self) -> Mapping[str, int]:
        """Answers that are no 2xx, by status."""
        return {status: n for status, n in self.statuses.items() if not status.startswith("2")}


def press(
    served: Framework, requests: Sequence[bytes], pressure: Pressure, folder: Path, *, again: bool
) -> Run:
    """Send for so long, or until the requests are used up; `again`: they are sent anew then."""
    file = folder / "requests"
    write_requests(file, requests)
    port = str(urlsplit(served.url).port)
    numbers = (port, str(file), str(pressure.connections), str(pressure.seconds))
    command = (sys.executable, "-m", "benchmarks.load_client", *numbers)
    before = _cpu(served)
    done = subprocess.run(
        (*command, *(("--again",) if again else ())), cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    taken = _cpu(served) - before
    found = json.loads(done.stdout)
    return Run(found["seconds"], found["latencies"], found["statuses"], taken, found["cpu"])


def _cpu(served: Framework) -> float:
    first = psutil.Process(served.process.pid)
    times = [process.cpu_times() for process in (first, *first.children(recursive=True))]
    return sum(each.user + each.system for each in times)
