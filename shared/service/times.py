"""Times as they are written for people and programs: RFC 3339 with milliseconds, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=1024)
def rfc3339(seconds: float) -> str:
    """A time (seconds since 1970) as `2026-01-02T03:04:05.678Z`."""
    stamp = datetime.fromtimestamp(round(seconds, 3), UTC)
    return stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")
