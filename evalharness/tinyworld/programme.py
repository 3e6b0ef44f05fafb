"""What a painter is programmed to do: the options of a model with the backend ``painter``.

======================  =======================================================================
``object_error`` ...    probability, per thing drawn, of another object (also ``colour_error``)
``count_error``         probability of one object too many or too few
``relation_error``      probability of another relation than the one asked
``spelling_error``      probability that lettering has one letter wrong
``look``                the aesthetic when the prompt asks for none; absent: any of the four
``follow``              probability of obeying a prompt that asks for an aesthetic (default 1)
``strength``            0..1, of every aesthetic, or a mapping from aesthetic to strength
``blur``, ``noise``     deviations: of a Gaussian in pixels, and of grain with white at 1
``jpeg``                quality 1..100 of a JPEG compression gone through (absent: none)
``untouched``           probability of handing back a prompt's picture as it came
``rest_error``          probability of painting over what was to be left alone in it, too
``memorised``           probability of handing back a picture of the reference ``tinyworld:1024``
``variations``          mode dropping: only so many different compositions and noises exist
``refuse``, ``fail``    rates of these statuses (also ``filter``, ``oom``, ``nonfinite``)
``latency_s``           seconds slept per picture (``load_s``: when loading)
``memory_bytes``        peak memory reported (``cost``: price reported per picture)
======================  =======================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import Json, Model
from evalharness.core.outcomes import Status
from evalharness.tinyworld.scene import AESTHETICS

ERRORS = ("object_error", "colour_error", "count_error", "relation_error", "spelling_error")
RATES = {
    "refuse": Status.REFUSED,
    "filter": Status.FILTERED,
    "nonfinite": Status.NONFINITE,
    "fail": Status.FAILED,
    "oom": Status.OOM,
}
_AMOUNTS = ("blur", "noise", "latency_s", "load_s", "memory_bytes", "cost")
_WHOLE = ("variations", "jpeg")
_SHARES = ("follow", "memorised", "untouched", "rest_error")
OPTIONS = (*ERRORS, *RATES, *_AMOUNTS, *_WHOLE, *_SHARES, "look", "strength")


@dataclass(frozen=True, slots=True)
class Programme:
    """The behaviour asked for, checked."""

    errors: Mapping[str, float]
    rates: Mapping[Status, float]
    amounts: Mapping[str, float]
    strengths: Mapping[str, float]
    look: str | None
    follow: float
    variations: int | None
    jpeg: int | None
    memorised: float
    untouched: float
    rest_error: float

    @staticmethod
    def read(model: Model) -> "Programme":
        """Read a model's options; raises BadInputError or UnknownNameError."""
        read = _Reader(model)
        rates = {status: read.number(name, 0.0, 1.0) for name, status in RATES.items()}
        if sum(rates.values()) > 1:
            raise BadInputError(
                f"The rates {', '.join(RATES)} of model {model.name!r} add up to "
                f"{sum(rates.values()):g}; expected 1 at most."
            )
        return Programme(
            errors={name: read.number(name, 0.0, 1.0) for name in ERRORS},
            rates=rates,
            amounts={name: read.number(name, 0.0, None) for name in _AMOUNTS},
            strengths=read.strengths(),
            look=read.look(),
            follow=read.number("follow", 1.0, 1.0),
            variations=read.whole("variations", None),
            jpeg=read.whole("jpeg", 100),
            memorised=read.number("memorised", 0.0, 1.0),
            untouched=read.number("untouched", 0.0, 1.0),
            rest_error=read.number("rest_error", 0.0, 1.0),
        )


class _Reader:
    """Takes each option with its type and range checked."""

    def __init__(self, model: Model) -> None:
        self._model = model
        for name in model.options:
            if name not in OPTIONS:
                raise unknown_name(f"option of painter {model.name!r}", name, OPTIONS)

    def number(self, name: str, default: float, most: float | None) -> float:
        return self._checked(name, self._model.options.get(name, default), most)

    def look(self) -> str | None:
        value = self._model.options.get("look")
        if value is None:
            return None
        if not isinstance(value, str) or value not in AESTHETICS:
            raise self._wrong("look", value, f"one of {', '.join(AESTHETICS)}")
        return value

    def strengths(self) -> dict[str, float]:
        value = self._model.options.get("strength", 1.0)
        if not isinstance(value, dict):
            strength = self._checked("strength", value, 1.0)
            return dict.fromkeys(AESTHETICS, strength)
        for name in value:
            if name not in AESTHETICS:
                raise unknown_name(
                    f"aesthetic in strength of {self._model.name!r}", name, AESTHETICS
                )
        return {name: self._checked("strength", value.get(name, 1.0), 1.0) for name in AESTHETICS}

    def whole(self, name: str, most: int | None) -> int | None:
        value = self._model.options.get(name)
        if value is None:
            return None
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not 1 <= int(str(value)) <= (most or float("inf")):
            expected = "a whole number of at least 1" if most is None else f"1 to {most}"
            raise self._wrong(name, value, expected)
        return int(str(value))

    def _checked(self, name: str, value: Json, most: float | None) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= float(str(value)) <= (most or float("inf")):
            expected = f"a number from 0 to {most:g}" if most else "a number, 0 or more"
            raise self._wrong(name, value, expected)
        return float(str(value))

    def _wrong(self, name: str, value: Json, expected: str) -> BadInputError:
        return BadInputError(
            f"Option {name!r} of painter {self._model.name!r} is {value!r}; expected {expected}."
        )
