"""Real crowd labels through replay: QUORATE_DATA, or the data beside the checkout."""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path
from statistics import fmean

import pytest

from shared.domain.policy import Policy
from shared.service.replay import replay
from tests.unit.service.streams import votes_as_stream

BESIDE = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def sets() -> list[Path]:
    """Folders with label.csv (item, worker, label) and truth.csv (item, truth)."""
    data = Path(os.environ.get("QUORATE_DATA", BESIDE))
    found = sorted(path.parent for path in data.glob("labels/*/label.csv"))
    if not found:
        pytest.fail(f"no label sets in {data}/labels: set QUORATE_DATA", pytrace=False)
    return found


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def accuracies(folder: Path) -> tuple[float, float]:
    """Of replay and of counting heads, the truth of a tie counted as half."""
    votes = [
        (int(item), int(worker), f"class {name}")
        for item, worker, name in rows(folder / "label.csv")
    ]
    truth = {int(item): f"class {name}" for item, name in rows(folder / "truth.csv")}
    (answer,) = replay(votes_as_stream(votes), Policy())
    tallies: dict[int, Counter[str]] = {}
    for item, _, label in votes:
        tallies.setdefault(item, Counter())[label] += 1
    known = [item for item in truth if item in tallies]
    right = [answer["miners"][str(item)]["label"] == truth[item] for item in known]
    counted = [heads(tallies[item], truth[item]) for item in known]
    return fmean(right), fmean(counted)


def heads(tally: Counter[str], truth: str) -> float:
    most = max(tally.values())
    tied = [label for label, count in tally.items() if count == most]
    return (truth in tied) / len(tied)


@pytest.mark.data
def test_crowds_are_resolved_better_than_by_counting_heads(sets: list[Path]) -> None:
    """One pass without any history finds more of the truth than the majority does."""
    ours, majority = (fmean(column) for column in zip(*map(accuracies, sets), strict=True))

    assert majority + 0.03 < ours
