"""Errors as `application/problem+json` (RFC 9457): the only table from error to HTTP status."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from functions import _errors
from shared import schemas
from shared.adapters.signatures import SignatureError
from shared.service import answers, assign, complete, ports, refusals

STATUS: Mapping[type[Exception], tuple[int, str]] = {
    _errors.BadQuery: (400, "bad_query"),
    _errors.BadIdempotencyKey: (400, "bad_idempotency_key"),
    _errors.BodyCutShort: (400, "body_cut_short"),
    schemas.MalformedBody: (400, "malformed_body"),
    SignatureError: (401, "signature"),
    _errors.KeyMissing: (401, "key_missing"),
    _errors.KeyUnknown: (401, "key_unknown"),
    _errors.ScopeMissing: (403, "scope_missing"),
    refusals.NotAllowed: (403, "not_allowed"),
    _errors.NotFound: (404, "not_found"),
    _errors.UnknownSubnet: (404, "unknown_subnet"),
    answers.UnknownMiner: (404, "unknown_miner"),
    answers.UnknownRound: (404, "unknown_round"),
    complete.UnknownAssignment: (404, "unknown_assignment"),
    _errors.MethodNotAllowed: (405, "method_not_allowed"),
    _errors.BodyTooSlow: (408, "body_too_slow"),
    refusals.Replayed: (409, "nonce_replayed"),
    refusals.EpochBackwards: (409, "epoch_backwards"),
    assign.KeyReused: (409, "idempotency_key_reused"),
    _errors.BodyTooLarge: (413, "body_too_large"),
    refusals.TooLarge: (413, "report_too_large"),
    _errors.EncodedBody: (415, "unsupported_encoding"),
    schemas.UnsupportedMediaType: (415, "unsupported_media_type"),
    schemas.InvalidBody: (422, "invalid_body"),
    refusals.RateLimited: (429, "rate_limited"),
    refusals.OverBudget: (429, "over_budget"),
    refusals.TooManyRefused: (429, "too_many_refused"),
    answers.TooManyRounds: (429, "too_many_rounds"),
    answers.SnapshotTooLarge: (413, "snapshot_too_large"),
    _errors.Busy: (503, "busy"),
    ports.StoreError: (503, "store_unavailable"),
}
"""Error class → (status, code); a subclass without a row of its own takes its parent's.

An error that knows a finer reason says so in an attribute `code`.
"""

EXPECTED = tuple(STATUS)
STORE_RETRY_SECONDS = 5
BUSY_RETRY_SECONDS = 1


def problem(error: Exception) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body (without timestamp) and headers of the answer to an expected error."""
    status, code = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    code = getattr(error, "code", code)
    body = describe(status, code, _detail(error))
    if isinstance(error, schemas.InvalidBody):
        body["errors"] = [
            {"pointer": p.pointer, "code": p.code, "detail": p.detail} for p in error.problems
        ]
    return status, body, _headers(error, status)


def describe(status: int, code: str, detail: str) -> dict[str, Any]:
    """The members that every problem has."""
    return {
        "type": f"urn:quorate:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
    }


def _detail(error: Exception) -> str:
    if isinstance(error, ports.StoreError):  # the store's own words are for the log
        return "the store is not answering; send the same request again"
    return str(error)


def _headers(error: Exception, status: int) -> dict[str, str]:
    if isinstance(error, SignatureError):
        return {"WWW-Authenticate": 'btauth version="1"'}
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="quorate"'}
    if isinstance(error, _errors.MethodNotAllowed):
        return {"Allow": error.allowed}
    if isinstance(error, refusals.TooFast | answers.TooManyRounds):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    if isinstance(error, _errors.Busy):
        return {"Retry-After": str(BUSY_RETRY_SECONDS)}
    return {"Retry-After": str(STORE_RETRY_SECONDS)} if status == 503 else {}
