"""Snapshot files of a subnet with real signatures, and ways to tamper with them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from cli.verification import Verdict, read, verify
from shared.service.encoding import digest, pack
from tests.signed_rounds import SignedRounds

Plain = dict[str, Any]
Change = Callable[[Plain], object]


@pytest.fixture(scope="session")
def files() -> dict[str, str]:
    """Three closed rounds and the current snapshot, with a round still open."""
    played = SignedRounds().play(3)
    for uid in (0, 1):
        played.now += 1.0
        played.report(uid)
    played.recompute(1)
    return {str(which): played.file(which) for which in (0, 1, 2, "current")}


@pytest.fixture
def plain(files: dict[str, str]) -> Plain:
    """The file of the third round, to be changed."""
    found: Plain = json.loads(files["2"])
    return found


def checked(plain: Plain) -> Verdict:
    """The verdict on a file."""
    return verify(read(json.dumps(plain)))


def found_in(verdict: Verdict) -> list[tuple[str, str]]:
    """(where, what) of every finding."""
    return [(finding.where, finding.what) for finding in verdict.findings]


def repack(stored: Plain, change: Change) -> None:
    """Change a stored document and hide it: bytes, hash and what is shown fit each other."""
    change(stored["document"])
    payload = pack(stored["document"])
    stored["payload"] = base64.b64encode(payload).decode()
    stored["hash"] = digest(payload)


def praise(plain: Plain) -> None:
    """Change what the first validator said of the first miner."""
    body = json.loads(plain["reports"][0]["body"])
    body["miner_statuses"][0]["performance_score"] = 0.99
    plain["reports"][0]["body"] = json.dumps(body)
