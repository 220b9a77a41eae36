"""A task sender: one task to a miner that is free, the next one where a miner fails.

    QUORATE_KEY=… python examples/proxy.py "a question" --netuid 15 --url https://…

The key has the scope dispatch. With `--watch` it then says what changes among the miners
(`pip install './client[watch]'`). Miners on private addresses, as beside `make up`, are assigned
where the service has ALLOW_PRIVATE_AXONS=true.
"""

from __future__ import annotations

import argparse
import os
from itertools import islice

import httpx
from quorate_client import Change, Miner, Proxy, QuorateError

LEASE = 30.0
"""Seconds that a miner is ours; a little more than it has for an answer."""


def ask(question: str, miner: Miner) -> str:
    """One miner's answer; whatever httpx raises is the miner's failure."""
    print(f"asking miner {miner.uid}, availability {miner.availability_score:.2f}", flush=True)
    answer = httpx.post(f"http://{miner.address}/", content=question, timeout=LEASE - 5)
    return answer.raise_for_status().text


def shown(change: Change) -> str:
    """A change in a line."""
    states = ", ".join(f"{uid} {change.miners[uid]['state']}" for uid in change.changed)
    return f"version {change.version} ({change.kind}): {states or 'nobody'}"


def main() -> None:
    """Send one task, then watch if asked to."""
    arguments = parsed()
    try:
        with Proxy(arguments.url, os.environ.get("QUORATE_KEY"), arguments.netuid) as proxy:
            send(proxy, arguments)
    except QuorateError as error:  # nobody free, all failed, no key: its class says which
        raise SystemExit(f"{type(error).__name__}: {error}") from None


def send(proxy: Proxy, arguments: argparse.Namespace) -> None:
    """One task, then changes until there were enough."""
    answer = proxy.run(
        lambda miner: ask(arguments.question, miner),
        failing_on=httpx.HTTPError,
        mode=arguments.mode,
        lease_seconds=LEASE,
    )
    print(answer)
    if arguments.watch:
        for change in islice(proxy.watch(), arguments.changes):
            print(shown(change), flush=True)


def parsed() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("question")
    parser.add_argument("--url", default="http://127.0.0.1:5000")
    parser.add_argument("--netuid", type=int, default=1)
    parser.add_argument("--mode", choices=("weighted", "best", "fair"), default="weighted")
    parser.add_argument("--watch", action="store_true", help="say what changes, until Ctrl-C")
    parser.add_argument("--changes", type=int, help="end after so many")
    return parser.parse_args()


if __name__ == "__main__":
    main()
