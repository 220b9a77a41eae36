"""Logs as Cloud Logging reads them: one JSON object a line, `severity` and `message` first."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import Any

import structlog

_JSON = json.JSONEncoder(default=repr)  # one for all lines: making it takes as long as a line
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def _for_cloud_logging(
    _logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    severity = "ERROR" if method == "exception" else method.upper()
    message = event.pop("event", "")
    trace = event.pop("exception", None)
    if trace is not None:  # Error Reporting looks for the trace in `message`
        event["what"], message = message, trace
    return {"severity": severity, "message": message, **event}


def configure(level: str = "info") -> None:
    """Log from this severity on, to standard output."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", key="time"),
            structlog.processors.format_exc_info,
            _for_cloud_logging,
            structlog.processors.JSONRenderer(lambda event, **_: _JSON.encode(event)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )


configure()

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
"""`log.info("what_happened", netuid=1)`: an event name and its facts, never a secret."""
