"""Edits of a picture: what they left alone, how near they stay to it, and where they move it.

None of them is a verdict alone: an untouched picture keeps everything perfectly, and a picture
that follows the words may keep nothing. Read fidelity beside alignment (`clip_score`, `geneval`,
`edit.direction`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evalharness.core.contracts import Sight
from evalharness.core.measures import About, Direction, MetricFacts, OutputMetric, own_text
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable, Subject
from evalharness.metrics.features import directions, measurement

Floats = NDArray[np.float64]
PEAK = 255.0
ROUNDING = 1.0 / 12.0
"""The squared error, in levels, of rounding to whole levels: no smaller one can be told apart."""

_BESIDE = "An untouched picture is perfect here: read it beside alignment"
_NONE = (
    "no score where the region is everything, or none is named and another look is asked for "
    "(checks.style): nothing was to stay"
)
_AS_GIVEN = (
    "the picture before is brought to the answer's size as models are given it (Lanczos; the "
    "region without smoothing), the answer is never resampled"
)


def is_edit(prompt: Prompt) -> bool:
    """Whether a prompt brings a picture; its answers are then edits of the first one."""
    return bool(prompt.images)


def keeps_some(prompt: Prompt) -> bool:
    """Whether a part of the picture was to stay: a region is named, or no other look asked for."""
    return len(prompt.images) > 1 or (is_edit(prompt) and "style" not in prompt.checks)


def psnr(squared_error: Floats) -> Floats:
    """Peak signal to noise in dB, 0…58.9, of mean squared errors in levels of 0…255.

    10 · log10(255² / error), errors below that of rounding (1/12) counting as that.
    """
    ratio: Floats = 10.0 * np.log10(PEAK**2 / np.maximum(squared_error, ROUNDING))
    return ratio


def turned(before: Floats, after: Floats, said: Floats) -> Floats:
    """cos(after − before, said) of unit vectors' differences, all (n, d): float64 (n,) in −1…1.

    0 where nothing moved, NaN where words say no direction.
    """
    moved, lengths = after - before, np.linalg.norm(said, axis=1)
    products = np.einsum("nd,nd->n", moved, said)
    way = np.linalg.norm(moved, axis=1)
    cosines = np.zeros(len(way))
    np.divide(products, way * lengths, out=cosines, where=(way > 0) & (lengths > 0))
    cosines[lengths == 0] = np.nan
    bounded: Floats = np.clip(cosines, -1.0, 1.0)
    return bounded


def _before(table: OutputTable) -> NDArray[np.float32]:
    """The vector of the picture that each output is an edit of; a mask after it is passed over."""
    seen = table.seen["input"]
    return seen.each_vector()[seen.bounds(len(table))[:-1]]


def _similarity(table: OutputTable) -> Floats:
    before = directions(_before(table), "the prompts' pictures")
    after = directions(table.seen["output"].each_vector(), "the outputs")
    cosines: Floats = np.clip(np.einsum("nd,nd->n", before, after), -1.0, 1.0)
    return cosines


def _words(prompt: Prompt) -> tuple[str, ...]:
    """What the picture shows before and after the edit."""
    return str(prompt.checks["before"]), str(prompt.checks["after"])


def _says_both(prompt: Prompt) -> bool:
    both = (prompt.checks.get("before"), prompt.checks.get("after"))
    return is_edit(prompt) and all(isinstance(text, str) and text.strip() for text in both)


def _direction(table: OutputTable) -> Floats:
    words = directions(table.seen["prompt"].each_vector(), "the words before and after")
    return turned(
        directions(_before(table), "the prompts' pictures"),
        directions(table.seen["output"].each_vector(), "the outputs"),
        words[1::2] - words[::2],
    )


def _numbers(name: str) -> Callable[[OutputTable], Floats]:
    def measure(table: OutputTable) -> Floats:
        details = table.seen["change"].each_detail()
        return np.array([measurement(detail, name) for detail in details], np.float64)

    return measure


def _metric(
    name: str,
    title: str,
    measure: Callable[[OutputTable], Floats],
    about: About,
    *,
    needs: tuple[Subject, ...] = ("change",),
    reads: Sight = "measurements",
    direction: Direction = "higher",
    unit: str = "",
    default_instrument: str | None = None,
    applies: Callable[[Prompt], bool] = is_edit,
    asks: Callable[[Prompt], tuple[str, ...]] = own_text,
) -> OutputMetric:
    return OutputMetric(
        facts=MetricFacts(
            name=f"edit.{name}",
            version=1,
            title=f"Edit: {title}",
            unit=unit,
            direction=direction,
            needs=frozenset(needs),
            applies_to=frozenset({"picture"}),
            about=about,
            default_instrument=default_instrument,
            reads=reads,
            applies=applies,
            asks=asks,
        ),
        measure=measure,
    )


PSNR_OUTSIDE = _metric(
    "psnr_outside",
    "PSNR outside the region",
    lambda table: psnr(_numbers("squared_error_outside")(table)),
    About(
        measures="How exactly an edit leaves the pixels as they were where no change was asked "
        "for.",
        range="0…58.9; above 40 the difference is hardly visible, the autoencoders of latent "
        "models alone leave about 25 to 35",
        recipe="10 · log10(255² / mean squared error) over the pixels outside the region (the "
        "prompt's second picture, white) and three channels, over all pixels where none is named; "
        f"{_NONE}; errors below 1/12, that of rounding to whole "
        f"levels, count as 1/12; {_AS_GIVEN}",
        source="ITU-T J.340; torchmetrics.functional.image.peak_signal_noise_ratio above the floor",
        limits=f"{_BESIDE}; a shift of one pixel ruins it, and where no region is named an edit "
        "of the whole picture ought to.",
    ),
    unit="dB",
    default_instrument="edit-pixels",
    applies=keeps_some,
)

SSIM_OUTSIDE = _metric(
    "ssim_outside",
    "SSIM outside the region",
    _numbers("ssim_outside"),
    About(
        measures="How well an edit keeps the structures that it was to leave alone.",
        range="−1…1; 1 where nothing changed",
        recipe="mean SSIM (Gaussian window, σ 1.5, 11×11; K 0.01 and 0.03; each channel) over the "
        "windows that hold no pixel of the region; over all where none is named; none below 6×6 "
        f"pixels; {_NONE}; {_AS_GIVEN}",
        source="Wang et al. 2004, “Image quality assessment: from error visibility to structural "
        "similarity”; torchmetrics.functional.image.structural_similarity_index_measure",
        limits=f"{_BESIDE}; hardly sees a change of colour in smooth places.",
    ),
    default_instrument="edit-pixels",
    applies=keeps_some,
)

LPIPS_OUTSIDE = _metric(
    "lpips_outside",
    "LPIPS outside the region",
    _numbers("distance"),
    About(
        measures="How different an edit looks from its picture where no change was asked for, in "
        "the eyes of a network.",
        range="0 (nothing changed) and up; above 0.5 hardly the same picture",
        recipe="LPIPS 0.1 between the picture before and the answer into which the region (the "
        "prompt's second picture, white) is put back as it was; of the whole answer where none is "
        f"named; {_NONE}; {_AS_GIVEN}",
        source="Zhang et al. 2018 (arXiv:1801.03924), github.com/richzhang/PerceptualSimilarity",
        limits=f"{_BESIDE}; an average over the whole picture, so a large region makes it small: "
        "compare models on the same prompts; never between networks.",
    ),
    reads="distance",
    direction="lower",
    applies=keeps_some,
)

SIMILARITY = _metric(
    "similarity",
    "similarity to the picture",
    _similarity,
    About(
        measures="How near an edit stays to the picture it started from, as a whole.",
        range="−1…1; pictures that have nothing in common are well above 0 with CLIP",
        recipe="cosine of the answer's vector and that of the prompt's first picture",
        source="image similarity as in Brooks et al. 2023 (arXiv:2211.09800); DINO as in Ruiz et "
        "al. 2023 (arXiv:2208.12242)",
        limits=f"{_BESIDE}; what was asked to change counts against it too; CLIP sees content, "
        "DINO more of the shape.",
    ),
    needs=("output", "input"),
    reads="vector",
)

DIRECTION = _metric(
    "direction",
    "directional similarity",
    _direction,
    About(
        measures="Whether an edit moves a picture the way that the words say.",
        range="−1…1; 0 where nothing moved or the way is another one",
        recipe="cosine of (answer − the prompt's first picture) and (checks.after − "
        "checks.before), each of the four a unit vector of one CLIP model; no "
        "score where both wordings mean the same to it",
        source="Gal et al. 2021 (arXiv:2108.00946), as used by Brooks et al. 2023 "
        "(arXiv:2211.09800)",
        limits="Blind to how far the picture moves and to everything that the words leave out: "
        "read it beside fidelity; as deaf to counts and places as its CLIP model.",
    ),
    needs=("output", "input", "prompt"),
    reads="vector",
    applies=_says_both,
    asks=_words,
)
