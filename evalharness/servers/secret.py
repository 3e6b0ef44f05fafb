"""The key: read from the environment, sent, and taken out of whatever a server says."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from evalharness.core.errors import BadInputError
from evalharness.servers.reach import Reach

HIDDEN = "[key]"
SHORTEST_SECRET = 12
"""Servers on one's own machine take any word (`ollama`, `EMPTY`); answers may well hold those."""

_SENDABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Secret:
    """A key that shows itself to nobody; `variable` is where it comes from."""

    variable: str | None = None
    _key: str = field(default="", repr=False)

    @staticmethod
    def read(reach: Reach) -> Secret:
        """Look it up; raises BadInputError, which names the variable, when it cannot be sent."""
        variable = reach.key_env
        if variable is None:
            return Secret()
        key = os.environ.get(variable, "").strip()
        if not key:
            raise BadInputError(
                f"The environment variable {variable} is not set, but the key for "
                f"{reach.address.url} is to come from there. Set it, or put the key into "
                f"{reach.key_place}."
            )
        if not _SENDABLE.fullmatch(key):
            raise BadInputError(
                f"The environment variable {variable} holds what is no key: spaces, control "
                "characters or letters outside ASCII. Copy the key again."
            )
        return Secret(variable, key)

    def headers(self) -> dict[str, str]:
        """What carries it to the server."""
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    def hide(self, text: str) -> str:
        """`text` without the key: for reasons, notes and errors."""
        return text.replace(self._key, HIDDEN) if self._key else text

    def hide_in_answer(self, text: str) -> str:
        """An answer without the key, where that is long enough to be one."""
        return self.hide(text) if len(self._key) >= SHORTEST_SECRET else text
