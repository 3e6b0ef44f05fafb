"""The look of pictures when none is asked for: which words of a vocabulary are nearest to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.columns import MetricColumn, instrument_name
from evalharness.board.pictures import Pictures, pictures
from evalharness.board.profile.model_profile import DefaultLook, Look
from evalharness.board.profile.pool import beside
from evalharness.board.statistics import interval_of_sums
from evalharness.board.suite_prompts import SuitePrompt
from evalharness.core.brief import Space
from evalharness.core.keys import text_subject
from evalharness.core.styles import VOCABULARIES, Style
from evalharness.metrics.features import directions

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from evalharness.board.selection import Selection

LOOK_METRICS = ("default_look", "steerability", "style_match")


def looks_by(columns: Sequence[MetricColumn]) -> str:
    """The instrument that the suite's metrics of looks read with; empty where it has none."""
    named = (c.metric for base in LOOK_METRICS for c in columns if c.base == base)
    return next(map(instrument_name, named), "")


def default_look(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    place: int,
    prompts: Sequence[SuitePrompt],
    instrument: str,
) -> DefaultLook | str:
    """How often each look is the nearest, or why that cannot be told.

    Over pictures of prompts with a vocabulary (the commonest, where there are several) that ask
    for no look; the prompt is the sampling unit.
    """
    names = Counter(one.vocabulary for one in prompts if one.vocabulary in VOCABULARIES)
    if not names or not instrument:
        return "the suite's prompts name no vocabulary of looks, or no metric of looks reads them"
    vocabulary = VOCABULARIES[name := names.most_common(1)[0][0]]
    neutral = [p for p, one in enumerate(prompts) if one.vocabulary == name and not one.style]
    if not neutral:
        return "every prompt asks for a look"
    phrases = _phrases(connection, instrument, vocabulary)
    if phrases is None:
        return f"{instrument} has not read the words for looks; score `default_look[{instrument}]`"
    space, words = phrases
    seen = pictures(connection, selection, space, {one.id: p for p, one in enumerate(prompts)})
    seen = seen.kept(np.isin(seen.prompt, neutral))
    if not (seen.variant == place).any():
        return f"{instrument} has seen no picture of a prompt that leaves the look open"
    return _shares(seen, place, words, (name, instrument), list(vocabulary))


def _phrases(
    connection: duckdb.DuckDBPyConnection, instrument: str, vocabulary: Mapping[str, Style]
) -> tuple[Space, NDArray[np.float64]] | None:
    """The newest space in which all phrases were read, with their directions (K, d)."""
    subjects = [text_subject(style.phrase) for style in vocabulary.values()]
    rows = connection.execute(
        """
        SELECT weights, version, list(subject), list(vector) FROM features
        WHERE kind = 'text' AND instrument = $instrument AND status = 'ok'
          AND vector IS NOT NULL AND list_contains($subjects, subject)
        GROUP BY ALL HAVING count(DISTINCT subject) = $asked ORDER BY max(made_at) DESC LIMIT 1
        """,
        {"instrument": instrument, "subjects": subjects, "asked": len(set(subjects))},
    ).fetchall()
    for weights, version, found, vectors in rows:
        by_subject = dict(zip(found, vectors, strict=True))
        words = directions([by_subject[subject] for subject in subjects], "the phrases")
        return Space(instrument, weights, version), words
    return None


def _shares(
    seen: Pictures,
    place: int,
    words: NDArray[np.float64],
    told: tuple[str, str],
    names: Sequence[str],
) -> DefaultLook:
    own = seen.variant == place
    nearest = (seen.vectors @ words.T.astype(np.float32)).argmax(axis=1)
    answered, prompt = np.unique(seen.prompt[own], return_inverse=True)
    shape = int(seen.variant.max()) + 1, int(seen.prompt.max()) + 1
    counts = np.bincount(prompt)
    looks = []
    for k, name in enumerate(names):
        share = interval_of_sums(np.bincount(prompt, nearest[own] == k), counts, share=True)
        others = _mean(beside(seen.means(1.0 * (nearest == k), shape), place).others[answered])
        looks.append(Look(name, share.mean, share.low, share.high, others))
    vocabulary, instrument = told
    return DefaultLook(
        instrument=instrument,
        vocabulary=vocabulary,
        prompts=len(counts),
        pictures=int(own.sum()),
        looks=tuple(sorted(looks, key=lambda look: -look.share)),
    )


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None
