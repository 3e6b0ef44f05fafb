"""The self-test of one instrument, through its real loading path. Runs in a child."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalharness.catalog import registry
from evalharness.catalog.fetching import download
from evalharness.catalog.golden import Golden
from evalharness.catalog.pictures import decode
from evalharness.core.contracts import Backend, Extractor, SubjectKind
from evalharness.core.errors import HarnessError
from evalharness.core.judging import Asked
from evalharness.core.nouns import Job, Json, Model, Prompt
from evalharness.core.outcomes import Change, Exchange, FeatureValue, Pair, Picture, Seeable, Text
from evalharness.metrics.features import unit_rows
from evalharness.runner.events import Checked, Loaded, Send
from evalharness.runner.look import Look

PAINTED = "painted:"
CAPTIONS = ("a red ball", "two blue stars", "a green tree in a meadow", "a yellow house")
ALIKE = 1e-3
"""How far a value may move with its batch-mates, relative to its size: rounding, nothing more."""


@dataclass(frozen=True, slots=True)
class VerifyWork:
    """An instrument and what it is known to say."""

    look: Look
    golden: tuple[Golden, ...]


def verify(work: VerifyWork, send: Send) -> None:
    """Load the instrument, try what holds for every one, then its golden values."""
    started = time.monotonic()
    with work.look.open() as extractor:
        send(Loaded(time.monotonic() - started))
        for kind in sorted(work.look.entry.reads):
            send(_steady(extractor, kind))
        for golden in work.golden:
            send(_golden(extractor, golden))


def _steady(extractor: Extractor, kind: SubjectKind) -> Checked:
    """The same subjects give the same finite values, alone, together and again."""
    what = f"{kind}s: finite, the same again and in any batch"
    subjects = [_sample(kind, caption) for caption in CAPTIONS]
    try:
        together = list(extractor.extract(subjects))
        again = list(extractor.extract(subjects))
        alone = [extractor.extract([subject])[0] for subject in subjects]
    except Exception as error:
        return Checked(what, False, f"{type(error).__name__}: {error}")
    moved = max(
        max(distance(a, b), distance(a, c)) for a, b, c in zip(together, again, alone, strict=True)
    )
    return Checked(what, moved <= ALIKE, f"moved by {moved:.1e} of its size")


def _sample(kind: SubjectKind, caption: str) -> Seeable:
    match kind:
        case "text":
            return Text(caption)
        case "picture":
            return Picture(painted(caption))
        case "pair":
            return Pair(painted(caption), caption)
        case "exchange":
            return Exchange(caption, Asked("What is there?").written())
        case "change":
            return Change(painted(caption), painted(caption)[::-1])


def painted(caption: str) -> NDArray[np.uint8]:
    """A picture of the embedded world, the same on every machine."""
    entry = registry.backend("painter")
    model = Model("painter", "painter", "")
    job = Job(caption, model.name, Prompt("painted", caption), caption, None, 0, {})
    backend: Backend = registry.load(entry.implementation)(model, entry.resolve(model))
    with backend as painter:
        (answer,) = painter.generate([job])
    (media,) = answer.media
    assert isinstance(media, Picture)
    return media.pixels


def distance(one: FeatureValue, other: FeatureValue) -> float:
    """Relative distance of vectors and scalars; infinite where texts differ or NaN is given."""
    if one.text != other.text:
        return float("inf")
    a, b = _numbers(one), _numbers(other)
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    size = max(float(np.linalg.norm(a)), 1e-6)
    return float(np.linalg.norm(a - b)) / size


def _numbers(value: FeatureValue) -> NDArray[np.float64]:
    parts = [] if value.vector is None else [np.asarray(value.vector, np.float64)]
    if value.scalar is not None:
        parts.append(np.array([value.scalar]))
    parts.append(np.array(list(_numbers_in(value.detail)), np.float64))
    return np.concatenate(parts)


def _numbers_in(detail: Json) -> Iterator[float]:
    """Every number in a detail, in order: boxes, confidences, measurements."""
    if isinstance(detail, dict):
        detail = [detail[name] for name in sorted(detail)]
    if isinstance(detail, list):
        for item in detail:
            yield from _numbers_in(item)
    elif isinstance(detail, int | float):
        yield float(detail)


def _golden(extractor: Extractor, golden: Golden) -> Checked:
    try:
        passed, found = _compare(extractor, golden)
    except HarnessError as error:
        return Checked(golden.what, False, str(error))
    except Exception as error:
        return Checked(golden.what, False, f"{type(error).__name__}: {error}")
    return Checked(golden.what, passed, found)


def _compare(extractor: Extractor, golden: Golden) -> tuple[bool, str]:
    pictures = [_picture(source) for source in golden.pictures]
    if golden.scalars is not None:
        scalars = np.array([_scalar(v) for v in extractor.extract(_shown(pictures, golden.texts))])
        off = float(np.abs(scalars - golden.scalars).max())
        return off <= golden.tolerance, f"off by at most {off:.4f} (allowed {golden.tolerance:g})"
    shown: list[Seeable] = [Picture(p) for p in pictures] or [Text(t) for t in golden.texts]
    seen = _units(extractor.extract(shown))
    if golden.cosine is not None:
        cosine = float(seen[0] @ seen[1])
        within = abs(cosine - golden.cosine) <= golden.tolerance
        return within, f"cosine {cosine:.4f}, expected {golden.cosine:g} ±{golden.tolerance:g}"
    said = _units(extractor.extract([Text(text) for text in golden.texts]))
    nearest = (seen @ said.T).argmax(axis=1)
    right = int((nearest == np.arange(len(pictures))).sum())
    return right == len(pictures), f"{right} of {len(pictures)} nearest to their own text"


def _shown(pictures: Sequence[NDArray[np.uint8]], texts: Sequence[str]) -> list[Seeable]:
    if not texts:
        return [Picture(pixels) for pixels in pictures]
    said = list(texts) * len(pictures) if len(texts) == 1 else list(texts)
    return [Pair(pixels, text) for pixels, text in zip(pictures, said, strict=False)]


def _picture(source: str) -> NDArray[np.uint8]:
    if source.startswith(PAINTED):
        return painted(source.removeprefix(PAINTED).strip())
    return decode(download(source), source)


def _scalar(value: FeatureValue) -> float:
    return float("nan") if value.scalar is None else value.scalar


def _units(values: Sequence[FeatureValue]) -> NDArray[np.float64]:
    return unit_rows(np.stack([np.asarray(value.vector) for value in values]), "the golden values")
