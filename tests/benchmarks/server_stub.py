"""`python -m tests.benchmarks.server_stub LATENCY_S`: answers every chat, after a time.

It runs in a process of its own, parses no more than it must and prints its port first.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_CHAT = {
    "model": "stub",
    "choices": [{"message": {"content": "Answer 00000000. " * 15}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 20, "completion_tokens": 60},
}


def _reply(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


_numbers = itertools.count()
REPLY = _reply(json.dumps(_CHAT).encode())


class Connection(asyncio.Protocol):
    """One connection: as many replies as whole calls came in, each after the latency."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where replies go."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer a call as soon as all of it is there."""
        self._came += data
        head, mark, rest = self._came.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if mark and len(rest) >= length:
            self._came = rest[length:]
            loop = asyncio.get_running_loop()
            reply = REPLY.replace(b"00000000", b"%08d" % next(_numbers))
            loop.call_later(self._latency_s, self._transport.write, reply)


async def main(latency_s: float) -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(latency_s), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
