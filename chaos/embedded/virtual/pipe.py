"""Two protocols joined in memory, as a TCP connection on one machine would join them."""

import asyncio
from collections.abc import Iterable
from typing import Any

HIGH_WATER = 2**16
"""Bytes under way above which the writer is told to pause."""


def join(loop: asyncio.AbstractEventLoop, one: asyncio.Protocol, other: asyncio.Protocol) -> None:
    """Connect two protocols. What one writes, the other receives in a later turn of the loop."""
    near, far = End(loop, one), End(loop, other)
    near.peer, far.peer = far, near
    one.connection_made(near)
    other.connection_made(far)


class End(asyncio.Transport):
    """One end of the connection: a transport for its own protocol, a source of bytes for the other's."""

    peer: "End"

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.BaseProtocol) -> None:
        super().__init__()
        self._loop = loop
        self._protocol = protocol
        self._sent: list[bytes] = []
        self._size = 0
        self._under_way = False
        self._reading = True
        self._writing_paused = False
        self._closing = False
        self._ended = False
        self._eof_under_way = False
        self._lost = False

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who receives at this end."""
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand this end over, as a WebSocket does after its handshake."""
        self._protocol = protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send; after `close` or a loss nothing is sent any more."""
        if self._closing or self._ended or not data:
            return
        self._sent.append(bytes(data))
        self._size += len(data)
        self._schedule()
        if self._size > HIGH_WATER and not self._writing_paused:
            self._writing_paused = True
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send several pieces as one."""
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """Half-closing works."""
        return True

    def write_eof(self) -> None:
        """Send the end of the stream after what was written."""
        self._ended = self._eof_under_way = True
        self._schedule()

    def close(self) -> None:
        """Send what was written, then lose the connection at both ends."""
        if not self._closing:
            self._closing = True
            self._schedule()

    def abort(self) -> None:
        """Lose the connection at both ends, and what is under way with it."""
        self._closing = True
        self._sent.clear()
        self._size = 0
        self._schedule()

    def is_closing(self) -> bool:
        """Whether `close` or `abort` was called at either end."""
        return self._closing

    def is_reading(self) -> bool:
        """Whether bytes are received."""
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        """Receive nothing until `resume_reading`."""
        self._reading = False

    def resume_reading(self) -> None:
        """Receive again, first of all what waited."""
        self._reading = True
        self.peer._schedule()

    def get_write_buffer_size(self) -> int:
        """Bytes written here that the other end did not receive."""
        return self._size

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """There is no socket of which anything could be said, but who connects has an address."""
        return ("127.0.0.1", 0) if name in ("peername", "sockname") else default

    def _schedule(self) -> None:
        if not self._under_way and not self._lost:
            self._under_way = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._under_way = False
        if self._lost:
            return
        if self._sent and not self.peer._closing:
            if not self.peer._reading:
                return
            data = self._sent[0] if len(self._sent) == 1 else b"".join(self._sent)
            self._sent.clear()
            self._size = 0
            self.peer._receive(data)
            self._resume_writing()
        if self._sent and self.peer._reading and not self.peer._closing:
            # The receiver's answer made this end write more.
            self._schedule()
            return
        if self._eof_under_way and not self.peer._closing:
            self._eof_under_way = False
            if not self.peer._receive_eof():
                self.peer.close()
        if self._closing:
            self._lose()

    def _receive(self, data: bytes) -> None:
        protocol = self._protocol
        if isinstance(protocol, asyncio.BufferedProtocol):
            raise TypeError("buffered protocols are not served")
        assert isinstance(protocol, asyncio.Protocol)
        protocol.data_received(data)

    def _receive_eof(self) -> bool:
        assert isinstance(self._protocol, asyncio.Protocol)
        return bool(self._protocol.eof_received())

    def _resume_writing(self) -> None:
        if self._writing_paused:
            self._writing_paused = False
            self._protocol.resume_writing()

    def _lose(self) -> None:
        for end in (self, self.peer):
            if not end._lost:
                end._lost = end._closing = True
                end._sent.clear()
                self._loop.call_soon(end._protocol.connection_lost, None)
