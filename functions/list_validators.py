"""GET `/api/v1/validators`: who may report, who does, and how far each agrees with the others."""

from __future__ import annotations

import flask

from functions._http import Call, endpoint
from functions._reading import answer_from_view
from shared.service.answers import validators


@endpoint("list-validators", "GET", access="read")
def list_validators(call: Call) -> flask.Response:
    """Everyone who may report, the silent ones too; nobody before the first report."""
    return answer_from_view(call, validators)
