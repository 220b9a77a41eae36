"""A miner asks why its score is what it is. Everything here is public: no key.

python examples/miner.py 49 --netuid 15 --url https://…
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from quorate_client import Proxy, QuorateError

ROUNDS = 10


def standing(uid: int, network: dict[str, Any]) -> Iterator[str]:
    """Rank, and what the score is made of."""
    rank, row = next((i, r) for i, r in enumerate(network["miners"], 1) if r["uid"] == uid)
    performance = row.get("performance_score", 0.5)
    load, capacity = row.get("current_load", 0.0), row.get("max_capacity", 1.0)
    confidence = row["consensus_confidence"]
    yield f"rank {rank} of {len(network['miners'])}, availability {row['availability_score']:.3f}"
    yield (
        f"  performance {performance:.3f} · (1 − load {load:g} / capacity {capacity:g})"
        f" + 0.2 · confidence {confidence:.3f}, within 0.1–1"
    )
    if not row["is_active"]:
        yield f"  gets no work: state {row['state']}, serving {row.get('is_serving')}"


def opinions(status: dict[str, Any], validators: list[dict[str, Any]]) -> Iterator[str]:
    """Who decided, and where they were at odds."""
    agreement = {each["uid"]: each["agreement"] for each in validators}
    for uid in status["consensus_validators"]:
        yield f"  validator {uid} agrees with the others in {shown(agreement.get(uid))}"
    for conflict in status["conflicts_detected"]:
        words = ", ".join(f"{d['value']} ({d['weight']:.0%})" for d in conflict["detail"])
        yield f"  conflict over {conflict['field']} ({conflict['kind']}): {words}"


def past(rounds: list[dict[str, Any]]) -> Iterator[str]:
    """The last closed rounds."""
    for each in rounds:
        score = each["performance_score"]
        yield (
            f"  {each['ended_at']}  {each['state']}"
            f"  performance {'–' if score is None else f'{score:.3f}'}"
        )


def shown(share: float | None) -> str:
    """A share of what could be compared."""
    return "nothing yet" if share is None else f"{share:.0%}"


def answer(proxy: Proxy, uid: int) -> list[str]:
    """Ask four questions and answer one."""
    miner = proxy.miner(uid)
    return [
        f"miner {uid}: {miner['state']}",
        *standing(uid, proxy.network_status()),
        "decided by",
        *opinions(miner["consensus_status"], proxy.validators()["validators"]),
        f"the last {ROUNDS} rounds",
        *past(proxy.miner_history(uid, ROUNDS)["rounds"]),
    ]


def main() -> None:
    """Ask, and print the answer."""
    arguments = parsed()
    try:
        with Proxy(arguments.url, netuid=arguments.netuid) as proxy:
            lines = answer(proxy, arguments.uid)
    except QuorateError as error:  # unknown, or nobody there
        raise SystemExit(str(error)) from None
    print("\n".join(lines))


def parsed() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("uid", type=int)
    parser.add_argument("--url", default="http://127.0.0.1:5000")
    parser.add_argument("--netuid", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
