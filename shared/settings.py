"""Everything that an operator may set, from environment variables, validated at start.

Each field is read from the variable of its upper-case name; every number of the consensus policy is
a setting of the same kind (`consensus_timeout` is `CONSENSUS_TIMEOUT`). `docs/settings.md` lists
them all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cached_property
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from shared import ss58
from shared.domain.policy import Policy

Scope = Literal["read", "dispatch", "audit"]

_CONFIG = SettingsConfigDict(
    frozen=True, extra="ignore", allow_inf_nan=False, env_ignore_empty=True, validate_default=False
)


class BadSettings(ValueError):  # noqa: N818 - a state of the environment
    """Settings that cannot be used; the message names each variable and the rule it breaks."""


class ApiKey(BaseModel):
    """One key that a caller may hold; the key itself is nowhere, only its digest."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=64)

    name: str
    """Who holds it; appears in logs."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """Lowercase hex of the key's SHA-256."""
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _distinct(values: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(values)) < len(values):
        raise ValueError("names a subnet twice")
    return values


def _hotkey(value: str | None) -> str | None:
    if value is not None:
        ss58.decode(value)
    return value


def endpoint_url(value: str) -> str:
    """An http or https URL, as it is; raises `ValueError` for everything else."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or not value.isascii():
        raise ValueError(f"{value[:80]!r} is no http or https URL")
    _ = parts.port  # raises `ValueError` itself
    return value


Netuid = Annotated[int, Field(ge=0, le=65_535)]


class Settings(BaseSettings):
    """What the functions of one deployment share; the policy's numbers are in `policy`."""

    model_config = _CONFIG

    netuids: Annotated[
        tuple[Netuid, ...],
        NoDecode,
        BeforeValidator(_split),
        Field(min_length=1),
        AfterValidator(_distinct),
    ] = (1,)
    """Subnets served, comma separated; the first is the default."""
    store: Literal["firestore", "memory"] = "firestore"
    """Where state lives; `memory` is one process, for a first look and for tests."""
    receiver_hotkey: Annotated[str | None, AfterValidator(_hotkey)] = None
    """ss58 address that reports must be bound to; unset: any, and Epistula is refused."""
    read_access: Literal["public", "key"] = "public"
    """Who may read the consensus: anyone, or holders of a key with scope `read`."""
    api_keys: tuple[ApiKey, ...] = ()
    """JSON list of `{"name", "sha256", "scopes"}`; several at once, for rotation."""
    rate_limit_per_minute: Annotated[int, Field(ge=1, le=600)] = 12
    """Reports that one validator may post within 60 seconds."""
    max_nonce_age: Annotated[float, Field(gt=0, le=3600)] = 120.0
    """Seconds after which a signed request is stale."""
    allow_private_axons: bool = False
    """Whether tasks may go to addresses that are not public: for networks of one's own."""
    chain_endpoints: Annotated[
        tuple[Annotated[str, AfterValidator(endpoint_url)], ...], NoDecode, BeforeValidator(_split)
    ] = ()
    """URLs of the chain's JSON-RPC, comma separated, asked in this order; none: no sync."""
    chain_block_seconds: Annotated[float, Field(gt=0, le=600)] = 12.0
    """Seconds in which the chain makes one block: how late a block can be follows from it."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is logged."""
    functions_emulator: bool = False
    """Set by the Firebase emulator: requests may be signed for its paths as well."""
    gcloud_project: str = ""
    """Set by the platform and the emulator: the project's id."""
    function_region: str = "us-central1"
    """Region in the emulator's paths."""

    @cached_property
    def policy(self) -> Policy:
        """The consensus policy; raises `ValueError` when its numbers make no sense together."""
        values = _PolicyVariables().model_dump(exclude_unset=True)
        return Policy(**values)

    @property
    def default_netuid(self) -> int:
        """The subnet that is meant when a request names none."""
        return self.netuids[0]


class _PolicyBase(BaseSettings):
    model_config = _CONFIG


def _policy_variables() -> type[_PolicyBase]:
    hints = get_type_hints(Policy)
    given: dict[str, Any] = {
        f.name: (hints[f.name], _default(f.default, f.default_factory)) for f in fields(Policy)
    }
    return create_model("PolicyVariables", __base__=_PolicyBase, **given)


def _default(value: Any, factory: Any) -> Any:
    return value if factory is MISSING else Field(default_factory=factory)


_PolicyVariables = _policy_variables()


def load_settings() -> Settings:
    """The settings of this process; raises `BadSettings` naming every variable that is wrong."""
    try:
        settings = Settings()
        _ = settings.policy
    except ValidationError as error:
        raise BadSettings("; ".join(map(_explain, error.errors()))) from None
    except SettingsError as error:
        named = re.search(r'field "(\w+)"', str(error))
        name = named[1].upper() if named else str(error)
        raise BadSettings(f"{name}: it must be JSON") from None
    except ValueError as error:
        raise BadSettings(_in_capitals(str(error))) from None
    return settings


def variables() -> dict[str, Any]:
    """Every variable's name and its default, in the order of documentation."""
    known: Mapping[str, Any] = {**Settings.model_fields, **_PolicyVariables.model_fields}
    return {
        name.upper(): info.get_default(call_default_factory=True) for name, info in known.items()
    }


def _explain(error: Any) -> str:
    name, *inside = error["loc"] or ("settings",)
    where = "".join(f"[{part}]" for part in inside)
    return f"{str(name).upper()}{where}: {error['msg'].removeprefix('Value error, ')}"


def _in_capitals(message: str) -> str:
    names = "|".join(name.lower() for name in variables())
    return re.sub(rf"\b({names})\b", lambda match: match[0].upper(), message)
