"""Everything that can go wrong, one class per reason.

QuorateError
├── UnusableStatuses      what was to be reported breaks a rule that is known here; nothing was sent
├── Unreachable           no answer: name, connection, TLS or timeout
├── UnexpectedAnswer      an answer that is not the service's
├── NoMiner               nobody is free for a task
├── AllFailed             every miner that was asked failed; `failures` says how
├── Unwatchable           changes cannot be followed: no subscription, or no library for it
└── Refused               the service said no, and why
    ├── Malformed         400
    ├── Unauthorized      401
    │   ├── Stale             the clocks of both sides differ too much
    │   ├── WrongReceiver     the report must be bound to the service's hotkey
    │   ├── BadSignature      another key, path or body than was signed
    │   └── KeyRefused        an API key is missing or unknown
    ├── Forbidden         403
    │   ├── NotRegistered
    │   ├── NoPermit
    │   ├── StakeBelowMinimum
    │   ├── Disabled
    │   ├── ForeignUid        `validator_uid` belongs to another hotkey
    │   └── ScopeMissing      the API key is for other things
    ├── NotFound          404
    │   ├── UnknownSubnet
    │   ├── UnknownMiner
    │   └── UnknownAssignment
    ├── TooSlow           408; the same request may be faster the next time
    ├── Replayed          409
    ├── EpochBackwards    409
    ├── TooLarge          413
    ├── Invalid           422; `problems` points at each field
    ├── RateLimited       429; `retry_after` seconds
    └── Unavailable       500, 502, 503, 504
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class QuorateError(Exception):
    """The root: catch this around a report, and a validator's loop goes on."""


class UnusableStatuses(QuorateError, ValueError):  # noqa: N818 - a fact about the input
    """The statuses break a rule that is known before sending; nothing was sent."""


class Unreachable(QuorateError):  # noqa: N818 - a state of the network
    """No answer came; whether a report was kept is unknown, sending it again is safe."""


class UnexpectedAnswer(QuorateError):  # noqa: N818 - a fact about the answer
    """Somebody answered, but not as the service does: a wrong URL, a proxy's page."""


class NoMiner(QuorateError):  # noqa: N818 - a state of the network
    """Nobody is free for this task, or nobody is known to serve; ask again later."""


class AllFailed(QuorateError):  # noqa: N818 - what became of a task
    """Every miner that was asked failed; the last one's error is the cause."""

    def __init__(self, failures: Sequence[tuple[Any, Exception]]) -> None:
        """`failures` are the miners that were asked, in order, and what asking each raised."""
        self.failures = tuple(failures)
        super().__init__(
            "; ".join(f"miner {m.uid}: {type(e).__name__}: {e}" for m, e in self.failures)
        )


class Unwatchable(QuorateError):  # noqa: N818 - a state of the installation
    """Changes cannot be followed: the library, the topic or the right to subscribe is missing."""


class Refused(QuorateError):  # noqa: N818 - the service's word
    """The service refused; nothing was stored."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float | None) -> None:
        """Keep the answer's parts; the message is the service's own, and each problem once."""
        self.status = status
        self.code = str(problem.get("code", ""))
        self.detail = str(problem.get("detail") or problem.get("title") or f"HTTP {status}")
        self.problems: list[dict[str, Any]] = list(problem.get("errors") or ())
        self.retry_after = retry_after
        super().__init__("; ".join([self.detail, *_unsaid(self.detail, self.problems)]))


class Malformed(Refused):
    """The request could not be read."""


class Unauthorized(Refused):
    """The signature is missing, stale or bad, or a key is."""


class Stale(Unauthorized):
    """Signed too long ago, or in the future: set the clock."""


class WrongReceiver(Unauthorized):
    """Not bound to this service's hotkey: pass `receiver`."""


class BadSignature(Unauthorized):
    """The signature is not this hotkey's for this path and body: something rewrote the request."""


class KeyRefused(Unauthorized):
    """This endpoint wants an API key, and the one that was sent, if any, is not one of its own."""


class Forbidden(Refused):
    """The signer may not report, or not as that validator."""


class NotRegistered(Forbidden):
    """The hotkey is not in the subnet's registry."""


class NoPermit(Forbidden):
    """The hotkey has no validator permit."""


class StakeBelowMinimum(Forbidden):
    """The hotkey has too little stake to report."""


class Disabled(Forbidden):
    """An operator disabled this hotkey."""


class ForeignUid(Forbidden):
    """The validator_uid is not the one at which this hotkey is registered."""


class ScopeMissing(Forbidden):
    """The API key is known, but not for this: `dispatch` for tasks, `audit` for every vote."""


class NotFound(Refused):
    """No such page."""


class UnknownSubnet(NotFound):
    """The service does not serve this netuid."""


class UnknownMiner(NotFound):
    """Nobody reported on this uid."""


class UnknownAssignment(NotFound):
    """No such assignment, or it is forgotten by now."""


class TooSlow(Refused):
    """The body came so slowly that the service stopped reading."""


class Replayed(Refused):
    """Another report of this validator used this nonce."""


class EpochBackwards(Refused):
    """A report of the last hour had a greater epoch."""


class TooLarge(Refused):
    """The report is larger than the service takes."""


class Invalid(Refused):
    """A field breaks a rule; `problems` has a pointer, code and detail for each."""


class RateLimited(Refused):
    """Too many reports; `retry_after` says for how many seconds."""


class Unavailable(Refused):
    """The service cannot answer now."""


_OF_STATUS: dict[int, type[Refused]] = {
    400: Malformed,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    408: TooSlow,
    409: Replayed,
    413: TooLarge,
    422: Invalid,
    429: RateLimited,
    500: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}
_OF_CODE: dict[str, type[Refused]] = {
    "signature_stale": Stale,
    "signature_receiver": WrongReceiver,
    "signature_invalid": BadSignature,
    "key_missing": KeyRefused,
    "key_unknown": KeyRefused,
    "not_registered": NotRegistered,
    "no_permit": NoPermit,
    "stake_below_minimum": StakeBelowMinimum,
    "disabled": Disabled,
    "validator_uid_mismatch": ForeignUid,
    "scope_missing": ScopeMissing,
    "unknown_subnet": UnknownSubnet,
    "unknown_miner": UnknownMiner,
    "unknown_assignment": UnknownAssignment,
    "epoch_backwards": EpochBackwards,
}


def refusal(status: int, problem: Mapping[str, Any], retry_after: float | None) -> Refused:
    """The error of an answer: by the reason that it names, else by its status."""
    kind = _OF_CODE.get(str(problem.get("code"))) or _OF_STATUS.get(status, Refused)
    return kind(status, problem, retry_after)


def _unsaid(detail: str, problems: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each problem as a sentence; without the first where the detail ends with it."""
    sentences = [(str(p.get("pointer", "")), p.get("detail", p.get("code", ""))) for p in problems]
    said = bool(sentences) and detail.endswith(" ".join(map(str, sentences[0])))
    return [f"{pointer}: {what}" for pointer, what in sentences[said:]]
