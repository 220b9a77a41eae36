from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import ss58

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
ALICE_KEY = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"


def test_the_address_of_alice_is_the_one_that_all_of_substrate_knows() -> None:
    """Encoding gives the published address of the published key."""
    assert ALICE == ss58.encode(bytes.fromhex(ALICE_KEY))
    assert ALICE_KEY == ss58.decode(ALICE).hex()


@given(st.binary(min_size=32, max_size=32))
def test_every_key_survives_its_address(key: bytes) -> None:
    """Decoding undoes encoding."""
    assert key == ss58.decode(ss58.encode(key))


@pytest.mark.parametrize(
    "address",
    [
        "",
        ALICE[:-1],
        ALICE + " ",
        "1" + ALICE,
        ALICE.replace("Q", "R"),
        ALICE.replace("5", "0"),
        "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",  # Alice on Polkadot, prefix 0
        "é" * 48,
        "5" * 10_000,
    ],
)
def test_anything_but_a_canonical_address_is_refused(address: str) -> None:
    """Wrong length, alphabet, checksum, prefix and second spellings are bad addresses."""
    with pytest.raises(ss58.BadAddress, match="ss58"):
        ss58.decode(address)


def test_a_key_of_another_length_has_no_address() -> None:
    """Encoding does not pad or cut."""
    with pytest.raises(ss58.BadAddress, match="32 bytes"):
        ss58.encode(b"short")
