"""python -m benchmarks.labels [--data DIR]: real crowd labels, one pass, no history.

Workers stand for validators of equal stake, items for miners. Ours against the majority vote and
crowd-kit's Dawid-Skene. Each set is a folder with label.csv (item, worker, label) and truth.csv.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.scenarios import Ints
from shared.domain import robust

DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"


@dataclass(frozen=True)
class Crowd:
    """votes: [workers, items] of class codes, -1 for none; truth: [items], -1 if unknown."""

    votes: Ints
    truth: Ints
    classes: int


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))[1:]


def load(folder: Path) -> Crowd:
    """One set; classes are coded in sorted order."""
    labels, truths = _rows(folder / "label.csv"), _rows(folder / "truth.csv")
    item = {name: i for i, name in enumerate(sorted({row[0] for row in labels}))}
    worker = {name: i for i, name in enumerate(sorted({row[1] for row in labels}))}
    names = sorted({row[2] for row in labels} | {row[1] for row in truths})
    code = {name: i for i, name in enumerate(names)}
    votes = np.full((len(worker), len(item)), -1)
    for i, w, label in labels:
        votes[worker[w], item[i]] = code[label]
    truth = np.full(len(item), -1)
    for i, label in truths:
        if i in item:
            truth[item[i]] = code[label]
    return Crowd(votes, truth, len(code))


def majority(crowd: Crowd) -> Ints:
    """The most frequent label of each item; ties take the smaller code."""
    tally = np.stack([(crowd.votes == c).sum(0) for c in range(crowd.classes)], axis=1)
    return np.asarray(tally.argmax(1), dtype=np.int64)


def dawid_skene(crowd: Crowd) -> Ints:
    """crowd-kit's, 100 iterations."""
    import pandas as pd  # type: ignore[import-untyped]  # comes with crowd-kit, without stubs
    from crowdkit.aggregation import DawidSkene

    worker, item = np.nonzero(crowd.votes >= 0)
    frame = pd.DataFrame({"task": item, "worker": worker, "label": crowd.votes[worker, item]})
    found = DawidSkene(n_iter=100).fit_predict(frame)
    return np.asarray(found.reindex(range(crowd.truth.size)).to_numpy(), dtype=np.int64)


def ours(crowd: Crowd) -> Ints:
    """One resolve without any memory."""
    shape = crowd.votes.shape
    ballot = robust.Ballot(
        stake=np.ones(shape[0]),
        confidence=np.ones(shape),
        age_rounds=np.zeros(shape),
        labels={"label": robust.Labels(crowd.votes, crowd.classes)},
    )
    return robust.resolve(ballot, robust.fresh(*shape), robust.Robustness()).labels["label"].code


def accuracy(crowd: Crowd, found: Ints) -> float:
    """Share of the items of known truth that were found."""
    known = crowd.truth >= 0
    return float((found == crowd.truth)[known].mean())


def main() -> None:
    """Print one line per set and the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    folders = sorted(p.parent for p in parser.parse_args().data.glob("labels/*/label.csv"))
    print(
        f"{'set':<14} {'workers':>7} {'items':>6} {'classes':>7} {'majority':>9} "
        f"{'D-S':>7} {'ours':>7}"
    )
    table = []
    for folder in folders:
        crowd = load(folder)
        row = [accuracy(crowd, method(crowd)) for method in (majority, dawid_skene, ours)]
        table.append(row)
        workers, items = crowd.votes.shape
        print(
            f"{folder.name:<14} {workers:>7} {items:>6} {crowd.classes:>7} "
            f"{row[0]:>9.4f} {row[1]:>7.4f} {row[2]:>7.4f}"
        )
    means = np.mean(table, axis=0)
    print(f"{'mean':<37} {means[0]:>9.4f} {means[1]:>7.4f} {means[2]:>7.4f}")


if __name__ == "__main__":
    main()
