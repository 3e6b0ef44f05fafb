"""A server on loopback that does whatever a test wants it to do."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

MODEL = "org/tiny"


@dataclass(frozen=True)
class Call:
    """One call as it came in; `number` counts calls for the same prompt, from 1."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    number: int

    @property
    def asked(self) -> str:
        return _asked(self.body)


@dataclass(frozen=True)
class Made:
    """A reply: `stall_s` after its first half, `cut` after so many bytes of its body."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    stall_s: float = 0.0
    cut: int | None = None

    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def said(text: Any, finish: str | None = "stop", **more: Any) -> dict[str, Any]:
    """The reply of a chat."""
    return {
        "model": MODEL,
        "system_fingerprint": "fp_1",
        "choices": [{"message": {"content": text, **more}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    }


def wrong(message: str, **more: Any) -> dict[str, Any]:
    """The reply of something that went wrong."""
    return {"error": {"message": message, **more}}


Script = Callable[[Call], Made | dict[str, Any]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that leave in the middle are part of the tests."""


class Stub:
    """Serves while its `with` block lasts; remembers the calls, and how many came at once."""

    def __init__(self, script: Script, models: Made | None = None) -> None:
        self.calls: list[Call] = []
        self.most_at_once = 0
        self._script = script
        self._models = models or Made({"data": [{"id": "org/other"}, {"id": MODEL}]})
        self._seen: Counter[str] = Counter()
        self._at_once = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _reply(self, path: str, headers: dict[str, str], data: bytes) -> Made:
        body = json.loads(data)
        with self._lock:
            self._seen[_asked(body)] += 1
            call = Call(path, headers, body, self._seen[_asked(body)])
            self.calls.append(call)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            made = self._script(call)
            made = made if isinstance(made, Made) else Made(made)
            time.sleep(made.delay_s)
            return made
        finally:
            with self._lock:
                self._at_once -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                _send(self, stub._reply(self.path, dict(self.headers), self.rfile.read(length)))

            def do_GET(self) -> None:
                _send(self, stub._models)

            def log_message(self, *_: object) -> None: ...

        return Handler


def _asked(body: dict[str, Any]) -> str:
    return str(body["prompt"] if "prompt" in body else body["messages"][-1]["content"])


def _send(handler: BaseHTTPRequestHandler, made: Made) -> None:
    data = made.data()
    try:
        handler.send_response(made.status)
        for name, value in {"Content-Type": "application/json", **made.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        if made.stall_s:
            handler.wfile.write(data[: len(data) // 2])
            handler.wfile.flush()
            time.sleep(made.stall_s)
            data = data[len(data) // 2 :]
        handler.wfile.write(data if made.cut is None else data[: made.cut])
    except OSError:  # nobody listens any more
        handler.close_connection = True
    if made.cut is not None:
        handler.close_connection = True
