"""What the use cases need from the world, and the errors that the world may answer with.

StoreError
├── AlreadyExists    this id was written before
├── Conflict         somebody else wrote first; read again
└── Unavailable      the store is not answering; nothing is known to be written
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.domain.registry import Overrides, Registry
from shared.domain.reports import Report
from shared.service.chapters import Chapter

RETENTION = 7 * 86_400.0
"""Seconds that reports and closed rounds are kept."""


class StoreError(Exception):
    """The store did not do what was asked."""


class AlreadyExists(StoreError):  # noqa: N818 - a fact, not a fault
    """A document with this id is there already; nothing was written."""


class Conflict(StoreError):  # noqa: N818 - a fact, not a fault
    """The document changed since it was read; nothing was written."""


class Unavailable(StoreError):  # noqa: N818 - a state
    """The store did not answer in time; whether a write took effect is unknown."""


@dataclass(frozen=True, slots=True)
class SignedReport:
    """A report as it is kept: the exact signed bytes and what is needed to verify them again.

    Times are seconds since 1970, UTC.
    """

    report_id: str
    nonce: str
    validator_uid: int
    hotkey: str
    epoch: int
    signed_at: float
    received_at: float
    miner_count: int
    content_type: str
    body: bytes
    body_sha256: str
    """Lowercase hex of the SHA-256 of `body`."""
    signature: Mapping[str, str]
    """Signature headers, method and signed path, by name."""
    recent: tuple[float, ...]
    """`received_at` of this validator's last reports, this one last: its rate limit's memory."""
    expire_at: float
    """When the store may forget it."""
    debt: int = 0
    """Bytes of this validator's reports, this one's among them, that its budget has not drained."""
    stored_at: float | None = None
    """When the store committed it, by the store's clock; None before it was stored."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A body that a hotkey has signed, checked; only the signature adapters make one."""

    scheme: str
    """`btauth/1 sr25519`, `btauth/1 ed25519` or `epistula/2`."""
    hotkey: str
    nonce: str
    """Begins with the nanoseconds of signing; unique per request of a hotkey."""
    signed_at: float
    """Seconds since 1970, UTC."""
    body: bytes
    body_sha256: str
    """Lowercase hex."""
    kept: Mapping[str, str]
    """What it takes to verify again beside the body: signature headers, `method` and `target`."""


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """The document `consensus/current`: what decides the next recompute, and the payload."""

    version: int
    computed_at: float
    watermark: float
    """Greatest `received_at` that was ever included."""
    inputs: tuple[str, ...]
    """Ids of the reports that hold a vote or belong to a round still open, ascending."""
    last_round: int
    """Last closed round that left a document; −1 before the first."""
    last_round_hash: str
    """SHA-256 hex of that round's payload; "" before the first."""
    closed_through: int
    """All rounds up to this one are closed, the empty ones without a document."""
    total_reports: int
    """Reports accepted since the subnet began."""
    total_observations: int
    """Miner statuses in them."""
    latency_ms: float | None
    """Mean time from receipt to visibility of the reports that came newest, milliseconds."""
    payload: bytes
    """Compressed JSON for readers: see `shared.service.snapshots`."""
    announced: int = 0
    """Version of the last snapshot, up to this one, of which consumers were told something."""
    revision: Any = None
    """The store's token for the precondition of the next save."""


@dataclass(frozen=True, slots=True)
class StoredRound:
    """The document `rounds/{round}`: one closed round, never changed."""

    round: int
    payload: bytes
    """Compressed JSON: memory, inputs, registry, policy, result digest, previous hash."""
    payload_sha256: str
    previous_hash: str
    expire_at: float
    chapter: bytes = b""
    """Figures for history, outside the chain of hashes: see `shared.service.chapters`."""


@dataclass(frozen=True, slots=True)
class StoredRegistry:
    """The registry as it is kept, and what it takes to replace a part that nobody else changed."""

    registry: Registry | None
    """With its overrides; None where only those, or nothing, was written yet."""
    overrides: Overrides
    revision: Any
    """The store's token of `registry/current`; None if there is no such document."""
    overrides_revision: Any
    """The same of `registry/overrides`."""

    @property
    def block(self) -> int | None:
        """Block of the chain that is kept; None after an import, and before the first sync."""
        return self.registry.block if self.registry else None


class ReportLog(Protocol):
    """`validator_reports`: append-only. Every method may raise `Unavailable`."""

    def create(self, netuid: int, report: SignedReport) -> None:
        """Keep a new report; raises `AlreadyExists` when its id is taken."""

    def get(self, netuid: int, report_id: str) -> SignedReport | None:
        """The stored report with this id (1 read)."""

    def latest_of(self, netuid: int, hotkey: str) -> SignedReport | None:
        """The report of this validator that was received last, without its body (1 read)."""

    def load(self, netuid: int, report_ids: Sequence[str]) -> list[Report]:
        """These reports, parsed; ids that are gone are left out (1 read each)."""

    def count(self, netuid: int, start: float, end: float) -> int:
        """How many reports were received from `start` to before `end` (1 read per 1,000)."""

    def originals(self, netuid: int, report_ids: Sequence[str]) -> Iterator[SignedReport]:
        """These reports as they were signed, one after the other, in any order; ids that are gone
        are left out (1 read each).
        """

    def since(self, netuid: int, received_at: float) -> list[Report]:
        """All reports received at or after this time, parsed (1 read each)."""


class SnapshotStore(Protocol):
    """`consensus/current` and the chain of rounds. Every method may raise `Unavailable`."""

    def load(self, netuid: int) -> StoredSnapshot | None:
        """The current snapshot with its revision (1 read)."""

    def load_round(self, netuid: int, round_number: int) -> StoredRound | None:
        """A closed round (1 read)."""

    def load_chapter(self, netuid: int, round_number: int) -> Chapter:
        """The chapter in a closed round's document; empty where there is none (1 read)."""

    def save(
        self,
        netuid: int,
        snapshot: StoredSnapshot,
        rounds: Iterable[StoredRound],
        revision: Any,
    ) -> Any:
        """Write snapshot and rounds in one batch and give the new revision.

        `revision` is that of the snapshot which this one replaces, None if there was none; raises
        `Conflict`, with nothing written, if somebody else wrote in between.
        """


class RegistryStore(Protocol):
    """`registry/current` and `registry/overrides`. Every method may raise `Unavailable`."""

    def load(self, netuid: int) -> Registry | None:
        """The registry with its overrides (2 reads)."""

    def read(self, netuid: int) -> StoredRegistry:
        """The same with the revisions of both documents, for who will change one (2 reads)."""

    def save(self, registry: Registry) -> None:
        """Replace `registry/current`, whatever it is; the overrides stay (1 write)."""

    def replace(self, registry: Registry, revision: Any) -> None:
        """Replace `registry/current` of this revision, None if there was none (1 write).

        Raises `Conflict`, with nothing written, if somebody else wrote in between.
        """

    def save_overrides(self, netuid: int, overrides: Overrides, revision: Any = None) -> None:
        """Replace `registry/overrides` of this revision, None if there was none (1 write).

        Raises `Conflict`, with nothing written, if somebody else wrote in between.
        """


class Clock(Protocol):
    """Where `now` comes from."""

    def __call__(self) -> float:
        """Seconds since 1970, UTC."""
