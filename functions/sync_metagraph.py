"""On schedule: bring every subnet's registry up to the chain's metagraph."""

from __future__ import annotations

import functions_framework
from cloudevents.http import CloudEvent

from functions import _wiring
from functions._events import for_every_subnet, measured
from shared.logs import log
from shared.service.ports import StoreError
from shared.service.sync import ChainError

_wiring.settings()  # bad settings never serve


@functions_framework.cloud_event
def sync_metagraph(_event: CloudEvent) -> None:
    """Sync every subnet; one that fails keeps its registry.

    Without `CHAIN_ENDPOINTS` there is nothing to do.
    """
    if not _wiring.settings().chain_endpoints:
        log.info("sync_off", reason="CHAIN_ENDPOINTS names no endpoint")
        return
    for_every_subnet(_sync, (ChainError, StoreError), "sync_failed")


def _sync(netuid: int) -> None:
    with measured() as taken:
        done = _wiring.sync()(netuid)
    for reason in done.passed_over:
        log.warning("endpoint_passed_over", netuid=netuid, cause=reason)
    log.info(
        "sync",
        netuid=netuid,
        outcome="synced" if done.is_news else "unchanged",
        block=done.registry.block,
        neurons=len(done.registry.neurons),
        source=done.source,
        **taken,
        **done.changes.counts(),
    )
