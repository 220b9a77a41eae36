"""The remote commands: report, status, miner, validators."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from quorate_client import tables
from quorate_client.options import (
    DEFAULT_URL,
    USAGE,
    AsJson,
    Key,
    KeyFile,
    Netuid,
    Receiver,
    SignedBy,
    Url,
    Wallet,
    asking,
    counted,
    end,
    keypair_of,
    print_json,
)
from quorate_client.proxy import Proxy
from quorate_client.reporter import Reporter


def report(  # noqa: PLR0913, PLR0917 - options of a command line, given by name
    file: Annotated[
        Path, typer.Argument(help="JSON: the statuses, or the whole body; - reads it.")
    ],
    url: Url = DEFAULT_URL,
    wallet: Wallet = None,
    keyfile: KeyFile = None,
    validator_uid: Annotated[int | None, typer.Option(help="Instead of the file's.")] = None,
    epoch: Annotated[int | None, typer.Option(help="Instead of the file's.")] = None,
    netuid: Netuid = None,
    receiver: Receiver = None,
    scheme: SignedBy = "btauth",
    as_json: AsJson = False,
) -> None:
    """Sign a report of miners with a hotkey and send it."""
    content = _read(file)
    uid = _whole("validator_uid", validator_uid, content)
    number = _whole("epoch", epoch, content)
    keypair = keypair_of(wallet, keyfile)
    sender = partial(Reporter, url, keypair, netuid, receiver=receiver, scheme=scheme)
    with asking("reporting", keypair.ss58_address), sender(validator_uid=uid) as reporter:
        receipt = reporter.report(content["miner_statuses"], number)
    if as_json:
        print_json(asdict(receipt))
    else:
        typer.echo(
            f"validator {receipt.validator_uid}, epoch {receipt.epoch}:"
            f" {counted(receipt.miners_processed, 'miner')} kept as report {receipt.report_id}"
            f" at {receipt.received_at}"
        )


def status(
    url: Url = DEFAULT_URL, key: Key = None, netuid: Netuid = None, as_json: AsJson = False
) -> None:
    """Show every miner as the validators agree on it, best first."""
    with asking(), Proxy(url, key, netuid) as proxy:
        content = proxy.network_status()
    if as_json:
        print_json(content)
    else:
        tables.show_status(content)


def miner(  # noqa: PLR0913, PLR0917 - options of a command line, given by name
    uid: Annotated[int, typer.Argument(min=0, max=65535, help="The miner.")],
    explain: Annotated[
        bool, typer.Option("--explain", help="Every vote and its factors; an audit key shows all.")
    ] = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    netuid: Netuid = None,
    as_json: AsJson = False,
) -> None:
    """Show what the validators agree on about one miner, and where they do not."""
    with asking(), Proxy(url, key, netuid) as proxy:
        content = proxy.miner(uid, explain=explain)
    if as_json:
        print_json(content)
    else:
        tables.show_miner(content)


def validators(
    url: Url = DEFAULT_URL, key: Key = None, netuid: Netuid = None, as_json: AsJson = False
) -> None:
    """Show who may report, who does, and how far each agrees with the others."""
    with asking(), Proxy(url, key, netuid) as proxy:
        content = proxy.validators()
    if as_json:
        print_json(content)
    else:
        tables.show_validators(content)


def _read(file: Path) -> dict[str, Any]:
    """The body's three fields, as far as the file has them."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        content = json.loads(text)
    except OSError as error:
        end(f"{file}: {error.strerror}", USAGE)
    except ValueError as error:
        end(f"{file}: not JSON: {error}", USAGE)
    body = content if isinstance(content, dict) else {"miner_statuses": content}
    statuses = body.get("miner_statuses")
    if not isinstance(statuses, list) or not all(isinstance(s, dict) for s in statuses):
        end(f'{file}: no array of objects, nor one in "miner_statuses"', USAGE)
    return body


def _whole(name: str, given: int | None, content: dict[str, Any]) -> int:
    value = content.get(name) if given is None else given
    if not isinstance(value, int) or isinstance(value, bool):
        end(f"{name}: give --{name.replace('_', '-')}, or a whole number in the file", USAGE)
    return value
