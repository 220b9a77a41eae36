"""SCALE, as the chain writes it: types with their description and their encoding.

Written from the format's description, apart from any decoder: https://docs.substrate.io SCALE codec
and `frame-metadata` version 15.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Encode = Callable[[Any], bytes]

PRIMITIVES = {"bool": 0, "str": 2, "u8": 3, "u16": 4, "u32": 5, "u64": 6, "u128": 7, "i128": 13}


@dataclass(frozen=True, slots=True)
class Type:
    """One type of a runtime: its number there, and how a value of it is written."""

    id: int
    encode: Encode


@dataclass(slots=True)
class Types:
    """The types of a runtime, numbered as they are made."""

    described: list[bytes] = field(default_factory=list)
    _made: dict[Any, Type] = field(default_factory=dict)

    def primitive(self, name: str) -> Type:
        """`bool`, `str`, `u8` … `u128`, `i128`."""
        width = int(name[1:]) // 8 if name[1:].isdecimal() else 1
        encode: Encode = text if name == "str" else lambda v: int(v).to_bytes(width, "little")
        return self._once(name, bytes([5, PRIMITIVES[name]]), encode)

    def compact(self, inner: Type) -> Type:
        """A number of as few bytes as it needs."""
        return self._once(("compact", inner.id), b"\x06" + compact(inner.id), compact)

    def list_of(self, inner: Type) -> Type:
        """Any number of values."""

        def encode(values: Sequence[Any]) -> bytes:
            return vector([inner.encode(value) for value in values])

        return self._once(("list", inner.id), b"\x02" + compact(inner.id), encode)

    def bytes_of(self, length: int) -> Type:
        """An array of so many bytes."""
        described = b"\x03" + length.to_bytes(4, "little") + compact(self.primitive("u8").id)
        return self._once(("bytes", length), described, bytes)

    def pair(self, first: Type, second: Type) -> Type:
        """Two values."""

        def encode(values: tuple[Any, Any]) -> bytes:
            return first.encode(values[0]) + second.encode(values[1])

        described = b"\x04" + vector([compact(first.id), compact(second.id)])
        return self._once(("pair", first.id, second.id), described, encode)

    def wrapper(self, name: str, inner: Type) -> Type:
        """A type of its own around one value without a name."""
        described = b"\x00" + vector([_member(None, inner)])
        return self._once(name, described, inner.encode, name)

    def struct(self, name: str, fields: Mapping[str, Type]) -> Type:
        """Values with names, written one after the other."""

        def encode(value: Mapping[str, Any]) -> bytes:
            return b"".join(kind.encode(value[key]) for key, kind in fields.items())

        described = b"\x00" + vector([_member(key, kind) for key, kind in fields.items()])
        return self._once(name, described, encode, name)

    def option(self, inner: Type) -> Type:
        """A value, or None."""

        def encode(value: Any) -> bytes:
            return b"\x00" if value is None else b"\x01" + inner.encode(value)

        none = text("None") + vector([]) + b"\x00" + vector([])
        some = text("Some") + vector([_member(None, inner)]) + b"\x01" + vector([])
        return self._once(("option", inner.id), b"\x01" + vector([none, some]), encode, "Option")

    def _once(self, key: Any, described: bytes, encode: Encode, path: str | None = None) -> Type:
        if key not in self._made:
            number = len(self.described)
            names = vector([text(path)] if path else [])
            self.described.append(compact(number) + names + vector([]) + described + vector([]))
            self._made[key] = Type(number, encode)
        return self._made[key]


def metadata(types: Types, api: str, method: str, argument: Type, answer: Type) -> bytes:
    """The metadata, version 15, of a runtime with these types and one function."""
    nothing = compact(types.primitive("u8").id)
    called = text("netuid") + compact(argument.id)
    methods = vector([text(method) + vector([called]) + compact(answer.id) + vector([])])
    extrinsic = b"\x04" + 4 * nothing + vector([])
    apis = vector([text(api) + methods + vector([])])
    content = (
        vector(types.described) + vector([]) + extrinsic + nothing + apis + 3 * nothing + vector([])
    )
    whole = b"meta\x0f" + content
    return b"\x01" + compact(len(whole)) + whole


def compact(number: int) -> bytes:
    """A whole number in one, two, four or more bytes; the lowest two bits say which."""
    if number < 1 << 6:
        return bytes([number << 2])
    if number < 1 << 14:
        return (number << 2 | 1).to_bytes(2, "little")
    if number < 1 << 30:
        return (number << 2 | 2).to_bytes(4, "little")
    digits = number.to_bytes((number.bit_length() + 7) // 8, "little")
    return bytes([len(digits) - 4 << 2 | 3]) + digits


def vector(items: Sequence[bytes]) -> bytes:
    """So many items, one after the other."""
    return compact(len(items)) + b"".join(items)


def text(value: str) -> bytes:
    """UTF-8 with its length."""
    return vector([bytes([byte]) for byte in value.encode()])


def _member(name: str | None, kind: Type) -> bytes:
    named = b"\x00" if name is None else b"\x01" + text(name)
    return named + compact(kind.id) + b"\x00" + vector([])
