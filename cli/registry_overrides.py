"""`quorate registry disable | enable | lift`: what operators decide over the chain's head."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

import typer
from quorate_client.options import USAGE, AsJson, end, print_json

from cli.registry_options import (
    Netuid,
    first_given,
    place_of,
    settings_of_environment,
)
from cli.store import Place
from shared.domain.registry import Neuron, Overrides, Registry
from shared.service.ports import Conflict, StoreError

ATTEMPTS = 8
"""How often a decision is made anew because another operator decided meanwhile."""
PAUSE = 0.2
"""Longest pause in seconds before the next attempt."""

Change = Callable[[Overrides, str], Overrides]
"""Overrides and a hotkey → the overrides as they should be."""

Validator = Annotated[str, typer.Argument(metavar="UID|HOTKEY", help="The validator.")]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What an operator wants to be true, and how it is said once it is."""

    validator: str
    netuid: int | None
    outcome: str
    change: Change


def disable(
    ctx: typer.Context, validator: Validator, netuid: Netuid = None, as_json: AsJson = False
) -> None:
    """Let a validator report no more, whatever the chain says."""
    _decide(_Wish(validator, netuid, "is disabled", _disabled), ctx, as_json)


def enable(
    ctx: typer.Context, validator: Validator, netuid: Netuid = None, as_json: AsJson = False
) -> None:
    """Undo `disable`: the chain decides again."""
    _decide(_Wish(validator, netuid, "is no longer disabled", _enabled), ctx, as_json)


def lift(
    ctx: typer.Context, validator: Validator, netuid: Netuid = None, as_json: AsJson = False
) -> None:
    """Lift a validator's quarantine once: with the next closed round its record starts anew."""
    outcome = "starts anew with the next closed round"
    _decide(_Wish(validator, netuid, outcome, _lifted), ctx, as_json)


def _decide(wish: _Wish, ctx: typer.Context, as_json: bool) -> None:
    settings, _ = settings_of_environment()
    chosen = first_given(wish.netuid, settings.default_netuid)
    try:
        neuron = _change(place_of(ctx), chosen, wish.validator, wish.change)
    except StoreError as error:
        end(str(error))
    if neuron is None:
        end(f"subnet {chosen} has no neuron {wish.validator}; see: quorate registry list", USAGE)
    if as_json:
        told = {"uid": neuron.uid, "hotkey": neuron.hotkey, "outcome": wish.outcome}
        print_json({"netuid": chosen, **told})
    else:
        print(f"subnet {chosen}: uid {neuron.uid}, {neuron.hotkey}, {wish.outcome}")


def _change(place: Place, netuid: int, validator: str, change: Change) -> Neuron | None:
    """Make one decision, on top of whatever others decide at the same time.

    Gives whom it is about, None if nobody is meant; raises `Conflict` after too many attempts.
    """
    for _ in range(ATTEMPTS):
        stored = place.read(netuid)
        neuron = _named(stored.registry, validator) if stored.registry else None
        if neuron is None:
            return None
        overrides = change(stored.overrides, neuron.hotkey)
        try:
            place.save_overrides(netuid, overrides, stored.overrides_revision)
        except Conflict:
            time.sleep(random.uniform(0, PAUSE))  # noqa: S311 - so that two do not meet again
        else:
            return neuron
    raise Conflict(f"others kept deciding about subnet {netuid}: nothing was written, try again")


def _named(registry: Registry, validator: str) -> Neuron | None:
    by_uid = registry.of_uid(int(validator)) if validator.isdecimal() else None
    return by_uid or registry.of_hotkey(validator)


def _disabled(overrides: Overrides, hotkey: str) -> Overrides:
    return replace(overrides, disabled=overrides.disabled | {hotkey})


def _enabled(overrides: Overrides, hotkey: str) -> Overrides:
    return replace(overrides, disabled=overrides.disabled - {hotkey})


def _lifted(overrides: Overrides, hotkey: str) -> Overrides:
    return replace(overrides, lifted={**overrides.lifted, hotkey: round(time.time(), 3)})
