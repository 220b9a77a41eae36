"""`quorate registry sync`: the registry as the chain has it now, and what that changes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from quorate_client.options import USAGE, AsJson, counted, end, print_json

from cli.registry_options import (
    Netuid,
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
    from shared.service.sync import Plan, Sync
    from shared.settings import Settings

Endpoints = Annotated[
    list[str] | None,
    typer.Option(
        "--endpoint",
        metavar="URL",
        help="JSON-RPC of the chain, http or https; several are asked in turn."
        "  [default: CHAIN_ENDPOINTS]",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, write nothing.")]
Force = Annotated[
    bool, typer.Option("--force", help="Believe any block, and that most neurons are gone.")
]


def sync(  # noqa: PLR0913, PLR0917 - options of a command line, given by name
    ctx: typer.Context,
    endpoint: Endpoints = None,
    netuid: Netuid = None,
    dry_run: DryRun = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Read the metagraph from the chain and replace the registry by it, whole or not at all.

    Without --netuid every subnet of NETUIDS is synced. What operators decided stays.
    """
    from shared.service.sync import ChainError  # noqa: PLC0415 - loads when it runs

    settings, policy = settings_of_environment()
    place = place_of(ctx)
    use_case = _sync_of(settings, endpoint, place)
    for chosen in settings.netuids if netuid is None else (netuid,):
        try:
            plan = use_case.plan(chosen, force=force)
            done = plan if dry_run else use_case.apply(plan, force=force)
        except (ChainError, StoreError) as error:
            end(f"subnet {chosen}: {error}")
        _tell(done, policy, _outcome(done, dry_run), as_json)
        passed_over = [f"passed over {reason}" for reason in done.passed_over]
        warn([*passed_over, *warnings_about(done.registry, settings)])


def _sync_of(settings: Settings, endpoints: list[str] | None, place: Place) -> Sync:
    import time  # noqa: PLC0415 - with the rest

    from shared.adapters.chain_metagraph import SubtensorChain  # noqa: PLC0415 - only where needed
    from shared.adapters.chain_rpc import Rpc  # noqa: PLC0415 - the same
    from shared.service.sync import Sync  # noqa: PLC0415 - the same
    from shared.settings import endpoint_url  # noqa: PLC0415 - the same

    try:
        urls = [endpoint_url(url) for url in endpoints or settings.chain_endpoints]
    except ValueError as error:
        end(f"--endpoint: {error}", USAGE)
    if not urls:
        end("no chain to ask: give --endpoint, or set CHAIN_ENDPOINTS", USAGE)
    chains = [SubtensorChain(Rpc(url)) for url in urls]
    return Sync(chains, place, time.time, settings.chain_block_seconds)


def _outcome(done: Plan, dry_run: bool) -> str:
    if not done.is_news:
        return "unchanged"
    return "would be synced" if dry_run else "synced"


def _tell(done: Plan, policy: Policy, outcome: str, as_json: bool) -> None:
    registry = done.registry
    if as_json:
        print_json(
            {
                "netuid": registry.netuid,
                "outcome": outcome,
                "block": registry.block,
                "source": done.source,
                "neurons": len(registry.neurons),
                "may_report": len(registry.eligible(policy)),
                **_changes_as_json(done),
            }
        )
        return
    counts = ", ".join(f"{number} {what}" for what, number in done.changes.counts().items())
    print(
        f"subnet {registry.netuid}: {outcome} at block {registry.block:,} by {done.source};"
        f" {counted(len(registry.neurons), 'neuron')}, {len(registry.eligible(policy))} may report;"
        f" {counts}"
    )
    rows = rows_of(done, policy)
    if rows:
        _print_table(registry, rows)


def _changes_as_json(done: Plan) -> dict[str, Any]:
    changes = done.changes
    pairs = {"recycled": changes.recycled, "altered": changes.altered}
    return {
        "joined": [asdict(neuron) for neuron in changes.joined],
        "left": [asdict(neuron) for neuron in changes.left],
        **{
            what: [{"before": asdict(before), "after": asdict(after)} for before, after in both]
            for what, both in pairs.items()
        },
    }


def rows_of(done: Plan, policy: Policy) -> list[tuple[str, ...]]:
    """(uid, change, hotkey, details) of every change that is more than another stake, by uid."""
    before, changes = done.stored.registry or Registry(0, 0.0, ()), done.changes
    rows = [(n.uid, "joined", n.hotkey, f"stake {n.stake:,.2f}") for n in changes.joined]
    rows += [(n.uid, "left", n.hotkey, "") for n in changes.left]
    rows += [(n.uid, "recycled", n.hotkey, f"was {old.hotkey}") for old, n in changes.recycled]
    for old, new in changes.altered:
        details = _details(old, new)
        verdicts = (
            before.why_refused(old.hotkey, policy),
            done.registry.why_refused(new.hotkey, policy),
        )
        if verdicts[0] != verdicts[1]:
            details.append(f"may report: {verdicts[0] or 'yes'} → {verdicts[1] or 'yes'}")
        if details:
            rows.append((new.uid, "altered", new.hotkey, "; ".join(details)))
    return [(str(uid), *rest) for uid, *rest in sorted(rows)]


def _details(old: Neuron, new: Neuron) -> list[str]:
    """What differs but the stake, which differs all the time."""
    names = ("validator_permit", "coldkey", "axon", "block_at_registration")
    values = ((name, getattr(old, name), getattr(new, name)) for name in names)
    return [f"{name}: {_shown(a)} → {_shown(b)}" for name, a, b in values if a != b]


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return "{}:{}".format(*value)
    return "none" if value is None else str(value)


def _print_table(registry: Registry, rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only where a table is shown
    from rich.table import Table  # noqa: PLC0415 - the same

    table = Table(title=f"subnet {registry.netuid}, changes beside the stakes")
    for name in ("uid", "change", "hotkey", "details"):
        table.add_column(name, justify="right" if name == "uid" else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
