"""On every written report: bring the snapshot of its subnet up to date."""

from __future__ import annotations

import re
import time

import functions_framework
from cloudevents.http import CloudEvent

from functions import _wiring
from shared.adapters.operations import counting
from shared.logs import log

_DOCUMENT = re.compile(r"subnets/(\d{1,9})/validator_reports/([^/]+)")


_wiring.settings()  # bad settings never serve


@functions_framework.cloud_event
def recompute_consensus(event: CloudEvent) -> None:
    """Recompute for the document that the event names; its data is not needed.

    An event that names no report, or one of a subnet that is not configured, is logged and done
    with: sending it again would not help. Errors of the store end the call, so that the platform
    sends the event again.
    """
    found = _DOCUMENT.fullmatch(str(event.get("document", "")))
    if found is None or int(found[1]) not in _wiring.settings().netuids:
        log.warning("event_ignored", document=str(event.get("document"))[:200])
        return
    started = time.perf_counter()
    with counting() as operations:
        outcome = _wiring.recompute()(int(found[1]), found[2])
    log.info(
        "recompute",
        netuid=int(found[1]),
        report=found[2],
        outcome=outcome,
        ms=round(1000 * (time.perf_counter() - started), 1),
        reads=operations.reads,
        writes=operations.writes,
    )
