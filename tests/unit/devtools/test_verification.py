"""The end of the demo, seen by an auditor."""

from __future__ import annotations

from devtools.verification import Verification, verify_all


def test_what_was_verified_is_said_in_a_line() -> None:
    """Rounds and signatures; nothing is missing."""
    verified = Verification(rounds=3, signatures=34)

    assert ("verified: 3 rounds, 34 signatures", []) == (
        verified.summary(),
        verified.shortcomings(),
    )


def test_a_system_that_cannot_be_verified_is_a_shortcoming() -> None:
    """Nobody answers at a closed port."""
    [said] = verify_all("http://127.0.0.1:9", "key").shortcomings()

    assert said.startswith("nothing could be verified: ConnectError")
