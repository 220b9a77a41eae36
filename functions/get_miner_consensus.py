"""GET `/api/v1/miners/{uid}/consensus`: what the validators together say of one miner."""

from __future__ import annotations

import flask

from functions._errors import BadQuery
from functions._http import Call, endpoint
from functions._reading import answer_from_view
from shared.service.answers import miner_consensus

LARGEST_UID = 65_535


@endpoint("get-miner-consensus", "GET", access="read")
def get_miner_consensus(call: Call) -> flask.Response:
    """The consensus about the miner at a uid; 404 where nobody reported on it."""
    uid = _uid(call.path["uid"])
    return answer_from_view(call, lambda view: miner_consensus(view, uid))


def _uid(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= LARGEST_UID):
        raise BadQuery(f"a uid is a number from 0 to {LARGEST_UID}")
    return int(text)
