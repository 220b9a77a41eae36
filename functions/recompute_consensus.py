"""On every written report: bring the snapshot of its subnet up to date."""

from __future__ import annotations

import re

import functions_framework
from cloudevents.http import CloudEvent

from functions import _wiring
from functions._events import measured
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
    with measured() as taken:
        outcome = _wiring.recompute()(int(found[1]), found[2])
    log.info("recompute", netuid=int(found[1]), report=found[2], outcome=outcome, **taken)
