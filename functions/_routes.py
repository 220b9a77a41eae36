"""Where each HTTP function answers on the public host; `firebase.json` says the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Request

from shared.settings import Settings

PUBLIC_PATHS: Mapping[str, str] = {
    "submit-miner-status": "/api/v1/validators/miner-status",
    "get-consensus-stats": "/api/v1/validators/consensus-stats",
    "get-network-status": "/api/v1/miners/network-status",
    "get-miner-consensus": "/api/v1/miners/{uid}/consensus",
    "list-validators": "/api/v1/validators",
    "assign-tasks": "/api/v1/tasks/assignments",
    "complete-task": "/api/v1/tasks/assignments/{id}/results",
    "get-health": "/api/v1/health",
    "get-openapi": "/api/v1/openapi.json",
    "get-history": "/api/v1/history",
    "get-snapshot": "/api/v1/snapshots/{round}",
    "get-metrics": "/api/v1/metrics",
}
"""Function id → public path; a part in braces is a parameter."""

BASE = "/api/v1"


def parameters(function: str, path: str) -> dict[str, str] | None:
    """The parameters that a request path gives to a function, None if it is not its path.

    A function's own URL may prefix the path with the function's name, or leave `/api/v1` out.
    Without parameters every path of the function's own URL is its path.
    """
    public = PUBLIC_PATHS[function]
    if "{" not in public:
        return {}
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", public.removeprefix(BASE))
    found = re.fullmatch(f"(?:/{function})?(?:{BASE})?{pattern}/?", path)
    return found and found.groupdict()


def signed_targets(function: str, request: Request, settings: Settings) -> tuple[str, ...]:
    """What the sender may have signed as path and query, each with the query exactly as sent.

    The public path, the path as received, the function's own URL, and on the emulator its path
    there: a validator's request may have passed through any of them.
    """
    received, question, query = _request_target(request).partition("?")
    paths = [PUBLIC_PATHS[function], received, f"/{function}"]
    if settings.functions_emulator:
        paths.append(f"/{settings.gcloud_project}/{settings.function_region}/{function}")
    return tuple(path + question + query for path in dict.fromkeys(paths))


def _request_target(request: Request) -> str:
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    return str(raw or request.full_path.removesuffix("?"))
