"""What a judge is asked: the words that metrics write and judges read, as one JSON text."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

Place: TypeAlias = Literal["first", "second"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a judge about an answer.

    With a `rival`, which of two answers is better, the one looked at standing in `place`; without,
    how good it is. `reference` is a right answer, `rubric` what the judge is to look for.
    """

    question: str
    reference: str | None = None
    rubric: str | None = None
    rival: str | None = None
    place: Place = "first"

    def written(self) -> str:
        """As JSON: the text that is asked of an exchange."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @staticmethod
    def read(text: str) -> Asked:
        """What `written` wrote; raises ValueError for any other text."""
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("a question to a judge is a JSON object")
        try:
            return Asked(**found)
        except TypeError as error:
            raise ValueError(f"not a question to a judge: {error}") from None
