"""The command `quorate`: what the client brings, and what a checkout adds to it.

Every other installed package may add a group of commands: entry-point group `quorate.commands`.
"""

from __future__ import annotations

from importlib.metadata import entry_points

import typer

from quorate_client import remote
from quorate_client.doctor import doctor

app = typer.Typer(
    name="quorate",
    help="Report miners to Quorate and read what its validators agree on.",
    no_args_is_help=True,
    rich_markup_mode="markdown",  # lines of a paragraph flow
    pretty_exceptions_show_locals=False,  # locals hold keys
)

for command in (remote.report, remote.status, remote.miner, remote.validators, doctor):
    app.command()(command)

for entry in sorted(entry_points(group="quorate.commands"), key=lambda e: e.name):
    app.add_typer(entry.load(), name=entry.name)
