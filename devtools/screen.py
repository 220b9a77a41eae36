"""What the demo shows: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from devtools.adversaries import worst
from devtools.findings import has_quorum
from devtools.reporting import Reporting
from devtools.simulation import Condition, Subnet

COLOURS = {
    "consensus": "green",
    "disputed": "red",
    "pending": "yellow",
    "fallback": "yellow",
    "stale": "dim",
}
FRAME_LINES = 7
"""Lines of a frame that are not miners."""


@dataclass(frozen=True, slots=True)
class Row:
    """One miner: what is true and what the validators agree on."""

    uid: int
    truth: Condition
    plain_mean: float | None
    answer: Mapping[str, Any] | None
    """The miner in `GET /api/v1/miners/network-status`; None before the first report."""
    praised: bool

    @property
    def error(self) -> float | None:
        """Distance of the consensus from the truth."""
        return _distance(self.answer.get("performance_score") if self.answer else None, self.truth)

    @property
    def plain_error(self) -> float | None:
        """Distance of the plain mean from the truth."""
        return _distance(self.plain_mean, self.truth)

    @property
    def state(self) -> str:
        """Its state; "unknown" before the first report."""
        return str(self.answer["state"]) if self.answer else "unknown"


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of the demo."""

    time: float
    """Seconds since ready."""
    rounds: int
    """Rounds of reports posted so far."""
    rows: Sequence[Row]
    validators: Mapping[int, str]
    """uid → what it does now, in a word."""
    active: int
    """Validators that count, by the latest consensus."""
    accepted: int
    refused: Mapping[str, int]
    news: str = ""
    tasks: str = ""
    """What became of the tasks, in a line."""

    def summary(self) -> str:
        """The moment in a line."""
        settled = sum(has_quorum(row.answer) for row in self.rows if row.answer)
        return (
            f"{self.time:4.0f} s  {self.rounds:2d} rounds: {settled}/{len(self.rows)} miners with a"
            f" quorum, {count_states(self.rows)}; error {_mean(row.error for row in self.rows)}"
            f" (plain mean {_mean(row.plain_error for row in self.rows)});"
            f" {self.active} validators count; {self.accepted} reports accepted"
            + self._refusals()
            + (f"; {self.tasks}" if self.tasks else "")
        )

    def _refusals(self) -> str:
        """How many reports were refused, and why most of them."""
        if not self.refused:
            return ""
        why = max(self.refused, key=lambda reason: self.refused[reason])
        return f", {sum(self.refused.values())} refused ({why})"


def rows_of(subnet: Subnet, reporting: Reporting, answer: Mapping[str, Any]) -> list[Row]:
    """Every miner of the subnet as the service answers about it."""
    answers = {miner["uid"]: miner for miner in answer["miners"]}
    praised = worst(subnet.truth)
    return [
        Row(uid, truth, reporting.plain_mean(uid), answers.get(uid), uid in praised)
        for uid, truth in subnet.truth.items()
    ]


def frame_of(
    time: float,
    subnet: Subnet,
    reporting: Reporting,
    rows: Iterable[Row],
    answer: Mapping[str, Any],
) -> Frame:
    """The moment of an answer, the miners that a liar praises first."""
    return Frame(
        time=time,
        rounds=reporting.completed,
        rows=sorted(rows, key=lambda row: (not row.praised, row.uid)),
        validators={v.uid: "lies" if v.lie else "●" for v in subnet.validators},
        active=answer["consensus_stats"]["active_validators"],
        accepted=reporting.accepted,
        refused=dict(reporting.refused),
    )


class Screen:
    """Shows frames, as the terminal allows."""

    def __init__(self, console: Console | None = None) -> None:
        """`console` is the standard output by default."""
        self._console = console or Console()
        self._live = Live(console=self._console, auto_refresh=False) if self._is_live else None
        self._shown = (0, "")

    @property
    def _is_live(self) -> bool:
        return self._console.is_terminal and not self._console.is_dumb_terminal

    def __enter__(self) -> Self:
        """Begin the live display, where there is one."""
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last frame standing."""
        if self._live:
            self._live.stop()

    def show(self, frame: Frame) -> None:
        """Redraw, or print a line when a round or the news is new."""
        if self._live:
            places = max(3, self._console.height - FRAME_LINES)
            self._live.update(picture(frame, places), refresh=True)
        elif self._shown != (frame.rounds, frame.news):
            self._shown = (frame.rounds, frame.news)
            print(frame.summary() + (f"; {frame.news}" if frame.news else ""), flush=True)


def picture(frame: Frame, places: int) -> Group:
    """The frame as a table of at most `places` miners, the rest summed up."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("uid", "truth", "consensus", "error", "mean", "confidence", "serving"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("conflicts")  # the one that gives way in a narrow terminal
    shown = frame.rows if len(frame.rows) <= places else frame.rows[: places - 1]
    for row in shown:
        table.add_row(*_cells(row))
    hidden = frame.rows[len(shown) :]
    rest = Text(f"… {len(hidden)} more: {count_states(hidden)}", "dim") if hidden else Text()
    words = "  ".join(f"{uid} {word}" for uid, word in frame.validators.items())
    refused = "".join(f"\nrefused {times} ×: {why}" for why, times in frame.refused.items())
    lines = (Text(frame.summary(), "bold"), Text(f"validators  {words}"), Text(frame.news, "bold"))
    return Group(*lines, table, rest, *([Text(refused, "red")] if refused else []))


def _cells(row: Row) -> tuple[str | Text, ...]:
    uid = f"▲{row.uid}" if row.praised else str(row.uid)
    truth = f"{row.truth.performance:.2f}"
    if row.answer is None:
        return (uid, truth, "", "", _two(row.plain_mean), "", "", Text(row.state, "dim"), "")
    conflicts = (f"{c['field']}: {c['kind']}" for c in row.answer["conflicts_detected"])
    return (
        uid,
        truth,
        _two(row.answer.get("performance_score")),
        _two(row.error),
        _two(row.plain_mean),
        f"{row.answer['consensus_confidence']:.2f}",
        f"{_sign(row.truth.serving)} {_sign(row.answer.get('is_serving'))}",
        Text(row.state, COLOURS.get(row.state, "")),
        Text(", ".join(conflicts), no_wrap=True, overflow="ellipsis"),
    )


def count_states(rows: Iterable[Row]) -> str:
    """How many miners are in which state: "60 consensus, 4 disputed"."""
    counts = Counter(row.state for row in rows)
    return ", ".join(f"{number} {state}" for state, number in counts.most_common())


def _mean(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{fmean(known):.3f}" if known else "–"


def _distance(value: float | None, truth: Condition) -> float | None:
    return None if value is None else abs(value - truth.performance)


def _two(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _sign(value: bool | None) -> str:
    return "?" if value is None else "✔" if value else "✘"
