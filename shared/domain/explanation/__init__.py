"""Why a miner is what it is: every vote, its factors, and what was made of it.

`hear` runs the very `resolve` and listens in; `explain` reads from what was heard. Nothing is
weighed or decided a second time.
"""

from shared.domain.explanation.account import ExplainedField, ExplainedVote, Method, Note
from shared.domain.explanation.explain import explain
from shared.domain.explanation.hearing import Hearing, Premises, hear

__all__ = [
    "ExplainedField",
    "ExplainedVote",
    "Hearing",
    "Method",
    "Note",
    "Premises",
    "explain",
    "hear",
]
