"""`quorate replay`: a recorded stream of reports through the very engine."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from quorate_client.options import USAGE, end

if TYPE_CHECKING:
    from shared.domain.policy import Policy

app = typer.Typer(
    subcommand_metavar="",
    context_settings={"allow_interspersed_args": True},  # options may follow the file
)


class UnusablePolicy(ValueError):  # noqa: N818 - names what the file is
    """A policy file that cannot be used; the message names the number and the rule it breaks."""


@app.callback(invoke_without_command=True)
def replay(
    file: Annotated[Path, typer.Argument(help="Reports and ticks, one JSON object a line.")],
    policy: Annotated[
        Path | None,
        typer.Option(help="JSON object of the policy's numbers that differ from the defaults."),
    ] = None,
) -> None:
    """Replay a recorded stream of reports: one line of JSON per recompute.

    A line of FILE is {"t": seconds, "validator_uid", "stake", "miner_statuses": [{"uid", …}]} or
    {"t": seconds, "tick": true}, which asks for a recompute and closes a round; without ticks,
    rounds close by t. All of FILE is checked before the first line is answered.
    """
    from shared.service.recording import BadLine  # noqa: PLC0415 - the engine loads when it runs

    try:
        chosen = policy_of(policy.read_text("utf-8") if policy else "{}")
        has_ticks = _check(file)
    except OSError as error:
        end(f"{error.filename}: {error.strerror}", USAGE)
    except UnicodeDecodeError as error:
        end(f"{policy}: not UTF-8 at byte {error.start}", USAGE)
    except BadLine as error:
        end(f"{file}: {error}", USAGE)
    except UnusablePolicy as error:
        end(f"{policy}: {error}", USAGE)
    _answer(file, chosen, has_ticks)


def policy_of(text: str) -> Policy:
    """The default policy with the numbers of a JSON object; raises `UnusablePolicy`."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - loads when it runs

    from shared import strict_json  # noqa: PLC0415 - the same
    from shared.domain.policy import Policy  # noqa: PLC0415 - the same

    try:
        given = strict_json.loads(text)
    except strict_json.NotStrictJson as error:
        raise UnusablePolicy(str(error)) from None
    if not isinstance(given, dict):
        raise UnusablePolicy("should be a JSON object")
    unknown = sorted(given.keys() - {f.name for f in fields(Policy)})
    if unknown:
        raise UnusablePolicy(f"{unknown[0]} is no number of the policy")
    try:
        return TypeAdapter(Policy).validate_python(given)
    except ValidationError as error:
        raise UnusablePolicy("; ".join(map(_explain, error.errors()))) from None


def _explain(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    rule = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {rule}" if where else rule


def _check(file: Path) -> bool:
    """Whether the stream has ticks; raises `BadLine` for its first bad line."""
    from shared.service.recording import Tick, read  # noqa: PLC0415 - loads when it runs

    with file.open("rb") as lines:
        return sum(isinstance(entry, Tick) for entry in read(lines)) > 0


def _answer(file: Path, policy: Policy, has_ticks: bool) -> None:
    from shared.service import replay as engine  # noqa: PLC0415 - loads when it runs

    with file.open("rb") as lines:
        for answer in engine.replay(lines, policy, has_ticks=has_ticks):
            print(json.dumps(answer, allow_nan=False))
