"""What is served beside the functions: a bare handler, and submit over an instant store.

Of `submit_miner_status` everything before the store is what is deployed.
"""

from __future__ import annotations

import os
from dataclasses import replace

import flask
import functions_framework

from benchmarks.load_requests import CROWD, crowd, registry_of
from functions import _wiring
from shared.adapters.memory import MemoryReportLog
from shared.service.ports import SignedReport

BARE = '{"success":true}'


@functions_framework.http
def bare(_request: flask.Request) -> tuple[str, dict[str, str]]:
    """The least that a function of functions-framework can do: what it answers is the limit."""
    return BARE, {"Content-Type": "application/json"}


class InstantReportLog(MemoryReportLog):
    """A log that knows nothing and keeps nothing, so that none of the time is its own."""

    def create(self, netuid: int, report: SignedReport) -> None:
        """Say that it is kept."""

    def latest_of(
        self,
        netuid: int,  # noqa: ARG002 - the port's
        hotkey: str,  # noqa: ARG002 - the same
    ) -> SignedReport | None:
        """Nobody has reported yet."""
        return None


def _open_stores() -> _wiring.Stores:
    held = _wiring._in_memory()  # noqa: SLF001 - the same stores but for one
    subnet = crowd(int(os.environ[CROWD]))
    held.registry.save(registry_of(subnet, _wiring.clock()))
    return replace(held, reports=InstantReportLog(_wiring.clock))


_wiring.stores = _wiring.Once(_open_stores)

from main import submit_miner_status  # noqa: E402 - over that store

__all__ = ["bare", "submit_miner_status"]
