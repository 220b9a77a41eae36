"""Why a signed report is refused; nothing is stored then.

Refusal
├── NotAllowed        not a validator of this subnet that may report, or another's uid
├── TooLarge          the body would not fit into an event
├── Replayed          the nonce was used for another body
├── EpochBackwards    an earlier epoch than the last report's
└── TooFast           carries when to come back
    ├── RateLimited       too many reports within a minute
    ├── OverBudget        too many bytes of reports
    └── TooManyRefused    too many refused or repeated requests within a minute
"""

from __future__ import annotations

REASONS = {
    "not_registered": "this hotkey is not registered on this subnet, as of at most a minute ago",
    "no_permit": "this hotkey has no validator permit",
    "stake_below_minimum": "the stake of this hotkey is below the minimum",
    "disabled": "the operator has disabled this validator",
    "validator_uid_mismatch": "this hotkey is another validator than the body says",
}
"""Why a signer may not report: code → words."""


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The report is refused; nothing was stored."""


class NotAllowed(Refusal):
    """The signer may not report, or not as this validator; `code` says why."""

    def __init__(self, code: str) -> None:
        """`code` is a key of `REASONS`."""
        self.code = code
        super().__init__(REASONS[code])


class TooLarge(Refusal):
    """The compressed body is larger than an event may carry."""


class Replayed(Refusal):
    """The nonce was used before, for another body."""


class EpochBackwards(Refusal):
    """The last report of this validator was about a later epoch."""


class TooFast(Refusal):
    """Not now; `retry_after` says in how many seconds."""

    def __init__(self, rule: str, retry_after: float) -> None:
        """`rule` is what was overstepped."""
        self.retry_after = retry_after
        super().__init__(f"{rule}; wait {retry_after:.1f} s")


class RateLimited(TooFast):
    """Too many reports."""


class OverBudget(TooFast):
    """Too many bytes: what reports take in memory is what they are long."""


class TooManyRefused(TooFast):
    """Too many requests that were refused or repeated: the next ones are not even read."""
