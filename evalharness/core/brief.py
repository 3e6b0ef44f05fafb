"""What somebody needs of a model: words, pictures, limits, and what counts how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LicenceClass: TypeAlias = Literal["permissive", "commercial", "any"]
"""`permissive`: use for any purpose; `commercial`: also licences that allow selling under
conditions; `any`: also non-commercial and unknown ones."""

NEUTRAL = "a picture"
"""What words are held against: how much more a picture looks like them than like any picture."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a model must keep to; None is no limit. Seconds, GiB, US dollars."""

    latency_p95_s: float | None = None
    peak_memory_gib: float | None = None
    cost_per_1000: float | None = None
    licence: LicenceClass = "any"
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each component counts in the utility.

    Of style the distance that models are apart, of latency a doubling of speed, of all others a
    standard deviation within prompts.
    """

    style: float = 1.0
    words: float = 1.0
    quality: float = 0.25
    alignment: float = 0.25
    steerability: float = 0.1
    latency: float = 0.02


@dataclass(frozen=True, slots=True)
class Brief:
    """What somebody needs.

    `references` are folders or picture files; `prompts` a file of the user's own content, put to
    the models as any prompts file is. `models` are the candidates, all of the suite's if empty.
    """

    words: str = ""
    references: tuple[str, ...] = ()
    prompts: str | None = None
    models: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    weights: Weights = field(default_factory=Weights)


@dataclass(frozen=True, slots=True)
class Space:
    """Which stored features can be compared: one instrument, one set of weights."""

    instrument: str
    weights: str
    version: int


@dataclass(frozen=True, slots=True)
class ReferenceFeatures:
    """A brief's pictures and words as extractors saw them.

    `references` float32 (R, d) in the space `style`, `names` says where each came from; `words`
    and `neutral` float32 (e,) in the space `texts`. None where the brief has none of them. Pictures
    given more than once are here once; `copies` counts those left out.
    """

    style: Space | None = None
    references: NDArray[np.float32] | None = None
    names: tuple[str, ...] = ()
    texts: Space | None = None
    words: NDArray[np.float32] | None = None
    neutral: NDArray[np.float32] | None = None
    copies: int = 0
