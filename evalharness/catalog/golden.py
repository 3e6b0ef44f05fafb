"""Golden values of instruments: what their weights are known to say about known subjects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from evalharness.catalog.forms import Form, Words
from evalharness.catalog.yaml_files import read_yaml

_FILE = Path(__file__).with_name("golden.yaml")
EXPECTATIONS = ("scalars", "cosine", "matches")


@dataclass(frozen=True, slots=True)
class Golden:
    """One known answer; exactly one of `scalars`, `cosine` and `matches` is expected.

    `pictures` are https addresses or `painted: CAPTION`; `texts` one for each, or one for all.
    Without pictures the cosine is that of the first two texts.
    """

    instrument: str
    what: str
    origin: str
    pictures: tuple[str, ...]
    texts: tuple[str, ...]
    scalars: tuple[float, ...] | None
    cosine: float | None
    matches: bool
    tolerance: float


class GoldenForm(Form):
    """An entry of golden.yaml."""

    instrument: Words
    what: Words
    origin: Words
    pictures: list[Words] = Field(default_factory=list)
    texts: list[Words] = Field(default_factory=list)
    scalars: list[float] | None = None
    cosine: float | None = None
    matches: Literal[True] | None = None
    tolerance: float = Field(0.0, ge=0)

    @model_validator(mode="after")
    def _one_expectation(self) -> Self:
        given = [name for name in EXPECTATIONS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"one of {', '.join(EXPECTATIONS)}")
        if not self.pictures and (self.cosine is None or len(self.texts) < 2):
            raise ValueError("pictures, or a cosine of two texts")
        if self.pictures and len(self.texts) not in (0, 1, len(self.pictures)):
            raise ValueError("no text, one for all pictures or one for each")
        return self

    def to_golden(self) -> Golden:
        """The noun."""
        return Golden(
            instrument=self.instrument,
            what=self.what,
            origin=self.origin,
            pictures=tuple(self.pictures),
            texts=tuple(self.texts),
            scalars=None if self.scalars is None else tuple(self.scalars),
            cosine=self.cosine,
            matches=bool(self.matches),
            tolerance=self.tolerance,
        )


@cache
def golden_values() -> tuple[Golden, ...]:
    """Every golden value."""
    document = read_yaml(_FILE)
    entries = document.data if isinstance(document.data, list) else []
    return tuple(
        document.read_as(GoldenForm, (place,)).to_golden() for place in range(len(entries))
    )


def golden_of(instrument: str) -> tuple[Golden, ...]:
    """The golden values of one instrument, by its short name."""
    return tuple(golden for golden in golden_values() if golden.instrument == instrument)
