"""`quorate registry`: who is registered, with which stake, and who may report."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from cli import registry_file, store
from cli.registry_file import RegistryFile, UnusableFile
from cli.store import Place
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Overrides, Registry
from shared.service.ports import StoreError

if TYPE_CHECKING:
    from shared.settings import Settings

USAGE, FAILURE = 2, 1
"""Exit codes: what was given cannot be used; the store did not do it."""

MOST_PROBLEMS = 20
"""Problems of a file that are listed before the rest is only counted."""

app = typer.Typer(help="Who is registered, and who may report.", no_args_is_help=True)

Netuid = Annotated[int | None, typer.Option(min=0, max=65535, help="The subnet.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


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
    settings, policy = _settings()
    content = _read(file)
    chosen = _first_given(netuid, content.netuid, settings.default_netuid)
    registry = Registry(netuid=chosen, synced_at=time.time(), neurons=content.neurons)
    place = _place(ctx)
    try:
        place.save(registry)
    except StoreError as error:
        _end(str(error))
    _tell_import(registry, policy, place, _warnings(content, registry, settings, policy), as_json)


@app.command("list")
def list_(ctx: typer.Context, netuid: Netuid = None, as_json: AsJson = False) -> None:
    """Show a subnet's registry and who of it may report, largest stake first."""
    settings, policy = _settings()
    chosen = _first_given(netuid, settings.default_netuid)
    place = _place(ctx)
    try:
        registry = place.load(chosen)
    except StoreError as error:
        _end(str(error))
    if registry is None:
        _end(f"subnet {chosen} has no registry in {place.name}; see: quorate registry import")
    rows = [_row(n, registry, policy) for n in sorted(registry.neurons, key=_by_stake)]
    if as_json:
        _print_json({"netuid": chosen, "synced_at": registry.synced_at, "neurons": rows})
    else:
        _print_table(registry, rows)


Validator = Annotated[str, typer.Argument(metavar="UID|HOTKEY", help="The validator.")]


@app.command()
def disable(ctx: typer.Context, validator: Validator, netuid: Netuid = None) -> None:
    """Let a validator report no more, whatever the chain says."""
    _decide(ctx, validator, netuid, "is disabled", _disabled)


@app.command()
def enable(ctx: typer.Context, validator: Validator, netuid: Netuid = None) -> None:
    """Undo `disable`: the chain decides again."""
    _decide(ctx, validator, netuid, "is no longer disabled", _enabled)


@app.command()
def lift(ctx: typer.Context, validator: Validator, netuid: Netuid = None) -> None:
    """Lift a validator's quarantine once: with the next closed round its record starts anew."""
    _decide(ctx, validator, netuid, "starts anew with the next closed round", _lifted)


def _decide(
    ctx: typer.Context,
    validator: str,
    netuid: int | None,
    outcome: str,
    change: Callable[[Overrides, str], Overrides],
) -> None:
    settings, _ = _settings()
    chosen = _first_given(netuid, settings.default_netuid)
    place = _place(ctx)
    try:
        registry = place.load(chosen)
        neuron = _named(registry, validator) if registry else None
        if registry is None or neuron is None:
            _end(f"subnet {chosen} has no neuron {validator}; see: quorate registry list", USAGE)
        place.save_overrides(chosen, change(registry.overrides, neuron.hotkey))
    except StoreError as error:
        _end(str(error))
    print(f"subnet {chosen}: uid {neuron.uid}, {neuron.hotkey}, {outcome}")


def _named(registry: Registry, validator: str) -> Neuron | None:
    by_uid = registry.of_uid(int(validator)) if validator.isdecimal() else None
    return by_uid or registry.of_hotkey(validator)


def _disabled(overrides: Overrides, hotkey: str) -> Overrides:
    return replace(overrides, disabled=overrides.disabled | {hotkey})


def _enabled(overrides: Overrides, hotkey: str) -> Overrides:
    return replace(overrides, disabled=overrides.disabled - {hotkey})


def _lifted(overrides: Overrides, hotkey: str) -> Overrides:
    return replace(overrides, lifted={**overrides.lifted, hotkey: round(time.time(), 3)})


def _settings() -> tuple[Settings, Policy]:
    from shared.settings import BadSettings, load_settings  # noqa: PLC0415 - pydantic loads late

    try:
        settings = load_settings()
    except BadSettings as error:
        _end(str(error), USAGE)
    return settings, settings.policy


def _read(file: Path) -> RegistryFile:
    try:
        return registry_file.parse(file.read_text("utf-8"))
    except OSError as error:
        _end(f"{file}: {error.strerror}", USAGE)
    except UnicodeDecodeError as error:
        _end(f"{file}: not UTF-8 at byte {error.start}", USAGE)
    except UnusableFile as error:
        shown = [f"{file}: {problem}" for problem in error.problems[:MOST_PROBLEMS]]
        hidden = len(error.problems) - len(shown)
        _end("\n".join([*shown, f"… and {hidden} more"] if hidden else shown), USAGE)


def _place(ctx: typer.Context) -> Place:
    """Where the registry is kept: what the caller handed over, else by the environment."""
    if isinstance(ctx.obj, Place):
        return ctx.obj
    try:
        return store.open_registry()
    except StoreError as error:
        _end(str(error))


def _warnings(
    content: RegistryFile, registry: Registry, settings: Settings, policy: Policy
) -> list[str]:
    warnings = []
    if not content.has_permits:
        warnings.append("the file has no permits: the 64 largest stakes were given one")
    if content.netuid not in (None, registry.netuid):
        warnings.append(f"the file is of subnet {content.netuid}, kept as {registry.netuid}")
    if registry.netuid not in settings.netuids:
        served = ", ".join(map(str, settings.netuids))
        warnings.append(f"subnet {registry.netuid} is not served here: NETUIDS is {served}")
    eligible, quorum = len(registry.eligible(policy)), policy.min_consensus_validators
    if eligible < quorum:
        warnings.append(f"only {eligible} may report, a quorum takes {quorum}")
    return warnings


def _tell_import(
    registry: Registry, policy: Policy, place: Place, warnings: list[str], as_json: bool
) -> None:
    permits = sum(n.validator_permit for n in registry.neurons)
    eligible = len(registry.eligible(policy))
    if as_json:
        counts = {"neurons": len(registry.neurons), "permits": permits, "may_report": eligible}
        _print_json({"netuid": registry.netuid, **counts, "warnings": warnings})
        return
    print(
        f"subnet {registry.netuid}: wrote {len(registry.neurons)} neurons, {permits} with a permit;"
        f" {eligible} have at least {policy.min_validator_stake:,.0f} TAO too and may report"
    )
    print(f"to {place.name}")
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)


def _row(neuron: Neuron, registry: Registry, policy: Policy) -> dict[str, Any]:
    return {
        "uid": neuron.uid,
        "hotkey": neuron.hotkey,
        "coldkey": neuron.coldkey,
        "stake": neuron.stake,
        "validator_permit": neuron.validator_permit,
        "block_at_registration": neuron.block_at_registration,
        "axon": neuron.axon and list(neuron.axon),
        "refused": registry.why_refused(neuron.hotkey, policy),
    }


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


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _first_given(*candidates: int | None) -> int:
    return next(candidate for candidate in candidates if candidate is not None)


def _end(message: str, code: int = FAILURE) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
