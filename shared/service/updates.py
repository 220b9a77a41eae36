"""What consumers hear of new snapshots: which miners changed, in order, at least once.

A consumer that stands at version p takes an update whose `previous_version` is p, drops one whose
version is not above p, and reads the whole snapshot after anything else, a `resync` included. No
update is made when nothing changed.

Nothing is written to remember what was published. A snapshot says with which version consumers
were last told something (`announced`); if that is its own version, only the instance that wrote it
can know whether they heard, and any other tells them to resynchronise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from shared.domain.results import MinerResult, Resolution
from shared.service.encoding import digest
from shared.service.ports import StoredSnapshot
from shared.service.snapshots import decode_payload

TOPIC = "consensus-updates"
DIGITS = 3
"""Decimals with which numbers are published."""
NEWS = 0.01
"""By how much, absolute and relative, a number must differ from what consumers know."""
NEWS_OF_CONFIDENCE = 0.05
"""The same for a confidence, which fades a little with every second."""
NO_NEWS = frozenset({"last_seen"})
"""Fields that change with time even when nothing happens."""

Form = dict[str, Any]
"""A miner as it is published, in JSON types."""


class Unpublished(Exception):  # noqa: N818 - a fact, not a fault
    """The update may not have reached anybody."""


@dataclass(frozen=True, slots=True)
class Update:
    """One message."""

    netuid: int
    kind: Literal["changes", "resync"]
    """`resync`: changes may have been missed, so read the whole snapshot."""
    version: int
    previous_version: int
    """Version of the update before; 0 before the first."""
    snapshot_sha256: str
    """Lowercase hex of the stored payload's SHA-256."""
    computed_at: float
    """Seconds since 1970, UTC."""
    miners: tuple[Form, ...]
    """The miners that changed, uids ascending."""
    removed: tuple[int, ...]
    """uids of the miners that are remembered no longer."""


class Updates(Protocol):
    """Where updates go."""

    def publish(self, update: Update) -> None:
        """Deliver in the order of calls per subnet, at least once; raises `Unpublished`."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What there will be to say about a snapshot, decided before it is saved."""

    kind: Literal["changes", "resync", "nothing"]
    previous_version: int
    forms: Mapping[int, Form]
    """uid → what consumers will then know of every miner in the new snapshot."""
    changed: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()

    def announced(self, version: int) -> int:
        """What the snapshot of this version says of itself."""
        return self.previous_version if self.kind == "nothing" else version


@dataclass(frozen=True, slots=True)
class _Told:
    """What this instance knows that consumers know."""

    version: int
    saved: int
    """Version of the last snapshot that this instance saved or read it from."""
    forms: Mapping[int, Form]


@dataclass(frozen=True, slots=True)
class Announcer:
    """Prepares and publishes; calls for one subnet must not overlap."""

    updates: Updates
    _told: dict[int, _Told] = field(default_factory=dict)

    def prepare(
        self, netuid: int, stored: StoredSnapshot | None, resolution: Resolution
    ) -> Announcement:
        """What is new in `resolution`, which will follow the snapshot `stored`."""
        forms = {uid: form_of(miner) for uid, miner in resolution.miners.items()}
        told = self._known(netuid, stored)
        if told is None:
            return Announcement("resync", stored.announced if stored else 0, forms)
        changed = tuple(uid for uid, form in forms.items() if is_news(told.forms.get(uid), form))
        removed = tuple(uid for uid in told.forms if uid not in forms)
        kind: Literal["changes", "nothing"] = "changes" if changed or removed else "nothing"
        known = {uid: told.forms[uid] for uid in forms if uid not in changed}
        return Announcement(kind, told.version, {**forms, **known}, changed, removed)

    def publish(self, netuid: int, saved: StoredSnapshot, announcement: Announcement) -> bool:
        """Publish what was prepared, now that the snapshot is saved; False if that failed.

        After a failure the next snapshot, by a sweep if by nothing else, asks for a resync.
        """
        told = _Told(saved.announced, saved.version, announcement.forms)
        self._told.pop(netuid, None)
        if announcement.kind != "nothing":
            try:
                self.updates.publish(_update(netuid, saved, announcement))
            except Unpublished:
                return False
        self._told[netuid] = told
        return True

    def _known(self, netuid: int, stored: StoredSnapshot | None) -> _Told | None:
        """What consumers know before this; None where that is uncertain."""
        if stored is None:
            return _Told(0, 0, {})
        told = self._told.get(netuid)
        if told is not None and told.saved == stored.version:
            return told
        if stored.announced == stored.version:
            return None
        miners = decode_payload(stored.payload).resolution.miners
        forms = {uid: form_of(miner) for uid, miner in miners.items()}
        return _Told(stored.announced, stored.version, forms)


def is_news(known: Form | None, form: Form) -> bool:
    """Whether consumers that know a miner as `known` have to hear of `form`."""
    if known is None or known.keys() != form.keys():
        return True
    return any(_differ(name, known[name], value) for name, value in form.items())


def _differ(name: str, known: Any, value: Any) -> bool:
    if not (isinstance(known, float) and isinstance(value, float)):
        return bool(known != value)
    least = NEWS_OF_CONFIDENCE if name == "consensus_confidence" else NEWS
    return abs(value - known) >= max(least, NEWS * abs(known))


def form_of(miner: MinerResult) -> Form:
    """A miner as it is published."""
    values = {name: value for name, value in miner.values.items() if name not in NO_NEWS}
    return {
        **_rounded(values),
        "uid": miner.uid,
        "hotkey": miner.hotkey,
        "state": miner.state,
        "consensus_confidence": round(miner.confidence, DIGITS),
        "consensus_validators": list(miner.validators),
        "conflicts_detected": [{"field": c.field, "kind": c.kind} for c in miner.conflicts],
    }


def _rounded(values: Mapping[str, Any]) -> Form:
    return {
        name: round(value, DIGITS) if isinstance(value, float) else value
        for name, value in values.items()
    }


def _update(netuid: int, saved: StoredSnapshot, announcement: Announcement) -> Update:
    return Update(
        netuid=netuid,
        kind="resync" if announcement.kind == "resync" else "changes",
        version=saved.version,
        previous_version=announcement.previous_version,
        snapshot_sha256=digest(saved.payload),
        computed_at=saved.computed_at,
        miners=tuple(announcement.forms[uid] for uid in sorted(announcement.changed)),
        removed=tuple(sorted(announcement.removed)),
    )
