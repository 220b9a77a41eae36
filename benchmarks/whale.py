"""python -m benchmarks.whale [--data DIR]: subnet 15's real stakes and weights, one lying whale.

Each validator's weights, divided by its largest, are its votes on performance_score. In turn each
of the five largest validators lies: it votes 1 minus its own vote on everything it scores. Shown
is how far that moves the result, over the miners it scores, against everybody's honest vote.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from benchmarks.baselines import plain_weighted_mean, stake_weighted_median, yuma_clipped_median
from benchmarks.labels import DATA
from benchmarks.scenarios import Floats, View
from shared.domain import robust

ROUNDS = 10


def load(path: Path) -> tuple[Floats, Floats]:
    """Stake [K] and votes [K, 256] of the validators that set weights and hold stake."""
    chain = json.loads(path.read_text())
    stake = {neuron["uid"]: float(neuron["stake"]) for neuron in chain["neurons"]}
    uids = [int(uid) for uid in chain["weights"] if stake[int(uid)] > 1]
    votes = np.full((len(uids), len(stake)), np.nan)
    for row, uid in enumerate(uids):
        weights = chain["weights"][str(uid)]
        top = max(weights.values())
        votes[row, [int(miner) for miner in weights]] = [w / top for w in weights.values()]
    return np.array([stake[uid] for uid in uids]), votes


def view_of(votes: Floats) -> View:
    """All votes are of this round."""
    none = np.zeros(votes.shape[1], dtype=bool)
    return View(0, votes, np.full(votes.shape, -1), np.zeros(votes.shape), ~np.isnan(votes), none)


def ours(votes: Floats, stake: Floats, memory: robust.Memory) -> tuple[Floats, robust.Memory]:
    """Value and memory after ROUNDS rounds of the same votes."""
    policy = robust.Robustness()
    ballot = robust.Ballot(
        stake, np.ones(votes.shape), np.zeros(votes.shape), {"performance_score": votes}
    )
    for _ in range(ROUNDS):
        value = robust.resolve(ballot, memory, policy).numbers["performance_score"].value
        memory = robust.learn(memory, ballot, ~np.isnan(votes), policy)
    return value, memory


def main() -> None:
    """Print one line per whale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    stake, votes = load(parser.parse_args().data / "metagraph-sn15-4769998.json")
    others = {
        "weighted mean": plain_weighted_mean,
        "stake median": stake_weighted_median,
        "Yuma": yuma_clipped_median,
    }
    honest, memory = ours(votes, stake, robust.fresh(*votes.shape))
    print(f"{stake.size} validators with stake, {np.sum(~np.isnan(votes).all(0))} miners scored")
    print(
        f"{'whale':>5} {'share':>6} {'scores':>6} "
        + " ".join(f"{name:>14}" for name in others)
        + f" {'ours, cold':>12} {'ours, warm':>12}"
    )
    for whale in np.argsort(-stake)[:5]:
        lied = votes.copy()
        lied[whale] = 1 - votes[whale]
        shared = ~np.isnan(votes[whale]) & (np.sum(~np.isnan(votes), axis=0) >= 3)
        moved = [
            np.abs(method(view_of(lied), stake)[0] - method(view_of(votes), stake)[0])
            for method in others.values()
        ]
        cold, _ = ours(lied, stake, robust.fresh(*votes.shape))
        warm, _ = ours(lied, stake, memory)
        moved += [np.abs(cold - honest), np.abs(warm - honest)]
        print(
            f"{whale:>5} {stake[whale] / stake.sum():>6.2f} {shared.sum():>6} "
            + " ".join(f"{change[shared].mean():>14.4f}" for change in moved[:3])
            + " ".join(f"{change[shared].mean():>12.4f}" for change in moved[3:])
        )


if __name__ == "__main__":
    main()
