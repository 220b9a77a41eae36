"""python -m benchmarks.accuracy [--full] [--ablate] [--seed N] [--jobs N] [--picture FILE.svg]

Errors over those of an oracle that knows who is honest, with the figure to reach and a mark where
it is missed. Seeds are N = 101 to 112 (quick: to 103). The defaults were tuned on seeds 1000 to
1047. With --ablate instead: what each part of the method contributes, on the seeds given.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from benchmarks.ablations import ablate
from benchmarks.play import SCORE, Played, ballot_of, play
from benchmarks.scenarios import Floats, scenario, view
from shared.domain import robust


@dataclass(frozen=True)
class Case:
    """A scenario and the ratio to reach (None: published, nothing demanded)."""

    name: str
    validators: int
    alpha: float = 0.0
    reach: float | None = None
    labels: float | None = None


CASES = [
    Case("honest", 3, reach=1.5),
    Case("honest", 5),
    Case("honest", 8, reach=1.05),
    Case("honest", 16, reach=1.05, labels=0.002),
    Case("honest", 64, reach=1.05, labels=0.002),
    Case("noise", 8, 0.3, 1.10),
    Case("noise", 8, 0.45, 1.10),
    Case("noise", 16, 0.3, 1.10, 0.002),
    Case("noise", 16, 0.45, 1.10, 0.002),
    Case("flip", 16, 0.45, None, 0.002),
    Case("shift", 8, 0.3, 1.10),
    Case("shift", 8, 0.45, 1.10),
    Case("shift", 16, 0.3, 1.10, 0.002),
    Case("shift", 16, 0.45, 1.10, 0.002),
    Case("shift", 64, 0.45, 1.10, 0.002),
    Case("sleeper", 8, 0.45, 1.10),
    Case("sleeper", 16, 0.3, 1.10, 0.002),
    Case("sleeper", 16, 0.45, 1.10, 0.002),
    Case("promote", 8, 0.3, 1.10),
    Case("promote", 16, 0.3, 1.10, 0.002),
    Case("promote", 16, 0.4, 1.10, 0.002),
    Case("promote", 16, 0.45, None, 0.002),
    Case("targeted sleeper", 8, 0.3, 1.10),
    Case("targeted sleeper", 16, 0.4, 1.10, 0.002),
    Case("sybil", 8, 0.2, 1.05),
    Case("sybil", 16, 0.2, 1.05, 0.002),
    Case("stealth", 16, 0.3, 1.6, 0.002),
    Case("whale", 16, 1 / 3),
    Case("two at once", 16, 0.4),
    Case("oscillating", 16, 0.4),
    Case("copiers", 16, 0.4),
    Case("parrots", 16, 0.3),
    Case("late joiners", 16),
    Case("omitted miners", 16),
    Case("recycled uids", 16),
    Case("shift", 16, 0.49),
]
METHODS = ["weighted mean", "median", "stake median", "trimmed", "CRH", "DynaTD", "Yuma", "ours"]


def average(played: list[Played], name: str) -> float:
    """Mean ratio to the oracle over the repetitions."""
    return float(np.mean([repetition.ratio[name] for repetition in played]))


def mark(value: float, reach: float | None) -> str:
    """The figure to reach, and MISSED where the value is above it."""
    if reach is None:
        return ""
    return f"<= {reach:g}" + (" MISSED" if value > reach else "")


def print_case(case: Case, played: list[Played]) -> None:
    """One line of the table."""
    ratios = " ".join(f"{average(played, name):8.2f}" for name in METHODS[:-1])
    ours, worst = average(played, "ours"), max(p.ratio["ours"] for p in played)
    wrong = float(np.mean([p.label_error["ours"] for p in played]))
    known = float(np.mean([p.label_error["oracle"] for p in played]))
    print(
        f"{case.name:<16} {case.validators:>3} {case.alpha:>5.2f} {ratios} {ours:8.3f} "
        f"{worst:6.2f} {mark(ours, case.reach):<15} {wrong:.4f} {known:.4f} "
        f"{mark(wrong, case.labels):<16} {np.mean([p.covered for p in played]):.3f} "
        f"{np.mean([p.silent for p in played]):.4f} {np.mean([p.flagged for p in played]):.2f}",
        flush=True,
    )


def print_calibration(title: str, probability: Floats, right: Floats) -> None:
    """What was promised and what came true, in ten equal bins; the error is the mean gap."""
    at = np.minimum((probability * 10).astype(int), 9)
    bins = {b: at == b for b in range(10) if (at == b).any()}
    gaps = [abs(float((probability - right)[here].mean())) * here.mean() for here in bins.values()]
    print(f"\n{title}: calibration error {sum(gaps):.4f}")
    for b, here in bins.items():
        print(
            f"  {b / 10:.1f}-{(b + 1) / 10:.1f}: n={here.sum():>6} "
            f"promised {probability[here].mean():.3f} right {right[here].mean():.3f}"
        )


def step_change(seeds: range, policy: robust.Robustness) -> float:
    """Share of miners that follow a step in the very round in which 60 % of stake reports it."""
    followed = []
    for seed in seeds:
        stream = scenario("honest", 16, 0.0, seed)
        memory = robust.fresh(*stream.numbers.shape[1:])
        order = np.argsort(-stream.stake)
        held = np.cumsum(stream.stake[order]) / stream.stake.sum()
        early = order[: int(np.argmax(held >= 0.6)) + 1]
        for t in range(31):
            seen = view(stream, t)
            if t == 30:
                move = np.where(stream.score[t] > 0.5, -0.4, 0.4)
                seen.numbers[early] += move
                seen.age[:] = 0
            ballot = ballot_of(stream, seen)
            value = robust.resolve(ballot, memory, policy).numbers[SCORE].value
            memory = robust.learn(memory, ballot, seen.received, policy)
        followed.append(np.abs(value - stream.score[30] - move) < 0.1)
    return float(np.mean(followed))


def picture(results: dict[str, dict[str, float]], path: str) -> None:
    """Ratios to the oracle by scenario and method, on a logarithmic axis."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    shown = ["weighted mean", "stake median", "CRH", "DynaTD", "ours"]
    figure, axes = pyplot.subplots(figsize=(9, 4.5))
    for i, name in enumerate(shown):
        heights = [row[name] for row in results.values()]
        places = np.arange(len(results)) + (i - 2) * 0.16
        axes.bar(places, heights, 0.15, label=name, color="black" if name == "ours" else None)
    axes.axhline(1.0, color="grey", linewidth=0.8)
    axes.set_yscale("log")
    axes.set_xticks(np.arange(len(results)), list(results), rotation=25, ha="right")
    axes.set_ylabel("error / error of who knows the liars")
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path)


def repetitions(case: Case, seeds: range) -> list[Played]:
    """The case, with every baseline, once per seed, under the default policy."""
    policy = robust.Robustness()
    return [play(scenario(case.name, case.validators, case.alpha, seed), policy) for seed in seeds]


def accuracy(seeds: range, jobs: int, drawing: str | None) -> None:
    """The table, calibration and the step; with `drawing` also the picture."""
    head = " ".join(f"{name:>8.8}" for name in METHODS)
    print(
        f"{'scenario':<16} {'K':>3} {'alpha':>5} {head} {'worst':>6} {'to reach':<15} "
        f"is_serving error: ours, oracle, to reach; coverage; silently wrong; flagged"
    )
    drawn: dict[str, dict[str, float]] = {}
    pooled: list[Played] = []
    with ProcessPoolExecutor(jobs) as pool:
        waiting = [pool.submit(repetitions, case, seeds) for case in CASES]
        for case, running in zip(CASES, waiting, strict=True):
            played = running.result()
            print_case(case, played)
            if case.validators >= 5:
                pooled += played
            if case.validators == 16 and case.alpha in (0.0, 0.2, 0.3, 0.45) and case.reach:
                title = f"{case.name} {case.alpha:g}" if case.alpha else case.name
                drawn[title] = {name: average(played, name) for name in METHODS}
    print_calibration(
        "is_serving",
        np.concatenate([p.label_probability for p in pooled]),
        np.concatenate([p.label_right for p in pooled]),
    )
    print_calibration(
        "consensus confidence",
        np.concatenate([p.confidence for p in pooled]),
        np.concatenate([p.right for p in pooled]),
    )
    print(
        f"\nstep change followed at once: {step_change(seeds, robust.Robustness()):.3f} of miners"
    )
    if drawing:
        picture(drawn, drawing)


def main() -> None:
    """Print the table, or that of the ablations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="12 repetitions instead of 3")
    parser.add_argument("--ablate", action="store_true", help="what each part contributes")
    parser.add_argument("--seed", type=int, default=101, help="of the first repetition")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--picture", help="SVG file to draw the main result into")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + (12 if options.full else 3))
    if options.ablate:
        ablate(seeds, options.jobs)
    else:
        accuracy(seeds, options.jobs, options.picture)


if __name__ == "__main__":
    main()
