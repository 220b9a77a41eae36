"""GET `/api/v1/metrics`: key figures and counters for a monitor, as Prometheus text."""

from __future__ import annotations

import flask

from functions import _wiring
from functions._http import Call, endpoint
from shared.service.metrics import CONTENT_TYPE, exposition


@endpoint("get-metrics", "GET", access="open")
def get_metrics(call: Call) -> flask.Response:
    """All subnets, or the one that is asked for; always behind a key with scope `read`."""
    call.require("read")
    asked = call.query("netuid")
    netuids = _wiring.settings().netuids if asked is None else (call.netuid,)
    views = {netuid: _wiring.views()(netuid) for netuid in netuids}
    return flask.Response(exposition(views, _wiring.clock()), content_type=CONTENT_TYPE)
