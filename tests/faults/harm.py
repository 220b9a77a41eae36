"""What may happen to a call on its way to Firestore and back, and to which calls it happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

CANCELLED, UNKNOWN, DEADLINE_EXCEEDED = 1, 2, 4
RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE = 8, 10, 13, 14
"""gRPC status codes that Firestore answers when it is not well."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is reset, and the call never reaches Firestore."""


@dataclass(frozen=True, slots=True)
class Lose:
    """The call takes effect; after so many bytes of its answer the connection is reset."""

    after: int = 0


@dataclass(frozen=True, slots=True)
class Refuse:
    """Firestore answers with an error, after some seconds; nothing took effect."""

    code: int
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Deny:
    """The call takes effect; Firestore answers with an error all the same."""

    code: int


@dataclass(frozen=True, slots=True)
class Slow:
    """The call, and all behind it, waits for some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hang:
    """The call never reaches Firestore, and nobody says so until the next plan: then it is cut.

    In the cloud the client's keepalive does that, within 50 s.
    """


@dataclass(frozen=True, slots=True)
class Strike:
    """`blow` is called before the call passes, or once it took effect; then as `Cut` or `Lose`."""

    blow: Callable[[], object]
    when: Literal["before", "after"]


Harm = Cut | Lose | Refuse | Deny | Slow | Hang | Strike
Plan = Callable[[int], Harm | None]
"""What happens to the call with this number; the first is 1."""


def no_harm(_call: int) -> None:
    """All is well."""


def at(number: int, harm: Harm) -> Plan:
    """One call is harmed."""
    return lambda call: harm if call == number else None


def always(harm: Harm) -> Plan:
    """Every call is harmed."""
    return lambda _call: harm


ONCE: Mapping[str, Harm] = {
    "cut": Cut(),
    "answer_lost": Lose(),
    "answer_torn": Lose(after=3000),
    "aborted": Refuse(ABORTED),
    "exhausted": Refuse(RESOURCE_EXHAUSTED),
    "internal": Refuse(INTERNAL),
    "unavailable": Refuse(UNAVAILABLE),
    "unknown": Refuse(UNKNOWN),
    "cancelled": Refuse(CANCELLED),
    "deadline": Refuse(DEADLINE_EXCEEDED),
    "denied": Deny(DEADLINE_EXCEEDED),
    "denied_unknown": Deny(UNKNOWN),
}
"""What may happen to one call and be over with the next."""
