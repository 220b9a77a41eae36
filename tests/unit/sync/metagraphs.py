"""Metagraphs as the chain's runtime writes them, with every field that it has."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared import ss58
from shared.domain.registry import Neuron

from .scale import Type, Types, metadata


def words(text: str) -> list[str]:
    """What stands between blanks."""
    return text.split()


API, METHOD = "SubnetInfoRuntimeApi", "get_metagraph"
BLOCK = 4_769_998
"""Where the metagraphs are read, if not said otherwise."""

NUMBERS = {
    "u16": "tempo rho kappa min_allowed_weights max_weights_limit activity_cutoff max_validators"
    " num_uids max_uids immunity_period adjustment_interval target_regs_per_interval"
    " max_regs_per_block alpha_high alpha_low",
    "u64": "network_registered_at block last_step blocks_since_last_step subnet_emission"
    " weights_version weights_rate_limit difficulty min_difficulty max_difficulty adjustment_alpha"
    " serving_rate_limit commit_reveal_period bonds_moving_avg",
    "Alpha": "alpha_in alpha_out alpha_out_emission alpha_in_emission pending_alpha_emission",
    "Tao": "tao_in tao_in_emission pending_root_emission burn min_burn max_burn",
    "u128": "subnet_volume",
}
FLAGS = (
    "registration_allowed pow_registration_allowed commit_reveal_weights_enabled"
    " liquid_alpha_enabled"
)
SHARES = words("pruning_score dividends incentives consensus trust rank")
ORDER = words(
    "netuid name symbol identity network_registered_at owner_hotkey owner_coldkey block tempo"
    " last_step blocks_since_last_step subnet_emission alpha_in alpha_out tao_in alpha_out_emission"
    " alpha_in_emission tao_in_emission pending_alpha_emission pending_root_emission subnet_volume"
    " moving_price rho kappa min_allowed_weights max_weights_limit weights_version"
    " weights_rate_limit activity_cutoff max_validators num_uids max_uids burn difficulty"
    " registration_allowed pow_registration_allowed immunity_period min_difficulty max_difficulty"
    " min_burn max_burn adjustment_alpha adjustment_interval target_regs_per_interval"
    " max_regs_per_block serving_rate_limit commit_reveal_weights_enabled commit_reveal_period"
    " liquid_alpha_enabled alpha_high alpha_low bonds_moving_avg hotkeys coldkeys identities axons"
    " active validator_permit pruning_score last_update emission dividends incentives consensus"
    " trust rank block_at_registration alpha_stake tao_stake total_stake tao_dividends_per_hotkey"
    " alpha_dividends_per_hotkey"
)
AXON = {
    "block": "u64",
    "version": "u32",
    "ip": "u128",
    "port": "u16",
    "ip_type": "u8",
    "protocol": "u8",
    "placeholder1": "u8",
    "placeholder2": "u8",
}
NO_AXON = dict.fromkeys(AXON, 0)


@dataclass(frozen=True, slots=True)
class Runtime:
    """One version of the chain's runtime."""

    metadata: bytes
    answer: Type

    def encode(self, content: Mapping[str, Any] | None) -> bytes:
        """What `get_metagraph` answers."""
        return self.answer.encode(content)


def runtime(order: Sequence[str] = ORDER) -> Runtime:
    """A runtime whose metagraph has its fields in this order."""
    types = Types()
    kinds = _fields(types)
    answer = types.option(types.struct("Metagraph", {name: kinds[name] for name in order}))
    return Runtime(metadata(types, API, METHOD, types.primitive("u16"), answer), answer)


def _fields(types: Types) -> dict[str, Type]:
    u8, u16, u64 = (types.primitive(name) for name in ("u8", "u16", "u64"))
    money = {name: types.wrapper(name, u64) for name in ("Alpha", "Tao")}
    account = types.wrapper("AccountId32", types.bytes_of(32))
    letters = types.list_of(types.compact(u8))
    identity = types.option(types.struct("Identity", {"name": types.list_of(u8)}))
    axon = types.struct("AxonInfo", {k: types.primitive(v) for k, v in AXON.items()})
    flags = types.list_of(types.primitive("bool"))
    shares, counts = types.list_of(types.compact(u16)), types.list_of(types.compact(u64))
    paid = {n: types.list_of(types.pair(account, types.compact(m))) for n, m in money.items()}
    lists = {n: types.list_of(types.compact(kind)) for n, kind in money.items()}
    numbers = {
        name: types.compact(money.get(kind) or types.primitive(kind))
        for kind, names in NUMBERS.items()
        for name in names.split()
    }
    return {
        **numbers,
        **dict.fromkeys(FLAGS.split(), types.primitive("bool")),
        **dict.fromkeys(SHARES, shares),
        "netuid": types.compact(types.wrapper("NetUid", u16)),
        "name": letters,
        "symbol": letters,
        "identity": identity,
        "identities": types.list_of(identity),
        "owner_hotkey": account,
        "owner_coldkey": account,
        "moving_price": types.struct("FixedI128", {"bits": types.primitive("i128")}),
        "hotkeys": types.list_of(account),
        "coldkeys": types.list_of(account),
        "axons": types.list_of(axon),
        "active": flags,
        "validator_permit": flags,
        "last_update": counts,
        "block_at_registration": counts,
        "emission": lists["Alpha"],
        "alpha_stake": lists["Alpha"],
        "tao_stake": lists["Tao"],
        "total_stake": lists["Tao"],
        "tao_dividends_per_hotkey": paid["Tao"],
        "alpha_dividends_per_hotkey": paid["Alpha"],
    }


def key(name: str) -> bytes:
    """Somebody's 32 bytes."""
    return hashlib.sha256(name.encode()).digest()


def neuron(uid: int, name: str = "", stake: float = 0.0, **facts: Any) -> Neuron:
    """A neuron as the registry has it once it was read."""
    return Neuron(
        **{
            "uid": uid,
            "hotkey": ss58.encode(key(name or f"hotkey {uid}")),
            "stake": stake,
            "coldkey": ss58.encode(key(f"coldkey {uid}")),
            "block_at_registration": 100 + uid,
            **facts,
        }
    )


def subnet(size: int = 8) -> tuple[Neuron, ...]:
    """Neurons of which the first two validate and the rest serve."""
    validators = [neuron(uid, stake=5000.5 + uid, validator_permit=True) for uid in range(2)]
    miners = [neuron(uid, stake=uid / 8, axon=("8.8.4.4", 8000 + uid)) for uid in range(2, size)]
    return (*validators, *miners)


def content(neurons: Sequence[Neuron], netuid: int = 1, block: int = BLOCK) -> dict[str, Any]:
    """A metagraph of these neurons as the runtime has it in hand."""
    size = len(neurons)
    zeros = [0] * size
    rao = [round(n.stake * 1e9) for n in neurons]
    return {
        **dict.fromkeys(ORDER, 0),
        **dict.fromkeys(SHARES, zeros),
        "netuid": netuid,
        "block": block,
        "name": b"quorate",
        "symbol": "θ".encode(),
        "identity": None,
        "identities": [{"name": b"somebody"}, *[None] * (size - 1)][:size],
        "owner_hotkey": key("owner"),
        "owner_coldkey": key("owner's coldkey"),
        "moving_price": {"bits": 1 << 96},
        "hotkeys": [ss58.decode(n.hotkey) for n in neurons],
        "coldkeys": [ss58.decode(n.coldkey or n.hotkey) for n in neurons],
        "axons": [_axon(n) for n in neurons],
        "active": [True] * size,
        "validator_permit": [n.validator_permit for n in neurons],
        "last_update": [block] * size,
        "block_at_registration": [n.block_at_registration or 0 for n in neurons],
        "emission": zeros,
        "alpha_stake": rao,
        "tao_stake": zeros,
        "total_stake": rao,
        "tao_dividends_per_hotkey": [(key("owner"), 5)],
        "alpha_dividends_per_hotkey": [],
    }


def _axon(neuron: Neuron) -> dict[str, int]:
    if neuron.axon is None:
        return NO_AXON
    address = ipaddress.ip_address(neuron.axon[0])
    return {**NO_AXON, "ip": int(address), "ip_type": address.version, "port": neuron.axon[1]}
