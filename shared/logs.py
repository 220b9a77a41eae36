"""Logs as Cloud Logging reads them: one JSON object a line, `severity` and `message` first.

Of our own, as a logging library costs several times what a line does, and holds a lock while the
line is written: of sixteen requests that end together, each would wait for all the others.
"""

from __future__ import annotations

import json
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Literal

Level = Literal["debug", "info", "warning", "error"]

_JSON = json.JSONEncoder(default=repr)  # one for all lines: making it takes as long as a line
_TRACE = 3000
"""Longest trace, characters. A pipe takes 4,096 bytes in one piece; a longer line would come in
several, with those of others between them.
"""
_RANKS: dict[Level, int] = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Log:
    """`log.info("what_happened", netuid=1)`: an event name and its facts, never a secret."""

    def __init__(self) -> None:
        """Log from `info` on."""
        self._least = _RANKS["info"]

    def configure(self, least: Level) -> None:
        """Log from this level on."""
        self._least = _RANKS[least]

    def info(self, event: str, **facts: Any) -> None:
        """What happened."""
        self._write("info", event, facts)

    def warning(self, event: str, **facts: Any) -> None:
        """What somebody may want to change."""
        self._write("warning", event, facts)

    def error(self, event: str, **facts: Any) -> None:
        """What did not work."""
        self._write("error", event, facts)

    def exception(self, event: str, **facts: Any) -> None:
        """What nobody thought of, with its trace where Error Reporting looks for it."""
        self._write("error", _shortened(traceback.format_exc().rstrip()), {"what": event, **facts})

    def _write(self, level: Level, message: str, facts: dict[str, Any]) -> None:
        if _RANKS[level] < self._least:
            return
        now = datetime.now(UTC).isoformat()
        line = {"severity": level.upper(), "message": message, **facts, "time": now}
        sys.stdout.write(_JSON.encode(line) + "\n")  # in one piece, so that lines never mix
        sys.stdout.flush()


def _shortened(trace: str) -> str:
    """Where it begins and where it ends, which is what matters."""
    if len(trace) <= _TRACE:
        return trace
    return f"{trace[: _TRACE // 4]}\n  ...\n{trace[-_TRACE * 3 // 4 :]}"


log = Log()
"""The log of this process."""
