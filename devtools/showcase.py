"""The subnet of the demo after some rounds, in one process, for who looks at the dashboard."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from devtools import demo
from devtools.processes import Run
from devtools.reporting import Reporting
from devtools.simulation import demo_subnet

ROUNDS = 6


@contextlib.contextmanager
def showcase() -> Iterator[str]:
    """Its URL; its port is the one that `HOSTING_PORT` says."""
    subnet = demo_subnet(demo.NETUID, demo.VALIDATORS, demo.MINERS)
    with Run() as run:
        place = demo.start_in_process(run, subnet)
        reporting = Reporting(place.url, subnet)
        for _ in range(ROUNDS):
            reporting.post_round()
            time.sleep(demo.ROUND_SECONDS)
        reporting.post_round()
        time.sleep(demo.SWEEP_SECONDS)
        yield place.url
