"""Report miner status to Quorate, and read the consensus of a subnet's validators.

Nothing is loaded before it is asked for, so that importing this costs a validator nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "AllFailed": "errors",
    "Assignment": "tasks",
    "AsyncProxy": "proxy",
    "AsyncReporter": "reporter",
    "Change": "following",
    "Keypair": "keys",
    "Miner": "tasks",
    "NoMiner": "errors",
    "Performance": "performance",
    "Proxy": "proxy",
    "QuorateError": "errors",
    "Receipt": "reporter",
    "ReportLoop": "loop",
    "Reporter": "reporter",
    "Result": "tasks",
    "Retries": "exchange",
    "SeedKeypair": "keys",
    "UnknownMiner": "errors",
    "Work": "tasks",
    "seconds_to_next": "moments",
    "sign_btauth": "signing",
    "sign_epistula": "signing",
    "statuses_from_metagraph": "statuses",
    "uid_of": "statuses",
}

if TYPE_CHECKING:
    from quorate_client.errors import AllFailed, NoMiner, QuorateError, UnknownMiner
    from quorate_client.exchange import Retries
    from quorate_client.following import Change
    from quorate_client.keys import Keypair, SeedKeypair
    from quorate_client.loop import ReportLoop
    from quorate_client.moments import seconds_to_next
    from quorate_client.performance import Performance
    from quorate_client.proxy import AsyncProxy, Proxy
    from quorate_client.reporter import AsyncReporter, Receipt, Reporter
    from quorate_client.signing import sign_btauth, sign_epistula
    from quorate_client.statuses import statuses_from_metagraph, uid_of
    from quorate_client.tasks import Assignment, Miner, Result, Work

__all__ = [
    "AllFailed",
    "Assignment",
    "AsyncProxy",
    "AsyncReporter",
    "Change",
    "Keypair",
    "Miner",
    "NoMiner",
    "Performance",
    "Proxy",
    "QuorateError",
    "Receipt",
    "ReportLoop",
    "Reporter",
    "Result",
    "Retries",
    "SeedKeypair",
    "UnknownMiner",
    "Work",
    "seconds_to_next",
    "sign_btauth",
    "sign_epistula",
    "statuses_from_metagraph",
    "uid_of",
]


def __getattr__(name: str) -> Any:
    """Load a public name from the module that has it."""
    if name not in _HOME:
        raise AttributeError(f"quorate_client has no {name!r}; it has {sorted(_HOME)}")
    return getattr(importlib.import_module(f"quorate_client.{_HOME[name]}"), name)
