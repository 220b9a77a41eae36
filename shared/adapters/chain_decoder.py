"""Decodes a metagraph in a process of its own, which a broken answer may bring down.

The decoder is native. A list that claims to be longer than memory aborts the process, and broken
metadata panic; neither can be caught, and neither may take the caller along. So `decode` runs this
module as a program, with a deadline and a limit on its memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from shared.service.sync import ChainRefused, ChainUnreadable

API, METHOD = "SubnetInfoRuntimeApi", "get_metagraph"
FIELDS = (
    "netuid",
    "block",
    "hotkeys",
    "coldkeys",
    "axons",
    "validator_permit",
    "block_at_registration",
    "total_stake",
)
"""What is wanted of a metagraph, in the chain's words."""

SECONDS = 30.0
MEMORY = 384 * 1024 * 1024
"""Bytes that the process may address: less than the function has."""
_ROOT = Path(__file__).resolve().parents[2]
_LENGTH_BYTES = 8


def decode(metadata: bytes, answer: bytes) -> dict[str, Any] | None:
    """The `FIELDS` of what `get_metagraph` answered, None if there is no such subnet.

    `metadata` is the runtime's, version 15, which says how its answers are written. Accounts are
    lists of 32 numbers, with lists of one around them. Raises `ChainRefused` where the runtime has
    no such function and `ChainUnreadable` where the bytes are not what they should be.
    """
    given = len(metadata).to_bytes(_LENGTH_BYTES, "little") + metadata + answer
    command = [sys.executable, "-m", "shared.adapters.chain_decoder"]
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            command, input=given, capture_output=True, cwd=_ROOT, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ChainUnreadable(f"the metagraph was not decoded within {SECONDS:g} s") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason"]
        raise ChainUnreadable(f"the metagraph cannot be decoded: {said[-1][:300]}")
    result = json.loads(done.stdout)
    if "refused" in result:
        raise ChainRefused(result["refused"])
    found: dict[str, Any] | None = result["metagraph"]
    return found


def _decoded(metadata: bytes, answer: bytes) -> dict[str, Any]:
    import bt_decode  # noqa: PLC0415 - in the process of its own alone

    described = bt_decode.MetadataV15.decode_from_metadata_option(metadata)
    apis = {api["name"]: api["methods"] for api in described.value()["apis"]}
    outputs = {method["name"]: method["output"] for method in apis.get(API, ())}
    if METHOD not in outputs:
        return {"refused": f"the chain's runtime has no {API}.{METHOD}"}
    types = bt_decode.PortableRegistry.from_metadata_v15(described)
    content = bt_decode.decode(f"scale_info::{outputs[METHOD]}", types, answer)
    return {"metagraph": content and {name: content[name] for name in FIELDS}}


def _main() -> None:
    with suppress(OSError, ValueError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    given = sys.stdin.buffer.read()
    end = _LENGTH_BYTES + int.from_bytes(given[:_LENGTH_BYTES], "little")
    json.dump(_decoded(given[_LENGTH_BYTES:end], given[end:]), sys.stdout)


if __name__ == "__main__":
    _main()
