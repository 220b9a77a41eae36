"""Options that several commands share, and how commands end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from quorate_client import ss58
from quorate_client.errors import Forbidden, KeyRefused, QuorateError, UnusableStatuses
from quorate_client.keys import SeedKeypair
from quorate_client.signing import Scheme

FAILED, USAGE = 1, 2
"""Exit codes: the service refused or is not there; what was given cannot be used."""

WALLETS = Path("~/.bittensor/wallets")


def receiver_of(given: str | None) -> str | None:
    """The hotkey that --receiver names, None for an empty one; ends the command if it is none."""
    if not given:
        return None
    try:
        ss58.decode(given)
    except ValueError as error:
        end(f"--receiver: {error}", USAGE)
    return given


Url = Annotated[str, typer.Option("--url", envvar="QUORATE_URL", help="The service's base URL.")]
Key = Annotated[
    str | None,
    typer.Option("--key", envvar="QUORATE_KEY", help="API key, where reads need one."),
]
Netuid = Annotated[
    int | None, typer.Option("--netuid", min=0, max=65535, help="The subnet, if not the default.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Wallet = Annotated[
    str | None,
    typer.Option("--wallet", metavar="NAME/HOTKEY", help="A wallet in ~/.bittensor/wallets."),
]
KeyFile = Annotated[
    Path | None, typer.Option("--keyfile", help="An unencrypted hotkey file, instead of a wallet.")
]
SignedBy = Annotated[
    Scheme, typer.Option("--scheme", help="How to sign; epistula needs --receiver.")
]
Receiver = Annotated[
    str | None,
    typer.Option(
        "--receiver",
        envvar="QUORATE_RECEIVER",
        callback=receiver_of,
        help="The service's hotkey, if any.",
    ),
]

DEFAULT_URL = "http://127.0.0.1:5000"
"""Where `make up` serves."""


def keypair_of(wallet: str | None, keyfile: Path | None) -> SeedKeypair:
    """The hotkey of a wallet or of a key file; ends the command where it cannot be used."""
    if (wallet is None) == (keyfile is None):
        end("give one of --wallet NAME/HOTKEY and --keyfile PATH", USAGE)
    path = keyfile or _hotkey_file(wallet or "")
    try:
        return SeedKeypair.from_keyfile(path)
    except OSError as error:
        end(f"{path}: {error.strerror}", USAGE)
    except ValueError as error:
        end(str(error), USAGE)


@contextmanager
def asking(what: str = "asking", signer: str | None = None) -> Iterator[None]:
    """End the command in a sentence where the service cannot be asked or refuses.

    A person sees that something is under way; retries can take most of a minute. `signer` is the
    hotkey that a refusal to it names.
    """
    try:
        with _waiting(what):
            yield
    except UnusableStatuses as error:
        end(str(error), USAGE)
    except QuorateError as error:
        end(f"{type(error).__name__}: {error}{_hint(error, signer)}")
    except ValueError as error:
        end(str(error), USAGE)


def print_json(value: Any) -> None:
    """One line on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def counted(number: int, noun: str) -> str:
    """`1 miner`, `2 miners`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def end(message: str, code: int = FAILED) -> NoReturn:
    """Say why on standard error, and end."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def _hint(error: QuorateError, signer: str | None) -> str:
    if isinstance(error, KeyRefused):
        return "; --key or QUORATE_KEY gives it"
    return f"; signed by {signer}" if signer and isinstance(error, Forbidden) else ""


def _waiting(what: str) -> AbstractContextManager[object]:
    """A spinner on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console  # noqa: PLC0415 - loads late

    return Console(stderr=True).status(f"{what} …")


def _hotkey_file(wallet: str) -> Path:
    name, _, hotkey = wallet.partition("/")
    return WALLETS.expanduser() / name / "hotkeys" / (hotkey or "default")
