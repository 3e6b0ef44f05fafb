"""Reading an instrument's options into typed values, with errors that name them; light."""

from __future__ import annotations

from collections.abc import Collection

from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import Instrument


def refuse_unknown(instrument: Instrument, known: Collection[str]) -> None:
    """Raise UnknownNameError for an option that the instrument's extractor does not have."""
    for name in instrument.options:
        if name not in known:
            raise unknown_name(f"option of instrument {instrument.name!r}", name, known)


def word(instrument: Instrument, name: str, default: str, choices: Collection[str] = ()) -> str:
    """A text, one of `choices` where there are any."""
    value = instrument.options.get(name, default)
    if not isinstance(value, str) or (choices and value not in choices):
        raise wrong(instrument, name, f"one of {', '.join(choices)}" if choices else "a text")
    return value


def words(instrument: Instrument, name: str) -> tuple[str, ...]:
    """A list of texts, none of them empty; () when absent."""
    value = instrument.options.get(name, [])
    if not isinstance(value, list) or not all(isinstance(w, str) and w.strip() for w in value):
        raise wrong(instrument, name, "a list of texts")
    return tuple(str(w) for w in value)


def share(instrument: Instrument, name: str, default: float) -> float:
    """A number from 0 to 1."""
    value = instrument.options.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise wrong(instrument, name, "a number from 0 to 1")
    return float(value)


def wrong(instrument: Instrument, name: str, expected: str) -> BadInputError:
    """The error for an option with an unusable value."""
    found = instrument.options.get(name)
    return BadInputError(
        f"Option {name!r} of instrument {instrument.name!r} is {found!r}; expected {expected}."
    )
