"""Where each HTTP function answers on the public host; `firebase.json` says the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Request

from shared import report_paths
from shared.settings import Settings

PUBLIC_PATHS: Mapping[str, str] = {
    "submit-miner-status": report_paths.PUBLIC,
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


def signed_targets(request: Request, settings: Settings) -> tuple[str, ...]:
    """What a validator may have signed as path and query, each with the query exactly as sent.

    The public path, those of the function's own URL, and on the emulator its path there: a report
    may have passed through any of them. None for a target with a fragment, which is no target: the
    server that cuts it off reads another query than the one that was signed.
    """
    target = _request_target(request)
    if "#" in target:
        return ()
    _, question, query = target.partition("?")
    paths = report_paths.PATHS
    if settings.functions_emulator and settings.gcloud_project:
        emulated = report_paths.emulated(settings.gcloud_project, settings.function_region)
        paths = (*paths, emulated)
    return tuple(path + question + query for path in paths)


def _request_target(request: Request) -> str:
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    return str(raw or request.full_path.removesuffix("?"))
