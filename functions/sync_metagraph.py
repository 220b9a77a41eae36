"""On schedule: bring every subnet's registry up to the chain's metagraph."""

from __future__ import annotations

import time

import functions_framework
from cloudevents.http import CloudEvent

from functions import _wiring
from shared.adapters.operations import counting
from shared.logs import log
from shared.service.ports import StoreError
from shared.service.sync import ChainError

_wiring.settings()  # bad settings never serve


@functions_framework.cloud_event
def sync_metagraph(_event: CloudEvent) -> None:
    """Sync every subnet; one that fails keeps its registry, and the others from nothing.

    Raises the last failure in the end, so that the message is delivered again. Without
    `CHAIN_ENDPOINTS` there is nothing to do.
    """
    if not _wiring.settings().chain_endpoints:
        log.info("sync_off", reason="CHAIN_ENDPOINTS names no endpoint")
        return
    failure: ChainError | StoreError | None = None
    for netuid in _wiring.settings().netuids:
        try:
            _sync(netuid)
        except (ChainError, StoreError) as error:
            log.error("sync_failed", netuid=netuid, cause=repr(error))
            failure = error
    if failure is not None:
        raise failure


def _sync(netuid: int) -> None:
    started = time.perf_counter()
    with counting() as operations:
        done = _wiring.sync()(netuid)
    log.info(
        "sync",
        netuid=netuid,
        outcome="synced" if done.is_news else "unchanged",
        block=done.registry.block,
        neurons=len(done.registry.neurons),
        source=done.source,
        ms=round(1000 * (time.perf_counter() - started), 1),
        reads=operations.reads,
        writes=operations.writes,
        **done.changes.counts(),
    )
