"""Published files fetched when asked for: over https, within a size, whole or not at all."""

from __future__ import annotations

import http.client
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from evalharness.catalog.json_lines import LIMIT_BYTES
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat

TIMEOUT_S = 30.0
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@contextmanager
def fetched(form: PromptFormat) -> Iterator[Path]:
    """The published file of a format (or the folder of its files), gone after the block.

    Raises BadInputError where there is none to fetch, and for everything that goes wrong.
    """
    if not form.addresses:
        raise BadInputError(
            f"--fetch: the format {form.name} has no published file. Give a file instead."
        )
    with tempfile.TemporaryDirectory() as folder:
        for name, address in form.addresses.items():
            file = Path(folder) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(download(address))
        only = len(form.addresses) == 1
        yield Path(folder) / next(iter(form.addresses)) if only else Path(folder)


def download(address: str) -> bytes:
    """The whole content of an https address, at most LIMIT_BYTES; raises BadInputError.

    Plain http is allowed from this machine itself only, also after redirections.
    """
    _refuse_insecure(address)
    opener = urllib.request.build_opener(_StaySecure)
    try:
        with opener.open(address, timeout=TIMEOUT_S) as answer:
            content: bytes = answer.read(LIMIT_BYTES + 1)
            promised = answer.headers.get("Content-Length")
    except urllib.error.HTTPError as error:
        error.close()
        raise _failed(address, f"the server answered {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise _failed(address, str(error) or type(error).__name__) from None
    if len(content) > LIMIT_BYTES:
        raise _failed(address, f"it has more than {LIMIT_BYTES:,} bytes")
    if promised is not None and promised.isdigit() and int(promised) != len(content):
        raise _failed(address, f"only {len(content):,} of {int(promised):,} bytes came")
    return content


class _StaySecure(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        try:
            _refuse_insecure(newurl)
        except BadInputError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _refuse_insecure(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE):
        return
    raise BadInputError(f"{address!a} is not fetched: expected an https address.")


def _failed(address: str, reason: str) -> BadInputError:
    return BadInputError(
        f"{address} could not be fetched: {reason}. Try again, or fetch it with a browser and "
        "give the file."
    )
