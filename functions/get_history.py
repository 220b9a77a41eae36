"""GET `/api/v1/history?miner=` or `?validator=`: one of them, round after round, for plots."""

from __future__ import annotations

import flask

from functions import _wiring
from functions._errors import BadQuery
from functions._http import Call, cached_reply, encoded, endpoint
from functions._reading import LARGEST_UID
from shared.service.history import MOST_ROUNDS

DEFAULT_ROUNDS = 64


@endpoint("get-history", "GET", access="read")
def get_history(call: Call) -> flask.Response:
    """The last closed rounds, oldest first; none is an answer. Changes when a round is closed."""
    who, uid = _who(call)
    rounds = _number(call, "rounds", DEFAULT_ROUNDS, 1, MOST_ROUNDS)
    view = _wiring.views()(call.netuid)
    at = view.stored.computed_at if view else _wiring.clock()
    last, digest = (view.stored.last_round, view.stored.last_round_hash) if view else (-1, "")

    def text() -> str:
        history = _wiring.history()
        read = history.of_miner if who == "miner" else history.of_validator
        return encoded(read(call.netuid, last, uid, rounds), at)

    return cached_reply(call, f"{last}-{digest[:12]}", text)


def _who(call: Call) -> tuple[str, int]:
    asked = [name for name in ("miner", "validator") if call.query(name) is not None]
    if len(asked) != 1:
        raise BadQuery("ask for either a miner or a validator, by uid")
    return asked[0], _number(call, asked[0], 0, 0, LARGEST_UID)


def _number(call: Call, name: str, default: int, least: int, most: int) -> int:
    text = call.query(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and least <= int(text) <= most):
        raise BadQuery(f"{name} is a number from {least} to {most}")
    return int(text)
