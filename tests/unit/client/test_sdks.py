"""Real objects of both generations of the SDK, in environments of their own, without a chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from quorate_client.keys import ED25519, SeedKeypair

from tests.unit.client.sdks.environments import facts_of
from tests.unit.client.services import MINER, OTHER_MINER, VALIDATORS, WALLET, WALLET_SEED

pytestmark = pytest.mark.timeout(300)  # the first time installs both SDKs

SUBMIT = "/api/v1/validators/miner-status"


@pytest.fixture(scope="module", params=["bittensor_10", "bittensor_11"])
def sdk(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the client made of one SDK's objects."""
    return facts_of(request.param)


@pytest.fixture(scope="module")
def official() -> dict[str, Any]:
    """What bittensor 11 made of the client's."""
    return facts_of("bittensor_11")


def test_a_real_metagraph_gives_statuses(sdk: dict[str, Any]) -> None:
    """The chain's numbers became identity, stake and axon; 0.0.0.0 does not serve."""
    assert [
        {"uid": 0, "hotkey": VALIDATORS[0].ss58_address, "stake": 1000.0, "is_serving": False},
        {
            "uid": 1,
            "hotkey": MINER.ss58_address,
            "stake": 2.5,
            "is_serving": True,
            "ip": "8.8.8.8",
            "port": 8091,
        },
        {
            "uid": 2,
            "hotkey": OTHER_MINER.ss58_address,
            "stake": 0.0,
            "is_serving": True,
            "ip": "2001:db8::1",
            "port": 80,
        },
    ] == sdk["statuses"]


def test_the_service_takes_reports_of_every_kind_of_key(sdk: dict[str, Any], live: str) -> None:
    """Keypairs, wallets from disk, signers and raw seeds report as the same validator."""
    answers = {
        kind: httpx.post(live + SUBMIT, content=sent["body"], headers=sent["headers"]).json()
        for kind, sent in sdk["requests"].items()
    }

    assert {"keypair", "wallet", "seed"} <= answers.keys()
    assert {3} == {answer.get("miners_processed") for answer in answers.values()}


@pytest.mark.parametrize("kind", ["ed25519", "derived", "from_seed", "sr25519"])
def test_key_files_are_read_as_wallets_write_them(
    sdk: dict[str, Any], kind: str, tmp_path: Path
) -> None:
    """Of either scheme, of a mnemonic, a seed or a path of derivation."""
    address, content = sdk["keyfiles"][kind]
    file = tmp_path / "hotkey"
    file.write_text(content, "utf-8")

    assert address == SeedKeypair.from_keyfile(file).ss58_address


def test_payloads_are_the_official_ones_byte_for_byte(official: dict[str, Any]) -> None:
    """Whatever method, path, body, receiver and scheme."""
    theirs, ours = zip(*official["payloads"], strict=True)

    assert 6 == len(theirs)
    assert theirs == ours


def test_ed25519_headers_are_the_official_ones(official: dict[str, Any]) -> None:
    """Signature included, because ed25519 has but one for a payload."""
    theirs, ours = zip(*official["headers"], strict=True)

    assert theirs == ours


def test_the_official_verifier_takes_what_we_sign(official: dict[str, Any]) -> None:
    """It names our hotkey, of either scheme."""
    ed25519 = SeedKeypair.from_seed(WALLET_SEED, ED25519)

    assert [WALLET.ss58_address, ed25519.ss58_address] == official["callers"]
