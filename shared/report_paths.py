"""The paths that a report may be signed for: submit and `quorate verify` go by these alone."""

from __future__ import annotations

import re

PUBLIC = "/api/v1/validators/miner-status"
"""On the hosting domain."""
FUNCTION = "/submit-miner-status"
"""On the function's own URL, whose root counts as well."""
PATHS: tuple[str, ...] = (PUBLIC, FUNCTION, "/")
_EMULATED = re.compile(rf"/[^/?#]+/[^/?#]+{FUNCTION}")


def emulated(project: str, region: str) -> str:
    """The path on the Firebase emulator."""
    return f"/{project}/{region}{FUNCTION}"


def takes_reports(path: str) -> bool:
    """Whether it is one of these; of the emulator's with whatever project and region."""
    return path in PATHS or _EMULATED.fullmatch(path) is not None
