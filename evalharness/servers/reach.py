"""Where a server is and how it may be called; what is asked is its callers' business."""

from __future__ import annotations

from dataclasses import dataclass

from evalharness.catalog.addresses import Address

OPENAI = "https://api.openai.com/"
OWN_FIELDS = frozenset({"model", "messages", "prompt", "stream", "n", "echo", "logprobs"})
"""Fields of a call that are decided by what is asked, or would give answers nobody reads."""
KEYS = frozenset({"api_key", "apikey", "key", "authorization", "access_token", "token"})
"""Fields that look like a key, which would be stored with every result."""
CONCURRENCY = 8
"""Calls under way at once, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A server's address with what a caller may do.

    `api` is chat or completions, `concurrency` the calls under way at once, `key_env` the variable
    that holds the key; `key_place` says in errors where one is to be put.
    """

    address: Address
    api: str = "chat"
    concurrency: int = CONCURRENCY
    timeout_s: float = 300.0
    connect_timeout_s: float = 10.0
    key_env: str | None = None
    key_place: str = "an environment variable and name it in placement.key_env"

    @property
    def room_field(self) -> str:
        """How the most tokens of an answer are asked for.

        OpenAI's newer models refuse `max_tokens`; other servers do not know what replaced it.
        """
        openai_chat = self.api == "chat" and f"{self.address.url}/".startswith(OPENAI)
        return "max_completion_tokens" if openai_chat else "max_tokens"
