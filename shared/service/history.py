"""History: how one miner or one validator did, round after round, from the closed rounds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shared.service.chapters import Chapter, MinerFigures, Page, ValidatorFigures
from shared.service.ports import SnapshotStore
from shared.service.times import rfc3339

MOST_ROUNDS = 256
"""Longest history that is answered: 16 full chapters and the one being written."""
CACHED_CHAPTERS = 64
"""Full chapters never change, so an instance keeps the last ones it has read."""

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """The use case. Thread-safe; may raise `Unavailable`."""

    snapshots: SnapshotStore
    _full: dict[tuple[int, int], Chapter] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of_miner(self, netuid: int, last_round: int, uid: int, rounds: int) -> Answer:
        """The last `rounds` closed rounds of the miner that is at the uid now, oldest first.

        Whoever was at the uid before is another miner and is left out. 1 read per 16 rounds.
        """
        pages = self._pages(netuid, last_round, rounds)
        found = [(page, page.miners[uid]) for page in pages if uid in page.miners]
        return {"success": True, "miner_uid": uid, "rounds": _same(found, _miner)}

    def of_validator(self, netuid: int, last_round: int, uid: int, rounds: int) -> Answer:
        """The same of the validator that is at the uid now."""
        pages = self._pages(netuid, last_round, rounds)
        found = [(page, page.validators[uid]) for page in pages if uid in page.validators]
        return {"success": True, "validator_uid": uid, "rounds": _same(found, _validator)}

    def _pages(self, netuid: int, last_round: int, rounds: int) -> list[Page]:
        """The last pages, newest first."""
        found: list[Page] = []
        for chapter in self._chapters(netuid, last_round):
            found += reversed(chapter.pages)
            if len(found) >= rounds:
                break
        return found[:rounds]

    def _chapters(self, netuid: int, number: int) -> Iterator[Chapter]:
        """The chapter so far, and those before it, which are complete."""
        if number >= 0:
            chapter = self.snapshots.load_chapter(netuid, number)
            yield chapter
            while chapter.before >= 0:
                chapter = self._complete(netuid, chapter.before)
                yield chapter

    def _complete(self, netuid: int, number: int) -> Chapter:
        known = self._full.get((netuid, number))
        if known is None:
            known = self.snapshots.load_chapter(netuid, number)
            self._keep(netuid, number, known)
        return known

    def _keep(self, netuid: int, number: int, chapter: Chapter) -> None:
        with self._lock:
            while len(self._full) >= CACHED_CHAPTERS:
                del self._full[next(iter(self._full))]
            self._full[netuid, number] = chapter


def _same(found: list[tuple[Page, Any]], answer: Any) -> list[Answer]:
    """Oldest first, of the hotkey that came last."""
    if not found:
        return []
    hotkey = found[0][1].hotkey
    return [
        {"round": page.round, "ended_at": rfc3339(page.ended_at), **answer(figures)}
        for page, figures in reversed(found)
        if figures.hotkey == hotkey
    ]


def _miner(figures: MinerFigures) -> Answer:
    return {
        "state": figures.state,
        "consensus_confidence": figures.confidence,
        "performance_score": figures.performance,
        "is_serving": figures.is_serving,
        "conflicts": figures.conflicts,
    }


def _validator(figures: ValidatorFigures) -> Answer:
    return {
        "agreement": figures.agreement,
        "participation": figures.participation,
        "reputation": figures.reputation,
    }
