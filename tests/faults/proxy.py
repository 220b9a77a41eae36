"""A TCP proxy in front of the Firestore emulator that does harm to the calls passing through it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from asyncio import StreamReader, StreamWriter
from types import TracebackType
from typing import Self

from devtools.ports import LOOPBACK
from tests.faults.frames import HEAD, HEADERS, PREFACE, Frame, read_frame, refusal
from tests.faults.harm import Cut, Deny, Hang, Harm, Lose, Plan, Refuse, Slow, Strike, no_harm


class Proxy:
    """A context that listens on a port of its own; `harm` says what happens to the next calls."""

    def __init__(self, upstream: str) -> None:
        """`upstream` is `host:port` of the emulator."""
        host, _, port = upstream.rpartition(":")
        self._upstream = (host, int(port))
        self._plan: Plan = no_harm
        self._calls = 0
        self._ready = threading.Event()
        self._dropped = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop all connections."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    @property
    def address(self) -> str:
        """Where to connect, as `host:port`."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def calls(self) -> int:
        """Calls that came since the plan was made."""
        return self._calls

    def harm(self, plan: Plan) -> None:
        """From now on calls, counted from 1, fare as the plan says; what hangs is dropped."""
        self._plan, self._calls = plan, 0
        self._loop.call_soon_threadsafe(self._drop)

    def next_harm(self) -> Harm | None:
        """What happens to the call that just came."""
        self._calls += 1
        return self._plan(self._calls)

    async def hang(self) -> None:
        """Return at the next plan."""
        await self._dropped.wait()

    def _drop(self) -> None:
        self._dropped.set()
        self._dropped = asyncio.Event()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self._link, LOOPBACK, 0) as server:
            self._port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._over.wait()

    async def _link(self, reader: StreamReader, writer: StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._upstream)
        try:
            await _Link(self, (reader, writer), (far_reader, far_writer)).run()
        except asyncio.CancelledError:
            pass  # the proxy ends
        finally:
            writer.transport.abort()
            far_writer.transport.abort()


class _Broken(ConnectionError):  # noqa: N818 - a fact, not a fault
    """The link is to end here."""


class _Link:
    """One connection of a client, and its own to the emulator."""

    def __init__(
        self,
        proxy: Proxy,
        near: tuple[StreamReader, StreamWriter],
        far: tuple[StreamReader, StreamWriter],
    ) -> None:
        """`near` is the client's end, `far` the emulator's."""
        self._proxy = proxy
        self._near_reader, self._near = near
        self._far_reader, self._far = far
        self._newest = 0
        self._answers: dict[int, Lose | Deny | Strike] = {}
        """Stream → what happens when it is answered."""

    async def run(self) -> None:
        """Until either side ends, or harm is done."""
        pumps = {asyncio.create_task(self._requests()), asyncio.create_task(self._replies())}
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _requests(self) -> None:
        self._far.write(await self._near_reader.readexactly(PREFACE))
        while True:
            frame = await read_frame(self._near_reader)
            if frame.kind == HEADERS and frame.stream > self._newest:
                self._newest = frame.stream
                await self._meet(self._proxy.next_harm(), frame.stream)
            self._far.write(bytes(frame))
            await self._far.drain()

    async def _replies(self) -> None:
        while True:
            frame = await read_frame(self._far_reader)
            if frame.is_answer and frame.stream in self._answers:
                await self._intercept(frame)
            self._near.write(bytes(frame))
            await self._near.drain()

    async def _meet(self, harm: Harm | None, stream: int) -> None:
        """Do to a call what is to be done before it passes."""
        match harm:
            case Cut():
                self._reset()
            case Refuse(code, after):
                await asyncio.sleep(after)
                await self._refuse(stream, code)
            case Slow(seconds):
                await asyncio.sleep(seconds)
            case Hang():
                await self._proxy.hang()
                self._reset()
            case Strike(blow, "before"):
                blow()
                self._reset()
            case Lose() | Deny() | Strike():
                self._answers[stream] = harm

    async def _intercept(self, frame: Frame) -> None:
        """Do to an answer what is to be done before it gets through."""
        harm = self._answers[frame.stream]
        if isinstance(harm, Lose):
            if len(frame.payload) <= harm.after:
                self._answers[frame.stream] = Lose(harm.after - len(frame.payload))
                return
            self._near.write(bytes(frame)[: HEAD + harm.after] if harm.after else b"")
        if isinstance(harm, Deny):
            await self._refuse(frame.stream, harm.code)
        if isinstance(harm, Strike):
            harm.blow()
        self._reset()

    async def _refuse(self, stream: int, code: int) -> None:
        """Answer in Firestore's place; what follows on this connection would make no sense."""
        self._near.write(bytes(refusal(stream, code)))
        self._near.close()
        with contextlib.suppress(ConnectionError):
            await self._near.wait_closed()
        raise _Broken

    def _reset(self) -> None:
        """RST instead of FIN."""
        connection: socket.socket = self._near.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise _Broken
