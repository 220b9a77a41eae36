"""What each part of the method contributes: the same scenarios with one part switched off.

A part is switched off by settings that leave it nothing to say, never by other code.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.play import play
from benchmarks.scenarios import scenario
from shared.domain import robust

NEVER, NONE = 1e9, 1e-9
WITHOUT: Mapping[str, Mapping[str, float]] = {
    "nothing": {},
    "stake": {"stake_exponent": 0.0},
    "freshness": {"half_life": NEVER},
    "originality": {"copy_observations": NEVER},
    "reputation, precision": {"reputation_cap": NONE, "precision_cap": NONE},
    "caps of both": {"reputation_cap": NEVER, "precision_cap": NEVER},
    "impartiality": {"pushing_spread": NEVER},
    "robustness, coherence": {"plateau": NEVER, "rejection": 2 * NEVER},
    "previous consensus": {"anchor_memory": 0.0},
    "distrust": {"distrust_spread": NEVER},
    "recent record": {"recent_miners": NEVER},
    "settled rows only": {"settled_share": 1.0, "settled_labels": 1.0},
    "quarantine": {"quarantine_stake": 0.0},
}


@dataclass(frozen=True)
class Attack:
    """A column of the table: a scenario among 16 validators."""

    name: str
    alpha: float


ATTACKS = [
    Attack("honest", 0.0),
    Attack("noise", 0.45),
    Attack("shift", 0.45),
    Attack("sleeper", 0.45),
    Attack("promote", 0.4),
    Attack("sybil", 0.2),
    Attack("copiers", 0.4),
    Attack("parrots", 0.3),
]
VALIDATORS = 16


def cell(attack: Attack, without: str, seeds: range) -> tuple[float, float]:
    """(ratio of the numbers to the oracle, error of is_serving in per mille), means over seeds."""
    policy = replace(robust.Robustness(), **dict[str, Any](WITHOUT[without]))
    streams = (scenario(attack.name, VALIDATORS, attack.alpha, seed) for seed in seeds)
    played = [play(stream, policy, {}) for stream in streams]
    ratio = np.mean([each.ratio["ours"] for each in played])
    return float(ratio), 1000 * float(np.mean([each.label_error["ours"] for each in played]))


def ablate(seeds: range, jobs: int) -> None:
    """Print a line per part: what is reached without it."""
    heads = (f"{attack.name} {attack.alpha:g}" for attack in ATTACKS)
    print(f"{'without':<22} " + " ".join(f"{head:>13}" for head in heads))
    with ProcessPoolExecutor(jobs) as pool:
        rows = {
            without: [pool.submit(cell, attack, without, seeds) for attack in ATTACKS]
            for without in WITHOUT
        }
        for without, cells in rows.items():
            found = (each.result() for each in cells)
            shown = " ".join(f"{ratio:>6.2f} {wrong:>5.1f}‰" for ratio, wrong in found)
            print(f"{without:<22} {shown}", flush=True)
