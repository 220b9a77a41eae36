"""`quorate registry`: who is registered, with which stake, and who may report."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from quorate_client.options import USAGE, AsJson, counted, end, print_json

from cli import registry_file, registry_overrides, registry_sync
from cli.registry_file import RegistryFile, UnusableFile
from cli.registry_options import (
    Netuid,
    first_given,
    place_of,
    settings_of_environment,
    warn,
    warnings_about,
)
from cli.store import Place
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.service.ports import StoreError

if TYPE_CHECKING:
    from shared.settings import Settings

MOST_PROBLEMS = 20
"""Problems of a file that are listed before the rest is only counted."""

app = typer.Typer(help="Who is registered, and who may report.", no_args_is_help=True)

for command in (
    registry_sync.sync,
    registry_overrides.disable,
    registry_overrides.enable,
    registry_overrides.lift,
):
    app.command()(command)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help='JSON: {"netuid", "neurons": […]} or the array.')],
    netuid: Netuid = None,
    as_json: AsJson = False,
) -> None:
    """Replace a subnet's registry by a JSON file, whole or not at all.

    The subnet is --netuid, else the file's, else the first of NETUIDS. Where no neuron carries
    `validator_permit`, the 64 largest stakes have one, as on the chain.
    """
    settings, policy = settings_of_environment()
    content = _read(file)
    chosen = first_given(netuid, content.netuid, settings.default_netuid)
    registry = Registry(netuid=chosen, synced_at=time.time(), neurons=content.neurons)
    place = place_of(ctx)
    try:
        place.save(registry)
    except StoreError as error:
        end(str(error))
    _tell_import(registry, policy, place, _warnings(content, registry, settings), as_json)


@app.command("list")
def list_(ctx: typer.Context, netuid: Netuid = None, as_json: AsJson = False) -> None:
    """Show a subnet's registry and who of it may report, largest stake first."""
    settings, policy = settings_of_environment()
    chosen = first_given(netuid, settings.default_netuid)
    place = place_of(ctx)
    try:
        registry = place.load(chosen)
    except StoreError as error:
        end(str(error))
    if registry is None:
        end(f"subnet {chosen} has no registry in {place.name}; see: quorate registry import")
    rows = [_row(n, registry, policy) for n in sorted(registry.neurons, key=_by_stake)]
    if as_json:
        print_json({"netuid": chosen, "synced_at": registry.synced_at, "neurons": rows})
    else:
        _print_table(registry, rows)


def _read(file: Path) -> RegistryFile:
    try:
        return registry_file.parse(file.read_text("utf-8"))
    except OSError as error:
        end(f"{file}: {error.strerror}", USAGE)
    except UnicodeDecodeError as error:
        end(f"{file}: not UTF-8 at byte {error.start}", USAGE)
    except UnusableFile as error:
        shown = [f"{file}: {problem}" for problem in error.problems[:MOST_PROBLEMS]]
        hidden = len(error.problems) - len(shown)
        end("\n".join([*shown, f"… and {hidden} more"] if hidden else shown), USAGE)


def _warnings(content: RegistryFile, registry: Registry, settings: Settings) -> list[str]:
    warnings = []
    if not content.has_permits:
        warnings.append("the file has no permits: the 64 largest stakes were given one")
    if content.netuid not in (None, registry.netuid):
        warnings.append(f"the file is of subnet {content.netuid}, kept as {registry.netuid}")
    return [*warnings, *warnings_about(registry, settings)]


def _tell_import(
    registry: Registry, policy: Policy, place: Place, warnings: list[str], as_json: bool
) -> None:
    permits = sum(n.validator_permit for n in registry.neurons)
    eligible = len(registry.eligible(policy))
    if as_json:
        counts = {"neurons": len(registry.neurons), "permits": permits, "may_report": eligible}
        print_json({"netuid": registry.netuid, **counts, "warnings": warnings})
        return
    print(
        f"subnet {registry.netuid}: wrote {counted(len(registry.neurons), 'neuron')},"
        f" {permits} with a permit; {eligible} have at least"
        f" {policy.min_validator_stake:,.0f} TAO too and may report"
    )
    print(f"to {place.name}; functions notice within a minute")
    warn(warnings)


def _row(neuron: Neuron, registry: Registry, policy: Policy) -> dict[str, Any]:
    return {**asdict(neuron), "refused": registry.why_refused(neuron.hotkey, policy)}


def _by_stake(neuron: Neuron) -> tuple[float, int]:
    return (-neuron.stake, neuron.uid)


def _print_table(registry: Registry, rows: list[dict[str, Any]]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only where a table is shown
    from rich.table import Table  # noqa: PLC0415 - the same

    synced = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(registry.synced_at))
    table = Table(title=f"subnet {registry.netuid}, {len(rows)} neurons, as of {synced} UTC")
    for name in ("uid", "stake", "may report", "hotkey", "axon"):
        table.add_column(name, justify="right" if name in ("uid", "stake") else "left")
    for row in rows:
        axon = "{}:{}".format(*row["axon"]) if row["axon"] else ""
        verdict = row["refused"] or "yes"
        table.add_row(str(row["uid"]), f"{row['stake']:,.2f}", verdict, row["hotkey"], axon)
    Console().print(table)
