"""GET `/api/v1/openapi.json`: this interface, for programs that read such documents."""

from __future__ import annotations

import functools
import json

import flask

from functions._http import Call, endpoint
from functions._openapi import document

VERSION = "1"
"""Of the interface: the one in its paths."""


@endpoint("get-openapi", "GET", access="open")
def get_openapi(_call: Call) -> flask.Response:
    """The same document as long as the deployment is the same."""
    headers = {"Cache-Control": "public, max-age=300"}
    return flask.Response(_text(), headers=headers, mimetype="application/json")


@functools.cache
def _text() -> str:
    return json.dumps(document(VERSION), separators=(",", ":"), sort_keys=True)
