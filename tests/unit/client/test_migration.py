"""The migration page: its three lines report, and its names are the client's and the API's."""

from __future__ import annotations

import asyncio
import json
import re
import textwrap
from typing import Any
from urllib.parse import urlencode

import httpx
import quorate_client
from quorate_client import signing

from devtools.paths import ROOT
from tests.unit.client.services import VALIDATORS, status_of_miner

PAGE = (ROOT / "docs" / "migration.md").read_text("utf-8")


class Wallet:
    """What the lines need of one."""

    hotkey = VALIDATORS[0]


def test_the_three_lines_report(live: str) -> None:
    """The new side of the diff, run as it stands with a status as Violet's validators build it."""
    diff = re.findall(r"```diff\n(.*?)```", PAGE, re.DOTALL)[0]
    added = [line for line in diff.splitlines() if line.startswith("+")]
    new_side = "\n".join(line[1:] for line in diff.splitlines() if not line.startswith("-"))
    status = status_of_miner(external_ip=None, external_port=None, last_seen="2026-01-01T00:00:00")
    names: dict[str, Any] = {
        "json": json,
        "urlencode": urlencode,
        "httpx": httpx,
        "url": live,
        "path": "/api/v1/validators/miner-status",
        "wallet": Wallet,
        "uid": 0,
        "epoch": 7,
        "miner_statuses": [status],
    }
    program = f"""
async def send():
    async with httpx.AsyncClient() as client:
{textwrap.indent(new_side, " " * 8)}
    return response
"""
    exec(program, names)  # noqa: S102 - our own page
    response = asyncio.run(names["send"]())

    assert 3 == len(added)
    assert (200, 7) == (response.status_code, response.json()["epoch"])


def test_the_page_names_what_there_is() -> None:
    """Classes of the client, and settings by their page."""
    named = set(re.findall(r"`(?:Async)?(Reporter|Performance|Proxy)\b", PAGE))

    assert {"Reporter", "Performance", "Proxy"} == named
    assert named <= set(quorate_client.__all__)
    assert {"Content-Type": "application/x-www-form-urlencoded"} == signing.FORM
