"""The edge that all HTTP functions share: one decorator in, two kinds of reply out.

An entry point is a function of one `Call` that gives a `flask.Response`; `endpoint` reads the
request, checks access, turns errors into problems and writes one line of log.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal

import flask
import functions_framework
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wsgi import get_content_length

from functions import _access, _errors, _problems, _wiring
from functions._limits import Arrivals
from functions._routes import PUBLIC_PATHS, parameters
from shared.adapters.operations import counting
from shared.logs import log
from shared.service.times import rfc3339
from shared.settings import Scope

MAX_BODY = 1024 * 1024
"""Bytes of the longest body that any function reads."""
BODY_SECONDS = 10.0
"""How long a body may take to arrive."""
CACHE_CONTROL = "public, max-age=2, s-maxage=5"

_arrivals = Arrivals(BODY_SECONDS)
_JSON = json.JSONEncoder(separators=(",", ":"), allow_nan=False)

Access = Literal["open", "signed", "read", "dispatch", "audit"]


@dataclass(slots=True)
class Call:
    """One request, read and checked as far as all functions need it."""

    function: str
    """Function id, as in `functions.yaml`."""
    request: flask.Request
    netuid: int
    """The subnet that is meant; −1 before it is known."""
    body: bytes
    path: Mapping[str, str]
    """Parameters of the public path: `{"uid": "49"}`."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What else the log line of this call should say; never a secret."""
    private: bool = False
    """Whether the answer depends on a key, so that nobody may cache it."""

    def require(self, scope: Scope) -> None:
        """Raise an `AccessDenied` unless the caller's key has this scope."""
        self.private = True
        authorization = self.request.headers.get("Authorization")
        key = _access.holder_of(authorization, _wiring.settings().api_keys)
        self.facts["key"] = key.name
        _access.require(key, scope)

    def holds(self, scope: Scope) -> bool:
        """Whether the caller sent a key, and it has this scope; raises `KeyUnknown`."""
        authorization = self.request.headers.get("Authorization")
        if authorization is None:
            return False
        self.private = True
        key = _access.holder_of(authorization, _wiring.settings().api_keys)
        self.facts["key"] = key.name
        return scope in key.scopes

    def query(self, name: str) -> str | None:
        """A query parameter, None if absent; raises `BadQuery` if it stands there twice."""
        if not self.request.query_string:
            return None
        values = self.request.args.getlist(name)
        if len(values) > 1:
            raise _errors.BadQuery(f"the query parameter {name} stands there twice")
        return values[0] if values else None

    def flag(self, name: str) -> bool:
        """A query parameter that is `true` or `false`, the latter if absent."""
        value = self.query(name)
        if value not in (None, "true", "false"):
            raise _errors.BadQuery(f"the query parameter {name} should be true or false")
        return value == "true"


Handler = Callable[[Call], flask.Response]
HttpFunction = Callable[[flask.Request], flask.Response]


def endpoint(
    function: str, method: Literal["GET", "POST"], access: Access
) -> Callable[[Handler], HttpFunction]:
    """Make an HTTP function of a handler. Settings are read here, so that bad ones never serve."""
    _wiring.settings()
    allowed = {"GET": "GET, HEAD, OPTIONS", "POST": "POST, OPTIONS"}[method]

    def decorate(handler: Handler) -> HttpFunction:
        @wraps(handler)
        def serve(request: flask.Request) -> flask.Response:
            started = time.perf_counter()
            call = Call(function, request, netuid=-1, body=b"", path={})
            with counting() as operations:
                response = _answer(call, handler, access, allowed)
            call.facts |= {"reads": operations.reads, "writes": operations.writes}
            _log(call, response, started)
            return response

        functions_framework.http(serve)  # registers its kind; the framework asks by name
        return serve

    return decorate


def reply(
    payload: Mapping[str, Any], timestamp: float, headers: Mapping[str, str] | None = None
) -> flask.Response:
    """200 with JSON; `timestamp` (seconds since 1970) is the answer's `timestamp`."""
    return _json(200, encoded(payload, timestamp), headers or {})


def encoded(payload: Mapping[str, Any], timestamp: float) -> str:
    """The text of such an answer."""
    return _JSON.encode({**payload, "timestamp": rfc3339(timestamp)})


def cached_reply(call: Call, version: str | int, text: Callable[[], str]) -> flask.Response:
    """A reader's answer: 304 when the caller has this version, without writing any text."""
    headers = {"ETag": f'W/"{version}"', "Cache-Control": CACHE_CONTROL}
    if call.request.if_none_match.contains_weak(str(version)):
        return flask.Response(status=304, headers=headers)
    return _json(200, text(), headers)


def _answer(call: Call, handler: Handler, access: Access, allowed: str) -> flask.Response:
    try:
        response = _serve(call, handler, access, allowed)
    except _problems.EXPECTED as error:
        response = _refuse(call, error)
    except Exception:  # noqa: BLE001 - the last boundary: the framework would send the text out
        response = _fail(call)
    if call.private:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _serve(call: Call, handler: Handler, access: Access, allowed: str) -> flask.Response:
    call.body = _read_body(call.request)
    if call.request.method == "OPTIONS":
        return flask.Response(status=204, headers={"Allow": allowed})
    if call.request.method not in allowed.split(", "):
        raise _errors.MethodNotAllowed(allowed)
    call.path = _path_of(call)
    call.netuid = _netuid_of(call)
    if access in ("dispatch", "audit"):
        call.require(access)
    elif access == "read" and _wiring.settings().read_access == "key":
        call.require("read")
    return handler(call)


def _read_body(request: flask.Request) -> bytes:
    environ, announced = request.environ, get_content_length(request.environ)
    request.max_content_length = MAX_BODY + 1  # the framework reads on after us: never more
    try:
        with _arrivals.awaited(_connection(environ, announced)):
            body = _all_of(request)
    except RequestEntityTooLarge:
        raise _errors.BodyTooLarge(f"a body may have {MAX_BODY} bytes") from None
    if body is None or len(body) < (announced or 0):
        raise _errors.BodyCutShort("the body ended before it was complete")
    if len(body) > MAX_BODY:
        raise _errors.BodyTooLarge(f"a body may have {MAX_BODY} bytes")
    if environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
        raise _errors.EncodedBody("send the body without Content-Encoding")
    return body


def _connection(environ: Mapping[str, Any], announced: int | None) -> socket.socket | None:
    """What a body is to come through, None where there is none to wait for."""
    is_body = announced or "HTTP_TRANSFER_ENCODING" in environ
    return environ.get("gunicorn.socket") if is_body else None


def _all_of(request: flask.Request) -> bytes | None:
    """What arrived, maybe less than was announced; None if the connection or its chunks broke."""
    try:
        return request.get_data(cache=True)
    except (ClientDisconnected, ParseException):
        return None


def _path_of(call: Call) -> dict[str, str]:
    found = parameters(call.function, call.request.path)
    if found is None:
        raise _errors.NotFound(f"this function answers at {PUBLIC_PATHS[call.function]}")
    return found


def _netuid_of(call: Call) -> int:
    asked = call.query("netuid")
    served = _wiring.settings().netuids
    if asked is None:
        return served[0]
    if asked not in map(str, served):
        known = ", ".join(map(str, served))
        raise _errors.UnknownSubnet(f"netuid should be one of those served here: {known}")
    return int(asked)


def _refuse(call: Call, error: Exception) -> flask.Response:
    status, body, headers = _problems.problem(error)
    call.facts["code"] = body["code"]
    if status == 503:
        call.facts["cause"] = repr(error)
    response = _problem_reply(status, body, headers)
    if isinstance(error, _errors.BodyNotRead):
        # The framework reads the rest of the body before it sends anything but a stream.
        response.response = iter([response.get_data()])
    return response


def _fail(call: Call) -> flask.Response:
    log.exception("unexpected_error", function=call.function, **_trace(call.request))
    body = _problems.describe(500, "internal", "something went wrong here; it has been logged")
    return _problem_reply(500, body, {})


def _problem_reply(status: int, body: dict[str, Any], headers: Mapping[str, str]) -> flask.Response:
    stamped = body | {"timestamp": rfc3339(_wiring.clock())}
    response = _json(status, _JSON.encode(stamped), {"Cache-Control": "no-store", **headers})
    response.mimetype = "application/problem+json"
    return response


def _json(status: int, text: str, headers: Mapping[str, str]) -> flask.Response:
    return flask.Response(text, status, dict(headers), mimetype="application/json")


def _log(call: Call, response: flask.Response, started: float) -> None:
    write = log.error if response.status_code >= 500 else log.info
    write(
        "request",
        function=call.function,
        method=call.request.method,
        netuid=call.netuid if call.netuid >= 0 else None,
        status=response.status_code,
        ms=round(1000 * (time.perf_counter() - started), 1),
        **call.facts,
        **_trace(call.request),
    )


def _trace(request: flask.Request) -> dict[str, str]:
    trace, _, _ = request.environ.get("HTTP_X_CLOUD_TRACE_CONTEXT", "").partition("/")
    project = _wiring.settings().gcloud_project
    if not (trace.isalnum() and project):
        return {}
    return {"logging.googleapis.com/trace": f"projects/{project}/traces/{trace[:64]}"}
