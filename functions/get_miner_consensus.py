"""GET `/api/v1/miners/{uid}/consensus`: what the validators together say of one miner, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask

from functions import _wiring
from functions._errors import BadQuery
from functions._http import Call, cached_reply, encoded, endpoint
from functions._reading import LARGEST_UID, answer_from_view
from functions._rounds import round_of
from shared.service.answers import UnknownMiner, miner_consensus

if TYPE_CHECKING:
    from shared.service.explain import Explained

FOREVER = "public, max-age=604800, immutable"
"""As long as rounds are kept."""


@endpoint("get-miner-consensus", "GET", access="read")
def get_miner_consensus(call: Call) -> flask.Response:
    """The consensus about the miner at a uid; 404 where nobody reported on it."""
    uid, asked = _uid(call.path["uid"]), call.query("round")
    number = round_of(asked) if asked is not None else None
    if call.flag("explain"):
        return _explained(call, uid, number)
    if number is not None:
        raise BadQuery("round goes with explain=true")
    return answer_from_view(call, lambda view: miner_consensus(view, uid))


def _explained(call: Call, uid: int, number: int | None) -> flask.Response:
    """With every vote; their values only for auditors, or once the reporting window is over."""
    found = _explain(call, uid, number, sees_all=call.holds("audit"))
    response = cached_reply(call, found.tag, lambda: encoded(found.answer, found.at))
    response.vary.add("Authorization")
    if found.is_final:
        response.headers["Cache-Control"] = FOREVER
    return response


def _explain(call: Call, uid: int, number: int | None, sees_all: bool) -> Explained:
    view = _wiring.views()(call.netuid)
    if view is None:
        raise UnknownMiner(f"no validator has reported on uid {uid}")
    if number is None:
        return _wiring.explain().present(call.netuid, view.stored, uid, sees_all)
    return _wiring.explain().past(call.netuid, number, uid, sees_all)


def _uid(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= LARGEST_UID):
        raise BadQuery(f"a uid is a number from 0 to {LARGEST_UID}")
    return int(text)
