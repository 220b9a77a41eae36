"""Instances of the functions as processes of their own, each with its own client and clock."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

from shared.adapters.firestore import connect
from shared.domain.policy import Policy
from shared.service.ports import StoreError
from shared.service.recompute import Recompute
from tests.faults.subnets import Parts

# Children are forked from a process that has all imports and no client: quick, and safe for gRPC.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.instances", "tests.faults.edge"])

PATIENCE = 60.0
"""Seconds that a process may take."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where an instance finds Firestore, and what time it thinks it is."""

    host: str
    """`host:port` of the emulator, or of a proxy."""
    project: str
    netuid: int
    now: float

    def client(self) -> Any:
        """A client in a process that has nothing else to do."""
        os.environ["FIRESTORE_EMULATOR_HOST"] = self.host
        return connect(self.project)


def start(work: Callable[..., object], *arguments: object) -> BaseProcess:
    """Run this in a process."""
    process = _context.Process(target=work, args=arguments)
    process.start()
    return process


def outcome(process: BaseProcess) -> int:
    """How it ended: 0, or minus the signal that killed it."""
    process.join(PATIENCE)
    code = process.exitcode
    process.kill()
    process.join()
    process.close()
    assert code is not None, f"not done after {PATIENCE} s"
    return code


def recompute(site: Site, events: Sequence[str | None]) -> None:
    """A cold instance takes events (None: a sweep), each again while it fails."""
    parts = Parts.over(site.client()).as_dict()
    deliver(Recompute(**parts, policy=Policy(), clock=lambda: site.now), site.netuid, events)


def deliver(instance: Recompute, netuid: int, events: Iterable[str | None]) -> None:
    """Deliver events, each again while it fails."""
    for event in events:
        while not _is_taken(instance, netuid, event):
            pass


def _is_taken(instance: Recompute, netuid: int, event: str | None) -> bool:
    try:
        instance(netuid, event)
    except StoreError:
        return False
    return True
