"""GET `/api/v1/miners/network-status`: all miners, best first."""

from __future__ import annotations

import flask

from functions import _wiring
from functions._http import Call, endpoint
from functions._reading import answer_from_view
from shared.service.answers import network_status


@endpoint("get-network-status", "GET", access="read")
def get_network_status(call: Call) -> flask.Response:
    """The whole subnet at a glance; an empty one is a valid answer."""
    return answer_from_view(call, lambda view: network_status(view, _wiring.settings().policy))
