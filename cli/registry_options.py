"""What the commands about the registry share: settings, places and warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from quorate_client.options import USAGE, end

from cli import store
from cli.store import Place
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.service.ports import StoreError

if TYPE_CHECKING:
    from shared.settings import Settings

Netuid = Annotated[int | None, typer.Option(min=0, max=65535, help="The subnet.")]


def settings_of_environment() -> tuple[Settings, Policy]:
    """The settings and their policy; ends the command where they cannot be used."""
    from shared.settings import BadSettings, load_settings  # noqa: PLC0415 - pydantic loads late

    try:
        settings = load_settings()
    except BadSettings as error:
        end(str(error), USAGE)
    return settings, settings.policy


def place_of(ctx: typer.Context) -> Place:
    """Where the registry is kept: what the caller handed over, else by the environment."""
    if isinstance(ctx.obj, Place):
        return ctx.obj
    try:
        return store.open_registry()
    except StoreError as error:
        end(str(error))


def first_given(*candidates: int | None) -> int:
    """The first that is not None."""
    return next(candidate for candidate in candidates if candidate is not None)


def warnings_about(registry: Registry, settings: Settings) -> list[str]:
    """What deserves attention in a registry that was written."""
    warnings = []
    is_told = "netuids" in settings.model_fields_set  # else the service's may be any
    if is_told and registry.netuid not in settings.netuids:
        served = ", ".join(map(str, settings.netuids))
        warnings.append(f"subnet {registry.netuid} is not served here: NETUIDS is {served}")
    policy = settings.policy
    eligible, quorum = len(registry.eligible(policy)), policy.min_consensus_validators
    if eligible < quorum:
        warnings.append(f"only {eligible} may report, a quorum takes {quorum}")
    return warnings


def warn(warnings: list[str]) -> None:
    """Say each on standard error."""
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)
