"""Registry files: what is read, and what each mistake is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli.registry_file import UnusableFile, parse
from shared import ss58
from shared.neurons import _FIELDS

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"


def neuron(uid: int = 0, hotkey: str = ALICE, stake: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"uid": uid, "hotkey": hotkey, "stake": stake, **more}


def problems(content: Any) -> list[str]:
    with pytest.raises(UnusableFile) as refused:
        parse(content if isinstance(content, str) else json.dumps(content))
    return refused.value.problems


def test_an_object_names_its_subnet() -> None:
    """netuid and neurons come out as they stand."""
    content = parse(json.dumps({"netuid": 15, "block": 7, "neurons": [neuron(3, stake=2)]}))

    assert (15, 3, 2.0) == (content.netuid, content.neurons[0].uid, content.neurons[0].stake)


def test_a_bare_array_names_no_subnet() -> None:
    """The array of neurons alone is a registry too."""
    assert parse(json.dumps([neuron()])).netuid is None


def test_neurons_come_out_by_uid() -> None:
    """The file's order means nothing."""
    content = parse(json.dumps([neuron(9), neuron(2, BOB)]))

    assert [2, 9] == [n.uid for n in content.neurons]


def test_without_permits_the_largest_64_stakes_have_one() -> None:
    """As on the chain; nobody without stake has one."""
    stakes = [0.0, *range(1, 70)]
    content = parse(json.dumps([neuron(i, _address(i), s) for i, s in enumerate(stakes)]))

    assert not content.has_permits
    assert list(range(6, 70)) == [n.uid for n in content.neurons if n.validator_permit]


def test_permits_of_a_file_are_taken_as_they_are() -> None:
    """One permit given means that the file knows about permits."""
    content = parse(json.dumps([neuron(0, stake=9), neuron(1, BOB, validator_permit=True)]))

    assert content.has_permits
    assert [False, True] == [n.validator_permit for n in content.neurons]


@pytest.mark.parametrize(
    ("axon", "expected"),
    [
        ("8.8.8.8:8091", ("8.8.8.8", 8091)),
        ({"ip": "8.8.8.8", "port": 8091}, ("8.8.8.8", 8091)),
        ("[2001:DB8::1]:80", ("2001:db8::1", 80)),
        ("0.0.0.0:0", None),
        ({"ip": "8.8.8.8", "port": 0}, None),
        (None, None),
    ],
)
def test_an_axon_is_text_or_an_object_or_nothing(
    axon: Any, expected: tuple[str, int] | None
) -> None:
    """Addresses are kept canonical; one that serves nothing is none."""
    assert expected == parse(json.dumps([neuron(axon=axon)])).neurons[0].axon


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("uid", True, "neurons[0].uid: must be a whole number 0–65535, is true"),
        ("uid", 70000, "neurons[0].uid: must be a whole number 0–65535, is 70000"),
        ("hotkey", ALICE[:-1] + "Z", "neurons[0].hotkey: must be an ss58 address with prefix 42"),
        ("hotkey", 7, "neurons[0].hotkey: must be an ss58 address with prefix 42, is 7"),
        ("stake", "1", 'neurons[0].stake: must be a finite number ≥ 0, is "1"'),
        ("stake", -1, "neurons[0].stake: must be a finite number ≥ 0, is -1"),
        ("stake", True, "neurons[0].stake: must be a finite number ≥ 0, is true"),
        ("stake", 10**400, "neurons[0].stake: must be a finite number ≥ 0, is 1000"),
        ("coldkey", "x", 'neurons[0].coldkey: must be an ss58 address with prefix 42, is "x"'),
        ("validator_permit", 1, "neurons[0].validator_permit: must be true or false, is 1"),
        ("block_at_registration", -1, "neurons[0].block_at_registration: must be a whole number"),
        ("axon", "8.8.8.8", 'neurons[0].axon: must be "ip:port" or {"ip", "port"}, is "8.8.8.8"'),
        ("axon", "8.8.8.8:x", 'neurons[0].axon: must be "ip:port"'),
        ("axon", {"ip": 7, "port": 80}, 'neurons[0].axon: must be "ip:port"'),
        ("axon", {"ip": "8.8.8.8", "port": 65536}, 'neurons[0].axon: must be "ip:port"'),
        ("axon", [1], 'neurons[0].axon: must be "ip:port"'),
    ],
)
def test_a_wrong_value_is_named_with_its_place(field: str, value: Any, problem: str) -> None:
    """Entry, field, rule and what stood there."""
    found = problems([neuron() | {field: value}])

    assert len(found) == 1
    assert found[0].startswith(problem)


@pytest.mark.parametrize("field", ["uid", "hotkey", "stake"])
def test_what_identifies_a_neuron_is_required(field: str) -> None:
    """uid, hotkey and stake have no default."""
    entry = neuron()
    del entry[field]

    assert [f"neurons[0].{field}: is missing"] == problems([entry])


def test_every_problem_is_listed() -> None:
    """One run shows all that is wrong, repeated uids and hotkeys included."""
    content = [neuron(), neuron(), 7, neuron(2, BOB, float("nan"))]

    assert [
        "neurons[2]: must be an object, is 7",
        "neurons[3].stake: must be a finite number ≥ 0, is NaN",
        "neurons[1].uid: 0 stands in neurons[0] too",
        f"neurons[1].hotkey: {ALICE} stands in neurons[0] too",
    ] == problems(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"neurons": [', "line 1, column 14: not JSON: Expecting value"),
        ("[" * 100_000, "nested too deeply"),
        ("7", 'must be an array of neurons, or an object with one in "neurons"'),
        ("{}", 'must be an array of neurons, or an object with one in "neurons"'),
        ("[]", "neurons: must be 1–4096, are 0"),
        ('{"netuid": "15", "neurons": []}', 'netuid: must be a whole number 0–65535, is "15"'),
    ],
)
def test_a_file_that_is_no_registry_says_so(content: str, problem: str) -> None:
    """Broken JSON names its place, another shape what was expected."""
    assert [problem] == problems(content)


def _address(number: int) -> str:
    return ss58.encode(number.to_bytes(32, "big"))


def test_every_field_of_a_neuron_is_documented() -> None:
    """docs/registry.md has a row for each, and says which are required."""
    document = (Path(__file__).parents[3] / "docs" / "registry.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (required)?", document, re.MULTILINE)
    known = [(name, "required" if required else "") for name, (required, *_) in _FIELDS.items()]

    assert sorted(known) == sorted(rows)
