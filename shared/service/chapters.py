"""What history keeps of closed rounds: a few figures each, gathered in chapters.

Each round's document carries the chapter so far: its own figures and those of up to 15 closed
rounds before it, so that a long history is read from few documents. A full chapter ends; the next
one names the round in whose document it is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared.domain.results import MinerResult
from shared.domain.standing import Standing
from shared.service.encoding import pack, unpack

LENGTH = 16
"""Rounds in a full chapter."""
MOST_ROWS = 8 * (1024 + 64)
"""Miners and validators in all of its rounds: of a large subnet fewer rounds make it full."""
PREFIX = 8
"""Characters of a hotkey that are kept, to know who was at a uid."""


@dataclass(frozen=True, slots=True)
class MinerFigures:
    """One miner at the end of one round."""

    hotkey: str
    """Its first eight characters; "" if none was known."""
    state: str
    confidence: float
    performance: float | None
    is_serving: bool | None
    conflicts: int


@dataclass(frozen=True, slots=True)
class ValidatorFigures:
    """One validator at the end of one round."""

    hotkey: str
    agreement: float | None
    participation: float
    reputation: float | None
    """None until a round was closed with a report of it."""


@dataclass(frozen=True, slots=True)
class Page:
    """One closed round."""

    round: int
    ended_at: float
    """Seconds since 1970, UTC."""
    miners: Mapping[int, MinerFigures]
    validators: Mapping[int, ValidatorFigures]

    @property
    def rows(self) -> int:
        """How many miners and validators it is about."""
        return len(self.miners) + len(self.validators)


@dataclass(frozen=True, slots=True)
class Chapter:
    """Up to 16 closed rounds that follow each other, ascending."""

    before: int = -1
    """The round whose document holds the chapter before; −1: there is none."""
    pages: tuple[Page, ...] = ()

    def with_page(self, page: Page) -> Chapter:
        """The chapter after one more round: this one continued, or a new one."""
        continued = (*self.pages, page)
        rows = sum(each.rows for each in continued)
        if not self.pages or (len(continued) <= LENGTH and rows <= MOST_ROWS):
            return Chapter(self.before, continued)
        return Chapter(self.pages[-1].round, (page,))

    @property
    def previous(self) -> int:
        """The closed round before the last one; −1: there is none."""
        return self.pages[-2].round if len(self.pages) > 1 else self.before


NO_CHAPTER = Chapter()


def miner_figures(miner: MinerResult) -> MinerFigures:
    """What history keeps of a result."""
    performance = miner.values.get("performance_score")
    return MinerFigures(
        hotkey=(miner.hotkey or "")[:PREFIX],
        state=miner.state,
        confidence=round(miner.confidence, 3),
        performance=round(performance, 3) if performance is not None else None,
        is_serving=miner.values.get("is_serving"),
        conflicts=len(miner.conflicts),
    )


def validator_figures(standing: Standing) -> ValidatorFigures:
    """What history keeps of a standing."""
    agreement = standing.agreement
    return ValidatorFigures(
        hotkey=standing.hotkey[:PREFIX],
        agreement=round(agreement, 3) if agreement is not None else None,
        participation=round(standing.participation, 3),
        reputation=round(standing.reputation, 3) if standing.reputation is not None else None,
    )


def encode_chapter(chapter: Chapter) -> bytes:
    """Compressed JSON; figures by column, because like values next to each other compress well."""
    return pack({"before": chapter.before, "pages": [_plain(page) for page in chapter.pages]})


def decode_chapter(data: bytes) -> Chapter:
    """Undo `encode_chapter`; nothing, as in documents older than history, is an empty chapter."""
    if not data:
        return NO_CHAPTER
    plain = unpack(data)
    return Chapter(plain["before"], tuple(_page(page) for page in plain["pages"]))


def _plain(page: Page) -> dict[str, Any]:
    return {
        "round": page.round,
        "ended_at": page.ended_at,
        "miners": _columns(page.miners),
        "validators": _columns(page.validators),
    }


def _page(plain: Mapping[str, Any]) -> Page:
    return Page(
        round=plain["round"],
        ended_at=plain["ended_at"],
        miners={uid: MinerFigures(**row) for uid, row in _rows(plain["miners"])},
        validators={uid: ValidatorFigures(**row) for uid, row in _rows(plain["validators"])},
    )


def _columns(figures: Mapping[int, MinerFigures] | Mapping[int, ValidatorFigures]) -> Any:
    rows = [{"uid": uid, **asdict(figures[uid])} for uid in sorted(figures)]
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def _rows(columns: Mapping[str, list[Any]]) -> list[tuple[int, dict[str, Any]]]:
    names = [name for name in columns if name != "uid"]
    by_row = zip(*(columns[name] for name in names), strict=True)
    return [
        (uid, dict(zip(names, row, strict=True)))
        for uid, row in zip(columns.get("uid", []), by_row, strict=True)
    ]
