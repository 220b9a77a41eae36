"""The engine again, slow and obvious: one validator, one miner and one vote at a time, no numpy.

Written from docs/consensus.md, on plain lists and dictionaries. Of the engine it takes only the
policy's numbers. `shared.domain.robust` must agree with it on every generated history.
"""

from tests.unit.robust.reference.ballot import Ballot, LabelVotes
from tests.unit.robust.reference.learning import learn
from tests.unit.robust.reference.past import Past, decay, fresh
from tests.unit.robust.reference.resolution import Resolution, resolve

__all__ = ["Ballot", "LabelVotes", "Past", "Resolution", "decay", "fresh", "learn", "resolve"]
