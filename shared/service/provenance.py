"""What a record says of its own making: by which engine, and what reports had to be signed for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

ENGINE = 1
"""Number of the rules that resolve and learn. Raise it with every change that may come to other
results: records of another engine cannot be held against this one's. The changelog has a line for
each, and `tests/vectors/rounds` a round that this one must find again."""
FIRST_ENGINE = 1
"""Made the records that name none."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What stands in every closed round and snapshot, under its hash."""

    receiver_hotkey: str | None = None
    """Address that reports had to be signed for; None: any."""
    default_netuid: int | None = None
    """Subnet of the reports that were signed for none; None: not said."""
    engine: int = ENGINE

    @property
    def binding(self) -> tuple[str | None, int | None]:
        """What a report had to be signed for."""
        return self.receiver_hotkey, self.default_netuid

    def as_dict(self) -> dict[str, Any]:
        """In JSON types."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Provenance:
        """Read it from a stored document; older ones say nothing."""
        return cls(
            receiver_hotkey=document.get("receiver_hotkey"),
            default_netuid=document.get("default_netuid"),
            engine=document.get("engine", FIRST_ENGINE),
        )
