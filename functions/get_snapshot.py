"""GET `/api/v1/snapshots/{round or current}`: all that recomputing it offline needs."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import flask

from functions import _wiring
from functions._http import Call, endpoint
from functions._rounds import round_of

GZIP = 31
"""`zlib`'s name for its gzip format."""


@endpoint("get-snapshot", "GET", access="audit")
def get_snapshot(call: Call) -> flask.Response:
    """One JSON file, sent report by report, compressed for who accepts gzip."""
    asked = call.path["round"]
    if asked == "current":
        file = _wiring.audit().present(call.netuid)
    else:
        file = _wiring.audit().past(call.netuid, round_of(asked))
    chunks = (chunk.encode() for chunk in file.chunks())
    response = flask.Response(chunks, mimetype="application/json")
    if call.request.accept_encodings["gzip"] > 0:
        response.response = _gzipped(chunks)
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def _gzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, GZIP)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()
