"""What the reading endpoints share: the view of a subnet, and answers that caches may keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask

from functions import _wiring
from functions._http import Call, cached_reply, encoded
from shared.service.views import View

LARGEST_UID = 65_535
Build = Callable[[View | None], dict[str, Any]]


def answer_from_view(call: Call, build: Build) -> flask.Response:
    """Answer from the current snapshot; before the first one, with the time of asking.

    The ETag is the snapshot's version and time, so that a restored database is never mistaken
    for what it was.
    """
    view = _wiring.views()(call.netuid)
    at = view.stored.computed_at if view else _wiring.clock()
    version = f"{view.stored.version}-{round(at * 1000)}" if view else "0"
    return cached_reply(call, version, lambda: _text(call, view, at, build))


def _text(call: Call, view: View | None, at: float, build: Build) -> str:
    """The answer's text: written once per snapshot, for all readers of an instance."""
    if view is None:
        return encoded(build(view), at)
    asked = (call.function, *call.path.values())
    if asked not in view.texts:
        view.texts[asked] = encoded(build(view), at)
    return view.texts[asked]
