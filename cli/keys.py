"""`quorate keys`: API keys for readers, task senders and auditors.

A key is shown once, when it is made. What is kept is its digest, in the file that Terraform turns
into the functions' secret.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from quorate_client.options import USAGE, AsJson, end

from cli import keys_file
from cli.keys_file import KeysFile, UnusableKeys

if TYPE_CHECKING:
    from shared.settings import Scope

SCOPES: tuple[Scope, ...] = ("read", "dispatch", "audit")
PREFIX = "quorate_"
"""Begins every key, so that whoever finds one in a repository knows what it is."""
KEY_BYTES = 32
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

app = typer.Typer(help="API keys: who may read, dispatch and audit.", no_args_is_help=True)

File = Annotated[
    Path,
    typer.Option(
        "--file",
        envvar="QUORATE_KEYS_FILE",
        help="Where the digests are, beside the Terraform that you apply.",
    ),
]


@app.command()
def create(
    scope: Annotated[
        list[str], typer.Option("--scope", help="read, dispatch or audit; may be repeated.")
    ],
    name: Annotated[
        str | None, typer.Option(help="Who holds it; appears in logs.  [default: made up]")
    ] = None,
    file: File = keys_file.DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Make a key, print it once, and keep its digest for the next `terraform apply`.

    The key alone is printed to standard output; nothing else knows it.
    """
    from shared.settings import ApiKey  # noqa: PLC0415 - pydantic loads late

    scopes = _scopes(scope)
    known = _read(file)
    chosen = name or f"{'-'.join(scopes)}-{secrets.token_hex(3)}"
    if not NAME.fullmatch(chosen):
        end("--name: 1 to 64 letters, digits, dots, hyphens and underscores", USAGE)
    if chosen in known.keys:
        end(f"{file} has a key {chosen} already; see: quorate keys list", USAGE)
    key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    digest = hashlib.sha256(key.encode()).hexdigest()
    _write(known.with_key(ApiKey(name=chosen, sha256=digest, scopes=frozenset(scopes))))
    if as_json:
        print(json.dumps({"name": chosen, "key": key, "sha256": digest, "scopes": scopes}))
        return
    print(key)
    _say(f"key {chosen} ({', '.join(scopes)}): shown once; its digest is in {file}")
    _say("valid after: terraform apply")


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="As `quorate keys list` shows it.")],
    file: File = keys_file.DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Forget a key's digest: after the next `terraform apply` the key is refused."""
    known = _read(file)
    if name not in known.keys:
        end(f"{file} has no key {name}; see: quorate keys list", USAGE)
    _write(known.without(name))
    if as_json:
        print(json.dumps({"name": name, "outcome": "revoked"}))
    _say(f"key {name} is gone from {file}; refused after: terraform apply")


@app.command("list")
def list_(
    file: File = keys_file.DEFAULT,
    setting: Annotated[
        bool, typer.Option("--setting", help="As the value of API_KEYS, for the emulators.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the keys by name, with their scopes and the beginning of their digests."""
    known = _read(file)
    if setting or as_json:
        print(keys_file.as_setting(known))
    else:
        _print_table(known)


def _scopes(given: list[str]) -> list[Scope]:
    wrong = [scope for scope in given if scope not in SCOPES]
    if wrong:
        end(f"--scope: {wrong[0]} is none of {', '.join(SCOPES)}", USAGE)
    return [scope for scope in SCOPES if scope in given]


def _read(file: Path) -> KeysFile:
    try:
        return keys_file.read(file)
    except OSError as error:
        end(f"{file}: {error.strerror}", USAGE)
    except UnusableKeys as error:
        end(str(error), USAGE)


def _write(keys: KeysFile) -> None:
    try:
        keys.write()
    except OSError as error:
        end(f"{keys.path}: {error.strerror}; nothing was changed")


def _print_table(known: KeysFile) -> None:
    from rich.console import Console  # noqa: PLC0415 - only where a table is shown
    from rich.table import Table  # noqa: PLC0415 - the same

    print(f"{known.path}: {len(known.keys)} keys")  # a table's own title would wrap
    table = Table()
    for column in ("name", "scopes", "sha256"):
        table.add_column(column)
    for name, key in sorted(known.keys.items()):
        table.add_row(name, ", ".join(sorted(key.scopes)), f"{key.sha256[:12]}…")
    Console().print(table)


def _say(message: str) -> None:
    typer.echo(message, err=True)
