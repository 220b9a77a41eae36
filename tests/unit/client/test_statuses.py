"""Statuses of both generations of metagraphs."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from quorate_client.performance import Performance
from quorate_client.statuses import statuses_from_metagraph, uid_of

NEURONS = [(1, "5B", 2.5, "8.8.8.8", 8091), (0, "5A", 1000.0, "0.0.0.0", 0)]  # noqa: S104 - no axon


def sdk_10() -> Any:
    """Columns, in whatever order; an axon that does not serve is 0.0.0.0."""
    return SimpleNamespace(
        uids=[n[0] for n in NEURONS],
        hotkeys=[n[1] for n in NEURONS],
        S=[n[2] for n in NEURONS],
        axons=[SimpleNamespace(ip=n[3], port=n[4]) for n in NEURONS],
        neurons=[],
    )


def sdk_11() -> Any:
    """Neurons with a Balance each; an axon is "ip:port" or None."""
    return SimpleNamespace(
        neurons=[
            SimpleNamespace(
                uid=uid,
                hotkey=hotkey,
                total_stake=SimpleNamespace(amount=stake),
                axon=f"{ip}:{port}" if port else None,
            )
            for uid, hotkey, stake, ip, port in NEURONS
        ]
    )


@pytest.fixture(params=[sdk_10, sdk_11])
def metagraph(request: pytest.FixtureRequest) -> Any:
    """The same subnet in either shape."""
    make: Callable[[], Any] = request.param
    return make()


def test_both_metagraphs_give_the_same_statuses(metagraph: Any) -> None:
    """By uid, with identity, stake and axon; unmeasured fields are absent."""
    assert [
        {"uid": 0, "hotkey": "5A", "stake": 1000.0, "is_serving": False},
        {
            "uid": 1,
            "hotkey": "5B",
            "stake": 2.5,
            "is_serving": True,
            "ip": "8.8.8.8",
            "port": 8091,
        },
    ] == statuses_from_metagraph(metagraph)


def test_measurements_join_by_hotkey(metagraph: Any) -> None:
    """What was measured of 5B is in its status and in no other."""
    performance = Performance()
    performance.record("5B", succeeded=True, seconds=0.0)
    scores = [s.get("performance_score") for s in statuses_from_metagraph(metagraph, performance)]

    assert [None, 1.0] == scores


def test_more_is_added_by_uid(metagraph: Any) -> None:
    """What the validator knows otherwise wins."""
    statuses = statuses_from_metagraph(metagraph, more={1: {"max_capacity": 8, "stake": 3.0}})

    assert (8, 3.0) == (statuses[1]["max_capacity"], statuses[1]["stake"])


def test_a_hotkey_has_its_uid(metagraph: Any) -> None:
    """And one that is not registered has none."""
    assert (1, None) == (uid_of(metagraph, "5B"), uid_of(metagraph, "5Z"))


@pytest.mark.parametrize(
    ("axon", "expected"),
    [
        ("[2001:db8::1]:80", ("2001:db8::1", 80)),
        ("nonsense", None),
        ("host:80", None),
        ("1.1.1.1:0", None),
    ],
)
def test_only_an_address_serves(axon: str, expected: tuple[str, int] | None) -> None:
    """IPv6 in brackets is one; a name, or port 0, is none."""
    neuron = SimpleNamespace(uid=0, hotkey="5A", total_stake=0.0, axon=axon)
    (status,) = statuses_from_metagraph(SimpleNamespace(neurons=[neuron]))

    assert (expected is not None) == status["is_serving"]
    assert expected == ((status["ip"], status["port"]) if expected else None)


def test_anything_else_is_no_metagraph() -> None:
    """It says what is missing."""
    with pytest.raises(TypeError, match="neither axons nor neurons"):
        statuses_from_metagraph(object())
