"""The client among objects of bittensor 11: a metagraph that was fetched, wallets and signers."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import bittensor as bt  # type: ignore[import-not-found] # in this environment only
from bittensor import http_auth, metagraph
from bittensor.sp_core import Keypair  # type: ignore[import-not-found] # as above
from quorate_client import sign_btauth, statuses_from_metagraph
from quorate_client.keys import ED25519, SR25519, SeedKeypair
from quorate_client.signing import btauth_payload
from shown import MINERS, MNEMONIC, SEED, reported  # type: ignore[import-not-found] # beside this program

RECEIVER = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
BODY = '{"note": "ünïcode, \\n and 0"}'.encode()
CASES: list[tuple[str, str, bytes, str | None]] = [
    ("POST", "/api/v1/validators/miner-status?netuid=15", BODY, RECEIVER),
    ("POST", "/submit-miner-status", b"", None),
    ("get", "/a%20b?x=1&y=%C3%BC", b"\x00\xff", None),
]
"""method, path, body and receiver of requests."""


class Snapshot:
    """A view of the chain at one block, in the runtime's own terms."""

    block = 5

    async def at(self) -> Snapshot:
        """Itself."""
        return self

    async def runtime(self, *_: object) -> dict[str, Any]:
        """The metagraph as the runtime API gives it."""
        numbers = ("block", "tempo", "last_step", "blocks_since_last_step", "network_registered_at")
        axons = [{"ip": ip, "port": port, "ip_type": kind} for _, ip, port, kind, _ in MINERS]
        return {
            **dict.fromkeys(numbers, 5),
            "owner_hotkey": MINERS[0][0],
            "owner_coldkey": MINERS[0][0],
            "hotkeys": [hotkey for hotkey, *_ in MINERS],
            "coldkeys": [hotkey for hotkey, *_ in MINERS],
            "axons": axons,
            "total_stake": [int(stake * 10**9) for *_, stake in MINERS],
        }


def keypairs() -> dict[str, Any]:
    """One of each kind; the sr25519 one comes last."""
    return {
        "ed25519": Keypair.from_mnemonic(MNEMONIC, crypto_type=ED25519),
        "derived": Keypair.from_uri("//Alice"),
        "from_seed": Keypair.from_seed(SEED),
        "sr25519": Keypair.from_mnemonic(MNEMONIC),
    }


def keyfile(keypair: Any, folder: str) -> list[str]:
    """Its address, and what a wallet writes of it."""
    file = bt.Wallet("cold", "hot", path=folder).hotkey_file
    file.set_keypair(keypair, encrypt=False, overwrite=True)
    return [keypair.ss58_address, Path(folder, "cold", "hotkeys", "hot").read_text("utf-8")]


def payloads() -> list[list[str]]:
    """For each case and scheme the official payload and ours, in hex."""
    pairs: list[list[str]] = []
    for crypto_type, scheme in ((SR25519, "sr25519"), (ED25519, "ed25519")):
        own = SeedKeypair.from_seed(SEED, crypto_type)
        for nonce, (method, path, body, receiver) in enumerate(CASES, start=10**18):
            official = http_auth.build_payload(
                scheme=scheme,
                method=method,
                path=path,
                body=body,
                nonce_ns=nonce,
                sender_ss58=own.ss58_address,
                receiver_ss58=receiver,
            )
            ours = btauth_payload(own, method, path, body, nonce, receiver)
            pairs.append([official.hex(), ours.hex()])
    return pairs


def signed_with_ed25519() -> list[list[dict[str, str]]]:
    """For each case the official headers and ours; ed25519 signs alike each time."""
    official = Keypair.create_from_seed(SEED, crypto_type=ED25519)
    ours = SeedKeypair.from_seed(SEED, ED25519)
    return [
        [
            http_auth.sign(
                official, method=method, path=path, body=body, receiver_ss58=receiver, nonce_ns=7
            ),
            sign_btauth(ours, method, path, body, receiver=receiver, nonce=7),
        ]
        for method, path, body, receiver in CASES
    ]


def callers() -> list[str]:
    """Whom the official verifier takes for the sender of requests that we signed."""
    seen: list[str] = []
    for crypto_type in (SR25519, ED25519):
        headers = sign_btauth(
            SeedKeypair.from_seed(SEED, crypto_type), "POST", "/p?q=1", BODY, receiver=RECEIVER
        )
        caller = http_auth.verify(
            headers, BODY, method="POST", path="/p?q=1", self_hotkey_ss58=RECEIVER
        )
        seen.append(caller.hotkey_ss58)
    return seen


def main() -> None:
    """Say everything as JSON."""
    fetched = asyncio.run(metagraph.fetch(Snapshot(), 15, commitments=False))
    statuses = statuses_from_metagraph(fetched)
    with tempfile.TemporaryDirectory() as folder:
        keyfiles = {kind: keyfile(keypair, folder) for kind, keypair in keypairs().items()}
        wallet = bt.Wallet("cold", "hot", path=folder)  # as the last one wrote it
        requests = reported(
            statuses,
            keypair=keypairs()["sr25519"],
            wallet=wallet,
            signer=bt.WalletSigner(wallet, "hotkey"),
            seed=SEED,
        )
    facts = {
        "statuses": statuses,
        "requests": requests,
        "keyfiles": keyfiles,
        "payloads": payloads(),
        "headers": signed_with_ed25519(),
        "callers": callers(),
    }
    json.dump(facts, sys.stdout)


main()
