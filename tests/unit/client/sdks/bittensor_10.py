"""The client among objects of bittensor 10: a metagraph that was synced, keypairs and wallets."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from bittensor import Keypair  # type: ignore[import-not-found] # in this environment only
from bittensor.core.chain_data.neuron_info_lite import (  # type: ignore[import-not-found] # as above
    NeuronInfoLite,
)
from bittensor.core.metagraph import Metagraph  # type: ignore[import-not-found] # as above
from bittensor_wallet import Wallet  # type: ignore[import-not-found] # as above
from quorate_client import statuses_from_metagraph
from shown import MINERS, MNEMONIC, SEED, reported  # type: ignore[import-not-found] # beside this program

NETUID = 15
RAO = 10**9
COLUMNS = (
    "active validator_permit pruning_score last_update emission dividends incentives consensus"
    " trust rank block_at_registration alpha_stake tao_stake"
)


class Chain:
    """Answers as a node does, in the runtime's own terms."""

    chain_endpoint = network = "local"

    def get_current_block(self) -> int:
        """Some block."""
        return 5

    def neurons_lite(self, **_: object) -> list[Any]:
        """The neurons, decoded by the SDK."""
        return [NeuronInfoLite.from_dict(_neuron(uid)) for uid in range(len(MINERS))]

    def query_runtime_api(self, **_: object) -> dict[str, Any]:
        """The subnet's state, stakes in rao."""
        zeros = {name: [0] * len(MINERS) for name in COLUMNS.split()}
        stakes = [int(stake * RAO) for *_, stake in MINERS]
        return {**zeros, "netuid": NETUID, "total_stake": stakes, "emission_history": []}

    def get_metagraph_info(self, **_: object) -> None:
        """Nothing beyond that."""

    get_mechanism_count = get_mechanism_emission_split = get_metagraph_info


def _neuron(uid: int) -> dict[str, Any]:
    hotkey, ip, port, ip_type, _ = MINERS[uid]
    scores = ("emission", "incentive", "consensus", "validator_trust", "dividends")
    place = {"block": 0, "version": 1, "ip": ip, "port": port, "ip_type": ip_type}
    return {
        **dict.fromkeys(scores, 0),
        "hotkey": hotkey,
        "coldkey": hotkey,
        "uid": uid,
        "netuid": NETUID,
        "active": True,
        "stake": [],
        "last_update": 1,
        "validator_permit": False,
        "prometheus_info": place,
        "axon_info": {**place, "protocol": 4, "placeholder1": 0, "placeholder2": 0},
    }


def keypairs() -> dict[str, Any]:
    """One of each kind; the sr25519 one comes last."""
    return {
        "ed25519": Keypair.create_from_mnemonic(MNEMONIC, crypto_type=0),
        "derived": Keypair.create_from_uri("//Alice"),
        "from_seed": Keypair.create_from_seed(SEED.hex()),
        "sr25519": Keypair.create_from_mnemonic(MNEMONIC),
    }


def keyfile(keypair: Any, folder: str) -> list[str]:
    """Its address, and what a wallet writes of it."""
    wallet = Wallet(name="cold", hotkey="hot", path=folder)
    wallet.set_hotkey(keypair, encrypt=False, overwrite=True)
    return [keypair.ss58_address, Path(folder, "cold", "hotkeys", "hot").read_text("utf-8")]


def main() -> None:
    """Say everything as JSON."""
    metagraph = Metagraph(NETUID, network="local", sync=False)
    metagraph.sync(subtensor=Chain())
    statuses = statuses_from_metagraph(metagraph)
    with tempfile.TemporaryDirectory() as folder:
        keyfiles = {kind: keyfile(keypair, folder) for kind, keypair in keypairs().items()}
        requests = reported(
            statuses,
            keypair=keypairs()["sr25519"],
            wallet=Wallet(name="cold", hotkey="hot", path=folder),  # as the last one wrote it
            seed=SEED,
        )
    json.dump({"statuses": statuses, "requests": requests, "keyfiles": keyfiles}, sys.stdout)


main()
