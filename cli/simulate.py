"""`quorate simulate`: validators that lie, reporting to a real installation."""

from __future__ import annotations

import ipaddress
import json
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from quorate_client.options import DEFAULT_URL, USAGE, AsJson, Key, Url, end, print_json

from cli import registry_file
from cli.registry_options import (
    Netuid,
    first_given,
    place_of,
    settings_of_environment,
)
from cli.store import Place
from shared.domain.registry import Registry
from shared.service.ports import StoreError

if TYPE_CHECKING:
    from devtools.simulation import Subnet

app = typer.Typer(subcommand_metavar="")

KeysFrom = Annotated[
    str | None,
    typer.Option(
        envvar="QUORATE_SIMULATION_SECRET",
        help="A secret of yours from which the hotkeys are made; required off this machine.",
    ),
]
PrintRegistry = Annotated[
    bool, typer.Option("--registry", help="Print the registry to import, and end.")
]
KeepRegistry = Annotated[
    bool, typer.Option("--keep-registry", help="The registry is imported already.")
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Report to a service that is not on this machine.")
]


@app.callback(invoke_without_command=True)
def simulate(  # noqa: PLR0913, PLR0917 - options of a command line, given by name
    ctx: typer.Context,
    scenario: Annotated[str, typer.Option(help="Who lies, and how; `list` shows all.")] = "shift",
    url: Url = DEFAULT_URL,
    validators: Annotated[int, typer.Option("-k", "--validators", min=2, max=64)] = 16,
    miners: Annotated[int, typer.Option("-m", "--miners", min=4, max=1024)] = 48,
    alpha: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Share of heads and stake that lies.")
    ] = 0.3,
    rounds: Annotated[int, typer.Option(min=1)] = 20,
    interval: Annotated[
        float, typer.Option(min=1.0, help="Seconds from round to round; mind the rate limit.")
    ] = 10.0,
    seed: Annotated[int, typer.Option(help="Decides stakes, truth and noise.")] = 1,
    netuid: Netuid = None,
    key: Key = None,
    keys_from: KeysFrom = None,
    print_registry: PrintRegistry = False,
    keep_registry: KeepRegistry = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Let simulated validators, some of which lie, report to a service, and watch the consensus.

    Reports are signed with real hotkeys. On this machine the registry of the emulator is replaced
    by the simulated one; elsewhere import what --registry prints, and say --yes.
    """
    from devtools.scenarios import SCENARIOS, Plan, subnet_of  # noqa: PLC0415 - loads when it runs
    from devtools.simulation import KEYS_FROM  # noqa: PLC0415 - the same

    if scenario == "list":
        _list({name: it.says for name, it in SCENARIOS.items()}, as_json)
        return
    if scenario not in SCENARIOS:
        end(f"--scenario: {scenario} is none of {', '.join(SCENARIOS)}", USAGE)
    chosen = first_given(netuid, settings_of_environment()[0].default_netuid)
    origin = keys_from or KEYS_FROM
    plan = Plan(scenario, validators, miners, rounds, alpha, seed, chosen, origin)
    subnet = subnet_of(plan)
    if print_registry:
        print(json.dumps(subnet.registry(), indent=1))
        return
    _permit(url, yes=yes, has_secret=keys_from is not None)
    if is_loopback(url) and not keep_registry:
        _register(_emulator(ctx), subnet)
    _run(url, key, subnet, rounds, interval, seed, as_json)


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine and nowhere else."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _list(scenarios: Mapping[str, str], as_json: bool) -> None:
    if as_json:
        print_json([{"name": name, "says": says} for name, says in scenarios.items()])
        return
    for name, says in scenarios.items():
        print(f"{name:18}{says}")


def _permit(url: str, *, yes: bool, has_secret: bool) -> None:
    if is_loopback(url):
        return
    if not yes:
        end(f"{url} is not on this machine: false reports go there only with --yes", USAGE)
    if not has_secret:
        end(
            "give a secret of yours, QUORATE_SIMULATION_SECRET: without one, anyone could sign as"
            " these validators",
            USAGE,
        )


def _emulator(ctx: typer.Context) -> Place:
    if not isinstance(ctx.obj, Place) and not os.environ.get("FIRESTORE_EMULATOR_HOST"):
        end(
            "no emulator to register the validators in: set FIRESTORE_EMULATOR_HOST as `make up`"
            " says, or import what --registry prints and say --keep-registry",
            USAGE,
        )
    return place_of(ctx)


def _register(place: Place, subnet: Subnet) -> None:
    neurons = registry_file.parse(json.dumps(subnet.registry())).neurons
    try:
        place.save(Registry(subnet.netuid, time.time(), neurons))
    except StoreError as error:
        end(str(error))


def _run(  # noqa: PLR0913, PLR0917 - what was given on the command line
    url: str,
    key: str | None,
    subnet: Subnet,
    rounds: int,
    interval: float,
    seed: int,
    as_json: bool,
) -> None:
    from quorate_client.errors import QuorateError  # noqa: PLC0415 - loads when it runs
    from quorate_client.proxy import Proxy  # noqa: PLC0415 - the same

    from cli import simulate_run as running  # noqa: PLC0415 - the same

    try:
        with Proxy(url, key, subnet.netuid) as proxy:
            simulation = running.Simulation(url, subnet, proxy, interval, seed)
            if as_json:
                running.tell(simulation, rounds)
            else:
                running.show(simulation, rounds)
    except running.NobodyKnown as error:
        end(f"nobody may report: {error}")
    except QuorateError as error:
        end(f"{type(error).__name__}: {error}")
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
