"""On schedule: expire what is too old, close rounds, repair what events missed, log the KPIs."""

from __future__ import annotations

import time
from dataclasses import asdict

import functions_framework
from cloudevents.http import CloudEvent

from functions import _wiring
from shared.adapters.operations import counting
from shared.logs import log
from shared.service.kpis import kpis_of
from shared.service.ports import StoreError

_wiring.settings()  # bad settings never serve


@functions_framework.cloud_event
def sweep_timeouts(_event: CloudEvent) -> None:
    """Recompute every subnet; one that fails does not keep the others from it.

    Raises the last failure in the end, so that the message is delivered again.
    """
    failure: StoreError | None = None
    for netuid in _wiring.settings().netuids:
        try:
            _sweep(netuid)
        except StoreError as error:
            log.error("sweep_failed", netuid=netuid, cause=repr(error))
            failure = error
    if failure is not None:
        raise failure


def _sweep(netuid: int) -> None:
    started = time.perf_counter()
    with counting() as operations:
        outcome = _wiring.recompute()(netuid)
        view = _wiring.views()(netuid)
        buried = _wiring.bury()(netuid)
    log.info(
        "sweep",
        netuid=netuid,
        outcome=outcome,
        ms=round(1000 * (time.perf_counter() - started), 1),
        reads=operations.reads,
        writes=operations.writes,
        **(asdict(kpis_of(view)) if view else {}),
        **asdict(buried),
    )
