"""Which validators share one vote because they copy, and how sure that is: read from the record.

The rule is the engine's (`robust.copiers`), here under names; see docs/consensus.md.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shared.domain.policy import Policy
from shared.domain.record import Record
from shared.domain.robust import Floats
from shared.domain.robust.copiers import agree_beyond_chance, groups_of, parrots
from shared.domain.standing import Copying


def copying_of(uids: Mapping[str, int], record: Record, policy: Policy) -> dict[int, Copying]:
    """uid → what it copies, for those of `uids` (hotkey → uid) that copy at all.

    Who shares a vote and repeats the consensus as well is told by the former.
    """
    hotkeys = [hotkey for hotkey in record.validators if hotkey in uids]
    known = [uids[hotkey] for hotkey in hotkeys]
    arrays = record.at(hotkeys, ())
    same, met = arrays.of_validators("parrot/same"), arrays.of_validators("parrot/met")
    found = {
        known[row]: Copying((), *_sureness(same[row], met[row]))
        for row in np.flatnonzero(parrots(arrays, policy)).tolist()
    }
    same, met = arrays.of_peers("copies/same"), arrays.of_peers("copies/met")
    linked = agree_beyond_chance(same, met, policy)
    for group in groups_of(linked):
        rows = np.flatnonzero(group).tolist()
        for row in rows:
            links = [(row, other) for other in rows if linked[row, other]]
            links += [(other, row) for other in rows if linked[other, row]]
            others = tuple(sorted(known[other] for other in rows if other != row))
            found[known[row]] = Copying(others, *max(_sureness(same[at], met[at]) for at in links))
    return found


def _sureness(same: Floats, met: Floats) -> tuple[float, float]:
    """Agreement 0–1, and the observations that it rests on."""
    return min(1.0, float(same / met)), float(met)
