"""A validator's main loop: ask every miner, measure, report in the background, again.

    pip install ./client bittensor
    python examples/validator.py --keyfile ~/.bittensor/wallets/cold/hotkeys/hot --netuid 15 --url …

Against `make up`, which has no chain, with the file that `quorate registry import` was given:
`--keyfile examples/subnet/hotkey.json --subnet examples/subnet/registry.json`.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from quorate_client import (
    Performance,
    Reporter,
    ReportLoop,
    SeedKeypair,
    seconds_to_next,
    statuses_from_metagraph,
    uid_of,
)

TIMEOUT = 12.0
"""Seconds that a miner has for an answer."""


def metagraph_of(arguments: argparse.Namespace) -> Any:
    """The subnet: from the chain by bittensor 11, or from a file."""
    if arguments.subnet is not None:
        return SimpleNamespace(neurons=neurons_in(arguments.subnet))
    try:
        import bittensor  # type: ignore[import-not-found] # noqa: PLC0415 - not with a file
    except ModuleNotFoundError as error:
        raise ValueError(f"{error}: pip install bittensor, or give --subnet FILE") from None

    return bittensor.Subtensor(arguments.network).subnets.metagraph(arguments.netuid)


def neurons_in(file: Path) -> list[SimpleNamespace]:
    """The neurons of a registry file; raises `ValueError` where it has none."""
    try:
        return [
            SimpleNamespace(
                uid=n["uid"], hotkey=n["hotkey"], total_stake=n["stake"], axon=n.get("axon")
            )
            for n in json.loads(file.read_text("utf-8"))["neurons"]
        ]
    except (KeyError, TypeError):
        raise ValueError(f'{file}: no "neurons" with uid, hotkey and stake') from None
    except ValueError as error:
        raise ValueError(f"{file}: not JSON: {error}") from None


def ask(http: httpx.Client, performance: Performance, neuron: Any) -> None:
    """Put one question to a miner; how it went is measured, an error is an answer too."""
    try:
        with performance.querying(neuron.hotkey):
            http.get(f"http://{neuron.axon}/").raise_for_status()
    except httpx.HTTPError as error:
        print(f"miner {neuron.uid}: {type(error).__name__}", flush=True)


def main() -> None:
    """Until Ctrl-C, or for as many rounds as are asked for."""
    arguments = parsed()
    try:
        keypair = SeedKeypair.from_keyfile(arguments.keyfile)
        metagraph = metagraph_of(arguments)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    uid = uid_of(metagraph, keypair.ss58_address)
    if uid is None:
        raise SystemExit(f"{keypair.ss58_address} is not registered on subnet {arguments.netuid}")
    performance = Performance(timeout=TIMEOUT)
    reporter = Reporter(arguments.url, keypair, arguments.netuid, validator_uid=uid)
    with (
        reporter,
        ReportLoop(reporter) as reports,
        httpx.Client(timeout=TIMEOUT) as http,
        ThreadPoolExecutor(16) as pool,
        suppress(KeyboardInterrupt),
    ):
        for _ in range(arguments.rounds) if arguments.rounds else count():
            metagraph = metagraph_of(arguments)
            serving = [neuron for neuron in metagraph.neurons if neuron.axon]
            list(pool.map(lambda neuron: ask(http, performance, neuron), serving))
            time.sleep(seconds_to_next(arguments.every))  # all validators report together
            epoch = int(time.time())  # grows, after a restart too; a block number does as well
            reports.offer(statuses_from_metagraph(metagraph, performance), epoch)
    health = reports.health
    print(f"sent {health.sent}, failed {health.failed}, last error {health.last_error}")


def parsed() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:5000")
    parser.add_argument("--netuid", type=int, default=1)
    parser.add_argument("--keyfile", type=Path, required=True, help="unencrypted hotkey file")
    parser.add_argument("--network", default="finney", help="chain to read the metagraph from")
    parser.add_argument("--subnet", type=Path, help="JSON file to read it from instead")
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two rounds")
    parser.add_argument("--rounds", type=int, help="end after so many")
    return parser.parse_args()


if __name__ == "__main__":
    main()
