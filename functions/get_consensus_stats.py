"""GET `/api/v1/validators/consensus-stats`: how well the validators agree."""

from __future__ import annotations

import flask

from functions import _wiring
from functions._http import Call, endpoint
from functions._reading import answer_from_view
from shared.service.answers import consensus_stats


@endpoint("get-consensus-stats", "GET", access="read")
def get_consensus_stats(call: Call) -> flask.Response:
    """The subnet's statistics; zeros before the first report."""
    return answer_from_view(call, lambda view: consensus_stats(view, _wiring.settings().policy))
