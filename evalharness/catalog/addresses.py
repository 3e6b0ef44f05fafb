"""Sources that are addresses: `http://127.0.0.1:8000/v1#MODEL`, a server and a model on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json

EXPECTED = (
    "expected the address that the server's documentation calls the base URL, a # and the model's "
    "name, such as http://127.0.0.1:8000/v1#org/name"
)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_SIGNED_IN = re.compile(r"(https?://)[^#\s]*@", re.IGNORECASE)
_QUERY = re.compile(r"(https?://[^?#\s]*\?)[^#\s]+", re.IGNORECASE)
_ENDPOINTS = ("/chat/completions", "/completions", "/models", "/responses")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a model is served: `url` without a slash at its end, `host` with its port."""

    url: str
    host: str
    model: str
    loopback: bool

    @property
    def source(self) -> str:
        """The address as a model's source, written the one way that keys know."""
        return f"{self.url}#{self.model}"


def is_address(source: str) -> bool:
    """Whether a source means a server instead of weights."""
    return _SCHEME.match(source) is not None


def on_this_machine(source: str) -> bool:
    """Whether prompts stay here: everything but an address of another machine."""
    if not is_address(source):
        return True
    try:
        return _is_loopback(urlsplit(source).hostname or "")
    except ValueError:
        return False


def read_address(source: str, what: str) -> Address:
    """The address in `source`; `what` names the model in errors.

    Raises BadInputError. What stands before an @ is never repeated: it may be a password.
    """
    url, mark, model = source.partition("#")
    if not is_address(url):
        raise BadInputError(f"{what}: found the source {source[:200]!a}; {EXPECTED}.")
    parts = _split(url, what)
    if "@" in parts.netloc:
        raise BadInputError(
            f"{what}: its address holds a user name or a password, which would be stored with "
            "every result. Write it without, put the key into an environment variable and name "
            "that in placement.key_env."
        )
    if "?" in url:
        raise BadInputError(
            f"{what}: its address holds a query (what stands behind a ?), which may be a key and "
            f"would be stored; {EXPECTED}."
        )
    path = parts.path.rstrip("/")
    endpoint = next((e for e in _ENDPOINTS if path.endswith(e)), None)
    if endpoint:
        raise BadInputError(
            f"{what}: its address ends in {endpoint}, which is added by itself; {EXPECTED}."
        )
    if not mark or not model.strip() or model != model.strip() or not model.isprintable():
        raise BadInputError(f"{what}: {url[:200]!a} is followed by no model's name; {EXPECTED}.")
    host = parts.netloc.lower()
    return Address(
        url=f"{parts.scheme.lower()}://{host}{path}",
        host=host,
        model=model,
        loopback=_is_loopback(parts.hostname or ""),
    )


def without_secrets(value: Json) -> Json:
    """JSON with what may be a password or a key taken out of the addresses in its texts."""
    if isinstance(value, str):
        return _QUERY.sub(r"\1…", _SIGNED_IN.sub(r"\1…@", value))
    if isinstance(value, list):
        return [without_secrets(one) for one in value]
    if isinstance(value, dict):
        return {name: without_secrets(one) for name, one in value.items()}
    return value


def _split(url: str, what: str) -> SplitResult:
    wrong = BadInputError(f"{what}: its address cannot be read; {EXPECTED}.")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise wrong
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        raise wrong from None
    if not parts.hostname:
        raise wrong
    return parts


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
