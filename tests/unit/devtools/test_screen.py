"""What the demo shows, on a terminal and elsewhere."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from devtools.screen import FRAME_LINES, Frame, Row, Screen, picture
from devtools.simulation import Condition

TRUTH = Condition(level=0.5, drift=0.0, serving=True, load=1, may_serve=True)


def row(uid: int, performance: float = 0.6, state: str = "consensus") -> Row:
    """A miner whose consensus is `performance` where 0.5 is true."""
    miner: dict[str, Any] = {
        "performance_score": performance,
        "state": state,
        "consensus_confidence": 0.9,
        "consensus_validators": [0, 1],
        "conflicts_detected": [{"field": "is_serving", "kind": "no_majority"}],
        "is_serving": True,
    }
    return Row(uid, TRUTH, 0.7, miner, praised=False)


def frame(miners: int, news: str = "") -> Frame:
    """A moment with so many miners, the last of them disputed."""
    rows = [*(row(uid) for uid in range(miners - 1)), row(miners - 1, state="disputed")]
    return Frame(12.0, 3, rows, {0: "●", 1: "lies"}, 2, 6, {}, news)


def drawn(shown: Frame, height: int, width: int = 120) -> list[str]:
    """The frame on a terminal of this size."""
    console = Console(file=io.StringIO(), width=width, height=height, record=True)
    console.print(picture(shown, height - FRAME_LINES))
    return console.export_text().splitlines()


def test_miners_beyond_the_terminal_are_summed_up() -> None:
    """The picture fits, and the last line counts the states of what is not seen."""
    lines = drawn(frame(64), height=24)

    assert len(lines) <= 24
    assert "… 48 more: 47 consensus, 1 disputed" in lines[-1]


def test_a_tall_terminal_shows_every_miner() -> None:
    """Nothing is summed up that has a line of its own."""
    lines = drawn(frame(5), height=40)

    assert sum("consensus" in line and "0.60" in line for line in lines) == 4
    assert not any("more" in line for line in lines)


def test_a_line_says_truth_consensus_error_and_conflicts() -> None:
    """All that is needed to see who is right."""
    (line,) = (line for line in drawn(frame(1), height=40) if "no_majority" in line)

    expected = "0 0.50 0.60 0.10 0.70 0.90 ✔ ✔ disputed is_serving: no_majority"
    assert expected == " ".join(line.split())


def test_a_narrow_terminal_cuts_conflicts_alone() -> None:
    """In 80 columns every heading and number stands whole, in one line."""
    lines = drawn(frame(3), height=24, width=80)
    [heading] = (line for line in lines if line.startswith("uid"))
    [disputed] = (line for line in lines if line.startswith("  2"))

    expected = "uid truth consensus error mean confidence serving state conflicts"
    assert expected == " ".join(heading.split())
    assert "2 0.50 0.60 0.10 0.70 0.90 ✔ ✔ disputed is_serving:…" == " ".join(disputed.split())


def test_a_line_says_why_most_reports_are_refused() -> None:
    """All of them are counted, and the reason that came most often is named."""
    refused = {"409 epoch_backwards: epoch 0 after 2": 4, "429 rate_limited: wait 3 s": 1}
    line = replace(frame(1), refused=refused).summary()

    assert line.endswith("5 refused (409 epoch_backwards: epoch 0 after 2)")


def test_elsewhere_a_line_is_printed_for_each_round_and_each_news(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A log of the demo is read as it happens, without control characters."""
    with Screen(Console(file=io.StringIO())) as screen:
        for shown in (frame(2), frame(2), frame(2, "validator 5 is silent"), frame(2)):
            screen.show(shown)
    printed = capsys.readouterr().out.splitlines()

    assert len(printed) == 3
    assert printed[0].startswith("  12 s   3 rounds: 2/2 miners with a quorum")
    assert printed[1].endswith("validator 5 is silent")


def test_errors_are_distances_from_the_truth() -> None:
    """Of the consensus and, beside it, of what a plain mean would say."""
    shown = row(1)

    assert shown.error == pytest.approx(0.1)
    assert shown.plain_error == pytest.approx(0.2)
