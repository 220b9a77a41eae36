"""Following the consensus by its updates, and reading it anew where one may have been missed.

The rules are those of the service's `docs/streaming.md`; nothing here does I/O.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from quorate_client.exchange import Call, Called, Exchange, Wait

logger = logging.getLogger("quorate_client")

Content = dict[str, Any]
Read = Callable[[], Exchange[tuple[int, list[Content]]]]
"""Reads all miners: version of the snapshot, and its rows."""

UNPUBLISHED = frozenset(
    {
        "availability_score",
        "is_active",
        "last_seen",
        "last_updated",
        "last_reported_by_validator",
        "epoch",
        "validator_reports_count",
    }
)
"""What a read says of a miner and an update does not."""
FRESH_AFTER = 1.0
"""Seconds after which a read that was older than its update is tried again."""
TRIES = 10
"""Caches keep an answer for five seconds; the next update shows whether this was enough."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the miners, and all that is known of them then."""

    kind: Literal["changes", "read"]
    """`read`: all miners were read anew, at the beginning or after a gap."""
    version: int
    """Of the snapshot that this leads to."""
    miners: Mapping[int, Content]
    """uid → every miner as it is published: values, state, confidence, validators, conflicts."""
    changed: tuple[int, ...]
    """uids of the miners that the change told of; after a read all of them."""
    removed: tuple[int, ...]
    """uids that were known before and are no longer."""


@dataclass(frozen=True, slots=True)
class Update:
    """One message of the topic."""

    netuid: int
    kind: str
    version: int
    previous_version: int
    miners: tuple[Content, ...]
    removed: tuple[int, ...]


def update_of(data: bytes) -> Update | None:
    """The update in a message's data; None, and a log line, for what is none."""
    try:
        content = json.loads(data)
        return Update(
            netuid=int(content["netuid"]),
            kind=str(content["kind"]),
            version=int(content["version"]),
            previous_version=int(content["previous_version"]),
            miners=tuple({**miner, "uid": int(miner["uid"])} for miner in content["miners"]),
            removed=tuple(map(int, content["removed"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        logger.warning("a message that is no update is left out: %r", error)
        return None


@dataclass(slots=True)
class Follower:
    """Where one consumer stands."""

    netuid: int
    version: int | None = None
    """None before the first read."""
    miners: dict[int, Content] = field(default_factory=dict)
    inbox: deque[bytes] = field(default_factory=deque)
    """Data of messages that were received and not looked at."""

    def next(self, read: Read, pull: Callable[[], Any]) -> Exchange[Change]:
        """The exchange that ends with the next change; `pull` gives some messages' data."""
        if self.version is None:
            return (yield from self._read(read, at_least=0))
        while True:
            while not self.inbox:
                outcome = yield Call(pull)
                self.inbox.extend(outcome.value if isinstance(outcome, Called) else ())
            update = update_of(self.inbox.popleft())
            if update is None or update.netuid != self.netuid or update.version <= self.version:
                continue
            if update.kind == "changes" and update.previous_version == self.version:
                return self._take(update)
            return (yield from self._read(read, at_least=update.version))

    def _take(self, update: Update) -> Change:
        self.version = update.version
        self.miners.update((miner["uid"], miner) for miner in update.miners)
        for uid in update.removed:
            self.miners.pop(uid, None)
        changed = tuple(miner["uid"] for miner in update.miners)
        return self._change("changes", changed, update.removed)

    def _read(self, read: Read, at_least: int) -> Exchange[Change]:
        version, rows = yield from read()
        for _ in range(TRIES):
            if version >= at_least:
                break
            yield Wait(FRESH_AFTER)
            version, rows = yield from read()
        self.version, before = version, self.miners
        self.miners = {row["uid"]: _as_published(row) for row in rows}
        removed = tuple(sorted(before.keys() - self.miners.keys()))
        return self._change("read", tuple(sorted(self.miners)), removed)

    def _change(
        self, kind: Literal["changes", "read"], changed: Iterable[int], removed: Iterable[int]
    ) -> Change:
        version = self.version or 0
        return Change(kind, version, dict(self.miners), tuple(changed), tuple(removed))


def _as_published(row: Content) -> Content:
    kept = {name: value for name, value in row.items() if name not in UNPUBLISHED}
    conflicts = [{"field": c["field"], "kind": c["kind"]} for c in row["conflicts_detected"]]
    return {**kept, "conflicts_detected": conflicts}
