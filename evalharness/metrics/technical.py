"""Technical quality of the pixels: `technical.sharpness` … `technical.blank`, read by `pixels`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, Direction, MetricFacts, OutputMetric
from evalharness.core.nouns import Json
from evalharness.core.tables import OutputTable
from evalharness.metrics.features import measurement

BLANK_SPREAD = 2.0
"""Levels of 0…255: a picture whose channels all deviate less shows nothing."""


def exposure(detail: Json) -> float:
    """Distance of the mean luminance (0…1) from middle grey, in 0…0.5."""
    return abs(measurement(detail, "brightness") - 0.5)


def clipped(detail: Json) -> float:
    """Share of pixels that are all black or all white."""
    return measurement(detail, "clipped_dark") + measurement(detail, "clipped_light")


def blank(detail: Json) -> float:
    """1 for a picture of one colour, else 0."""
    return float(measurement(detail, "spread") < BLANK_SPREAD)


def _each(read: Callable[[Json], float]) -> Callable[[OutputTable], NDArray[np.float64]]:
    def measure(table: OutputTable) -> NDArray[np.float64]:
        return np.array([read(d) for d in table.seen["output"].each_detail()], np.float64)

    return measure


def _named(name: str) -> Callable[[Json], float]:
    return lambda detail: measurement(detail, name)


def _metric(
    name: str,
    direction: Direction,
    unit: str,
    read: Callable[[Json], float],
    about: Mapping[str, str],
) -> OutputMetric:
    return OutputMetric(
        facts=MetricFacts(
            name=f"technical.{name}",
            version=1,
            title=f"Technical: {name}",
            unit=unit,
            direction=direction,
            needs=frozenset({"output"}),
            applies_to=frozenset({"picture"}),
            reads="measurements",
            about=About(**about),
            default_instrument="pixels",
        ),
        measure=_each(read),
    )


SHARPNESS = _metric(
    "sharpness",
    "higher",
    "",
    _named("sharpness"),
    {
        "measures": "How much fine detail a picture has; blurred pictures have little.",
        "range": "0 and up, in squared levels; tens for soft pictures, hundreds and more for crisp",
        "recipe": "variance of the 3×3 Laplacian of the luminance (BT.601, 0…255), the longer side "
        "averaged down to 512 pixels, smaller pictures as they are; none below 3×3",
        "source": "Pech-Pacheco et al. 2000, “Diatom autofocusing in brightfield microscopy”",
        "limits": "Noise and busy textures count as detail, flat styles and a shallow depth of "
        "field as blur: compare models on the same prompts.",
    },
)

CONTRAST = _metric(
    "contrast",
    "higher",
    "",
    _named("contrast"),
    {
        "measures": "How far the tones of a picture spread.",
        "range": "0…0.5",
        "recipe": "deviation of the luminance (BT.601, gamma-coded, 0…1) over all pixels (RMS "
        "contrast)",
        "source": "Peli 1990, “Contrast in complex images”",
        "limits": "Blind to where the tones are; more is not always better (fog, pastels).",
    },
)

COLOURFULNESS = _metric(
    "colourfulness",
    "higher",
    "",
    _named("colourfulness"),
    {
        "measures": "How colourful people find a picture.",
        "range": "0 (grey) and up; about 15 slightly, 45 quite, 80 and more very colourful",
        "recipe": "√(σ²rg + σ²yb) + 0.3 √(μ²rg + μ²yb), rg = R − G, yb = (R + G)/2 − B, R, G, B "
        "in 0…255",
        "source": "Hasler & Süsstrunk 2003, “Measuring colourfulness in natural images”",
        "limits": "Black-and-white styles are 0 as they should be; oversaturation scores high.",
    },
)

EXPOSURE = _metric(
    "exposure",
    "lower",
    "",
    exposure,
    {
        "measures": "How far the mean tone is from middle grey: too dark or too light.",
        "range": "0…0.5",
        "recipe": "|mean luminance − 0.5|, luminance BT.601, gamma-coded, 0…1",
        "source": "this project",
        "limits": "Night scenes and things on white are rightly far from grey; compare models on "
        "the same prompts.",
    },
)

CLIPPED = _metric(
    "clipped",
    "lower",
    "share of pixels",
    clipped,
    {
        "measures": "How much of a picture is pure black or pure white, without any detail.",
        "range": "0…1",
        "recipe": "share of pixels with a luminance (BT.601, 0…255) of 1 or less, or 254 or more",
        "source": "this project",
        "limits": "Drawings, prints and pictures on white use pure black and white on purpose.",
    },
)

BANDING = _metric(
    "banding",
    "lower",
    "share of changes",
    _named("banding"),
    {
        "measures": "Whether smooth slopes are broken into visible steps.",
        "range": "0…1",
        "recipe": "of the changes of luminance by 1 to 10 levels between neighbours, the share "
        "of 2 levels and more that stand between two runs of at least four equal pixels; none "
        "below 8×8",
        "source": "this project",
        "limits": "Grain hides bands from it and from people; flat styles with faint edges look "
        "banded to it.",
    },
)

NOISE = _metric(
    "noise",
    "lower",
    "levels",
    _named("noise"),
    {
        "measures": "How grainy a picture is.",
        "range": "0 and up; the deviation of the noise in levels of 0…255",
        "recipe": "√(π/2)/6 times the mean size of the luminance filtered with "
        "[1 −2 1; −2 4 −2; 1 −2 1], at full size; none below 3×3",
        "source": "Immerkær 1996, “Fast noise variance estimation”",
        "limits": "Fine texture and hard edges count as noise, film grain asked for too.",
    },
)

BLANK = _metric(
    "blank",
    "lower",
    "share",
    blank,
    {
        "measures": "Whether a picture shows nothing: black, white, or all of one colour.",
        "range": "0 or 1",
        "recipe": "1 where the deviation of every channel is below 2 levels of 0…255",
        "source": "this project",
        "limits": "Safety filters that answer with a black picture are seen, those that blur are "
        "not.",
    },
)
