"""One call over HTTP, within a time, and what became of it where there is no whole reply."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version

import httpx

from evalharness.core.errors import BadInputError
from evalharness.core.outcomes import Status
from evalharness.servers.reach import Reach
from evalharness.servers.replies import Hide, decode, excerpt
from evalharness.servers.secret import Secret

MOST_BYTES = 64 * 2**20
"""A reply longer than this is no answer: a million tokens are about 4 MiB."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; `location` is where a redirect points."""

    status: int
    body: bytes
    retry_after: str | None = None
    location: str | None = None


class NoReplyError(Exception):
    """No whole reply; `reached` says whether the server was there at all."""

    def __init__(self, status: Status, reason: str, *, reached: bool) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.reached = reached


def open_client(reach: Reach, secret: Secret) -> httpx.Client:
    """A client for one server. Proxies of the environment are for other machines only.

    Raises BadInputError for a proxy that cannot be used.
    """
    most = reach.concurrency
    headers = {"User-Agent": f"evalharness/{version('evalharness')}", **secret.headers()}
    try:
        return httpx.Client(
            headers=headers,
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
            trust_env=not reach.address.loopback,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise BadInputError(
            f"The proxy or the certificates that the environment names cannot be used: {error}. "
            "See HTTPS_PROXY, ALL_PROXY, NO_PROXY and SSL_CERT_FILE."
        ) from None


class Caller:
    """Makes calls to one server; safe from several threads at once."""

    def __init__(self, client: httpx.Client, reach: Reach, hide: Hide) -> None:
        self._client = client
        self._url = reach.address.url
        self._connect_s = reach.connect_timeout_s
        self._hide = hide
        self._under_way = 0
        self._closed = False
        self._counting = threading.Lock()

    def close(self) -> None:
        """Close the connections: at once, or with the end of the last call that is under way.

        A connection that is being made while the client closes would stay open.
        """
        with self._counting:
            self._closed = True
            idle = not self._under_way
        if idle:
            self._client.close()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._counting:
            if self._closed:
                raise NoReplyError(Status.FAILED, "the line is closed", reached=False)
            self._under_way += 1
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._counting:
            self._under_way -= 1
            last = self._closed and not self._under_way
        if last:
            self._client.close()

    def post(self, path: str, body: bytes, timeout_s: float) -> Reply:
        """Send a body of JSON; raises NoReplyError."""
        return self._call("POST", path, timeout_s, body)

    def get(self, path: str, timeout_s: float) -> Reply:
        """Ask for something; raises NoReplyError."""
        return self._call("GET", path, timeout_s, None)

    def _call(self, method: str, path: str, timeout_s: float, body: bytes | None) -> Reply:
        until = time.monotonic() + timeout_s
        found = bytearray()
        limits = httpx.Timeout(timeout_s, connect=min(self._connect_s, timeout_s), pool=None)
        headers = None if body is None else {"Content-Type": "application/json"}
        url = f"{self._url}{path}"
        try:
            with (
                self._counted(),
                self._client.stream(
                    method, url, content=body, headers=headers, timeout=limits
                ) as response,
            ):
                for chunk in response.iter_bytes():
                    found += chunk
                    self._check(found, until, timeout_s)
                told = response.headers
                return Reply(
                    response.status_code,
                    bytes(found),
                    told.get("retry-after"),
                    told.get("location"),
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            timed_out = isinstance(error, httpx.TimeoutException)
            reason = f"no connection to {self._url}: {self._words(error)}"
            status = Status.TIMEOUT if timed_out else Status.FAILED
            raise NoReplyError(status, reason, reached=False) from None
        except httpx.TimeoutException:
            raise self._late(found, timeout_s) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = f"the reply broke off{self._so_far(found)}: {self._words(error)}"
            raise NoReplyError(Status.FAILED, reason, reached=True) from None

    def _check(self, found: bytearray, until: float, timeout_s: float) -> None:
        if time.monotonic() > until:
            raise self._late(found, timeout_s)
        if len(found) > MOST_BYTES:
            reason = f"the reply is longer than {MOST_BYTES >> 20} MiB{self._so_far(found)}"
            raise NoReplyError(Status.FAILED, reason, reached=True)

    def _late(self, found: bytearray, timeout_s: float) -> NoReplyError:
        reason = f"no whole reply within {timeout_s:g} s{self._so_far(found)}"
        return NoReplyError(Status.TIMEOUT, reason, reached=True)

    def _so_far(self, found: bytearray) -> str:
        if not found:
            return ", nothing came"
        start = self._hide(decode(bytes(found))[0])
        return f" after {len(found)} bytes ({excerpt(start)})"

    def _words(self, error: Exception) -> str:
        return self._hide(f"{type(error).__name__}: {error}")[:300]
