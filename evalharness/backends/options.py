"""Reading a model's `options` and `placement` into typed values, with errors that name them."""

from __future__ import annotations

from collections.abc import Iterable

from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import Json, Settings


class Fields:
    """The fields of one of a model's mappings, each taken with its type checked."""

    def __init__(self, model: str, mapping: str, values: Settings, known: Iterable[str]) -> None:
        """Refuse names that are not `known` (UnknownNameError with the nearest ones)."""
        self._place = f"{mapping} of model {model!r}"
        self._values = values
        known = frozenset(known)
        for name in values:
            if name not in known:
                raise unknown_name(f"field in {self._place}", name, known)

    def text(self, name: str, choices: Iterable[str] = ()) -> str | None:
        """A text, one of `choices` where there are any; None when absent."""
        value = self._values.get(name)
        if value is None:
            return None
        allowed = sorted(choices)
        if not isinstance(value, str) or (allowed and value not in allowed):
            raise self.wrong(name, f"one of {', '.join(allowed)}" if allowed else "a text")
        return value

    def flag(self, name: str) -> bool:
        """True or false; false when absent."""
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def whole(self, name: str, least: int) -> int | None:
        """A whole number of at least `least`; None when absent."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.wrong(name, f"a whole number of at least {least}")
        return value

    def number(self, name: str, most: float | None = None, usual: float = 0.0) -> float:
        """A number from 0 to `most`; `usual` when absent."""
        value = self._values.get(name, usual)
        fits = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        if not fits or (most is not None and float(str(value)) > most):
            raise self.wrong(name, f"a number from 0 to {most}" if most else "a number, 0 or more")
        return float(str(value))

    def mapping(self, name: str) -> dict[str, Json]:
        """A mapping; empty when absent."""
        value = self._values.get(name, {})
        if not isinstance(value, dict):
            raise self.wrong(name, "a mapping")
        return value

    def wrong(self, name: str, expected: str) -> BadInputError:
        """The error for a field with an unusable value."""
        found = self._values.get(name)
        return BadInputError(f"{name!r} in {self._place} is {found!r}; expected {expected}.")
