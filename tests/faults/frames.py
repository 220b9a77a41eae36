"""HTTP/2 frames, as far as whoever stands between a gRPC client and its server must know them.

Layout of a frame: RFC 9113, section 4.1; of a refusal without a message: gRPC's "Trailers-Only".
"""

from __future__ import annotations

from asyncio import StreamReader
from dataclasses import dataclass

PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
"""Bytes that a client sends before its first frame."""
HEAD = 9
"""Bytes of a frame before its payload."""
DATA, HEADERS = 0x0, 0x1
END_STREAM, END_HEADERS = 0x1, 0x4
_STATUS_200 = b"\x88"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; a call is a stream, and its first frame are its headers."""

    kind: int
    flags: int
    stream: int
    payload: bytes

    def __bytes__(self) -> bytes:
        """The frame as it is sent."""
        length = len(self.payload).to_bytes(3, "big")
        kind = bytes([self.kind, self.flags])
        return length + kind + self.stream.to_bytes(4, "big") + self.payload

    @property
    def is_answer(self) -> bool:
        """Whether it carries headers or content."""
        return self.kind in (DATA, HEADERS)


async def read_frame(reader: StreamReader) -> Frame:
    """The next frame; raises `IncompleteReadError` where the connection ends."""
    head = await reader.readexactly(HEAD)
    stream = int.from_bytes(head[5:], "big") & 0x7FFFFFFF
    payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
    return Frame(head[3], head[4], stream, payload)


def refusal(stream: int, code: int) -> Frame:
    """A call's whole answer: this gRPC status code, and nothing else."""
    fields = [(b"content-type", b"application/grpc"), (b"grpc-status", str(code).encode())]
    block = b"".join(map(_literal, fields))
    return Frame(HEADERS, END_HEADERS | END_STREAM, stream, _STATUS_200 + block)


def _literal(field: tuple[bytes, bytes]) -> bytes:
    """A header field that enters no table (RFC 7541, section 6.2.2)."""
    name, value = field
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value
