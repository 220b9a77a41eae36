"""Robust consensus of validators about miners: arrays in, arrays out.

`resolve(ballot, memory, policy)` is pure and never learns; `learn` runs once per closed round;
`decay` stands for rounds without reports. See docs/consensus.md.
"""

from shared.domain.robust.ballot import Ballot, Bools, Floats, Ints, Labels
from shared.domain.robust.labels import Label
from shared.domain.robust.learn import learn
from shared.domain.robust.memory import Memory, decay, fresh, from_bytes, select, to_bytes
from shared.domain.robust.numbers import Number
from shared.domain.robust.quarantine import REASONS
from shared.domain.robust.resolve import Resolution, resolve
from shared.domain.robustness import Robustness

__all__ = [
    "REASONS",
    "Ballot",
    "Bools",
    "Floats",
    "Ints",
    "Label",
    "Labels",
    "Memory",
    "Number",
    "Resolution",
    "Robustness",
    "decay",
    "fresh",
    "from_bytes",
    "learn",
    "resolve",
    "select",
    "to_bytes",
]
