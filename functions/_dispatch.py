"""What the dispatching endpoints read from a request beside its body."""

from __future__ import annotations

import hashlib
import re

from functions._errors import BadIdempotencyKey, BodyTooLarge
from functions._http import Call
from shared.service.complete import UnknownAssignment

LONGEST_KEY = 128
MAX_BODY = 64 * 1024
"""Bytes of the longest body: several times what 1,024 uids or 100 results take, and little memory
whatever it holds.
"""


def body_of(call: Call) -> bytes:
    """The request's body; raises `BodyTooLarge`."""
    if len(call.body) > MAX_BODY:
        raise BodyTooLarge(f"a body may have {MAX_BODY} bytes here")
    return call.body


def idempotent_id(call: Call) -> str | None:
    """The assignment id that the header `Idempotency-Key` stands for, None without one.

    Each holder of a key has its own: two senders that choose the same word do not meet.
    """
    given = call.request.headers.get("Idempotency-Key")
    if given is None:
        return None
    if not re.fullmatch(f"[!-~]{{1,{LONGEST_KEY}}}", given):
        raise BadIdempotencyKey(f"an Idempotency-Key has 1–{LONGEST_KEY} visible ASCII characters")
    text = f"{call.facts['key']}\n{given}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def assignment_id_of(call: Call) -> str:
    """The id in the path; raises `UnknownAssignment` for what cannot be one."""
    assignment_id = call.path["id"]
    if not re.fullmatch("[0-9a-f]{32}", assignment_id):
        raise UnknownAssignment("an assignment id has 32 hex digits")
    return assignment_id
