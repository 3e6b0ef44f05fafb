"""What a user may choose for a served model beside its settings.

options (part of the identity):
  api       chat (default: /chat/completions, the server applies the model's template) or
            completions (/completions: the text as it is)
  system    a system prompt, for chat
  body      further fields of what is sent, such as {reasoning_effort: low}; null takes one out
placement (recorded only):
  concurrency         calls under way at once (default 8); halved whenever the server says 429
  timeout_s           seconds one call may take (default 300)
  connect_timeout_s   seconds until there must be a connection (default 10)
  key_env             name of the environment variable that holds the key. Without it none is
                      sent, but to https://api.openai.com that of OPENAI_API_KEY
  price_input, price_output   US dollars per million tokens asked and answered
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from evalharness.backends.options import Fields
from evalharness.catalog.addresses import Address, read_address
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json, Model
from evalharness.servers.reach import CONCURRENCY, KEYS, OPENAI, OWN_FIELDS, Reach

APIS = ("chat", "completions")
OPTIONS = ("api", "body", "system")
PLACEMENT = (
    "concurrency",
    "connect_timeout_s",
    "key_env",
    "price_input",
    "price_output",
    "timeout_s",
)
LONGEST_TIMEOUT_S = 1200
"""A child that is silent for half an hour is taken for hung; a call must end before that."""

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Choices:
    """A model's address, options and placement, checked; prices in US dollars per token."""

    address: Address
    api: str
    system: str | None
    body: dict[str, Json]
    concurrency: int
    timeout_s: float
    connect_timeout_s: float
    key_env: str | None
    price_input: float | None
    price_output: float | None

    @property
    def reach(self) -> Reach:
        """What it takes to call the server."""
        return Reach(
            self.address,
            self.api,
            self.concurrency,
            self.timeout_s,
            self.connect_timeout_s,
            self.key_env,
        )

    @staticmethod
    def read(model: Model) -> Choices:
        """Read them; raises BadInputError and UnknownNameError naming the field."""
        address = read_address(model.source, f"Model {model.name!r}")
        options = Fields(model.name, "options", model.options, OPTIONS)
        placement = Fields(model.name, "placement", model.placement, PLACEMENT)
        api = options.text("api", APIS) or "chat"
        system = options.text("system")
        if system is not None and api != "chat":
            raise options.wrong("system", "none: completions have no system prompt")
        return Choices(
            address=address,
            api=api,
            system=system,
            body=_body(options),
            concurrency=placement.whole("concurrency", least=1) or CONCURRENCY,
            timeout_s=_seconds(placement, model, "timeout_s", 300.0),
            connect_timeout_s=_seconds(placement, model, "connect_timeout_s", 10.0),
            key_env=_key_env(model, placement, address),
            price_input=_price(placement, model, "price_input"),
            price_output=_price(placement, model, "price_output"),
        )


def _body(options: Fields) -> dict[str, Json]:
    body = options.mapping("body")
    for name in body:
        if name.lower() in KEYS:
            raise BadInputError(
                f"The field {name!r} in options.body looks like a key, which would be stored with "
                "every result. Put it into an environment variable and name that in "
                "placement.key_env."
            )
        if name in OWN_FIELDS:
            raise options.wrong("body", f"other fields than {', '.join(sorted(OWN_FIELDS))}")
    return body


def _seconds(placement: Fields, model: Model, name: str, default: float) -> float:
    if model.placement.get(name) is None:
        return default
    seconds = placement.number(name, most=LONGEST_TIMEOUT_S)
    if seconds == 0:
        raise placement.wrong(name, f"seconds, above 0 and at most {LONGEST_TIMEOUT_S}")
    return seconds


def _price(placement: Fields, model: Model, name: str) -> float | None:
    return None if model.placement.get(name) is None else placement.number(name) / 1e6


def _key_env(model: Model, placement: Fields, address: Address) -> str | None:
    name = placement.text("key_env")
    if name is None:
        return "OPENAI_API_KEY" if f"{address.url}/".startswith(OPENAI) else None
    if not _VARIABLE.fullmatch(name):  # not repeated: it may be the key itself
        raise BadInputError(
            f"'key_env' in placement of model {model.name!r} is no name of an environment variable "
            "(capitals, digits and _, such as MY_SERVER_KEY). The key itself belongs into that "
            "variable and never into a file."
        )
    return name
