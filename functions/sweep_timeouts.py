"""On schedule: expire what is too old, close rounds, repair what events missed, log the KPIs."""

from __future__ import annotations

from dataclasses import asdict

import functions_framework
from cloudevents.http import CloudEvent

from functions import _wiring
from functions._events import for_every_subnet, measured
from shared.logs import log
from shared.service.kpis import kpis_of
from shared.service.ports import StoreError

_wiring.settings()  # bad settings never serve


@functions_framework.cloud_event
def sweep_timeouts(_event: CloudEvent) -> None:
    """Recompute every subnet."""
    for_every_subnet(_sweep, StoreError, "sweep_failed")


def _sweep(netuid: int) -> None:
    with measured() as taken:
        outcome = _wiring.recompute()(netuid)
        view = _wiring.views()(netuid)
        buried = _wiring.bury()(netuid)
    log.info(
        "sweep",
        netuid=netuid,
        outcome=outcome,
        **taken,
        **(asdict(kpis_of(view)) if view else {}),
        **asdict(buried),
    )
