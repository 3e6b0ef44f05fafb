"""Metrics on sets as columns, so that they can be judged prompt by prompt.

A distance between distributions has no value for one picture, but it has an influence: how much
the distance moves with it (`metrics/influence.py`). A column of influences around the distance is
averaged, paired and tested like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.columns import base_name
from evalharness.core.baseline import MeasuredBy, SetTake
from evalharness.core.errors import HarnessError
from evalharness.core.keys import feature_keys
from evalharness.core.nouns import Instrument
from evalharness.core.tables import Moments
from evalharness.metrics.influence import INFLUENCES, SetColumn
from evalharness.metrics.moments import moments_of

if TYPE_CHECKING:
    import duckdb

Vectors = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Reference:
    """A reference set's features (m, d), as metrics read them."""

    features: Vectors

    @property
    def n(self) -> int:
        return len(self.features)

    @property
    def d(self) -> int:
        return int(self.features.shape[1])

    def vectors(self) -> Vectors:
        return self.features

    def moments(self) -> Moments:
        return moments_of(self.features, "the reference")


def set_column(
    connection: duckdb.DuckDBPyConnection,
    metric: str,
    measured_by: MeasuredBy,
    subjects: Sequence[str],
    prompt: NDArray[np.int64],
    prompts: int,
) -> SetTake:
    """A metric on the set of `subjects` (n, sha256 of pictures), picture i of prompt `prompt[i]`.

    Without a column, and with the reason, where the metric has none, where something was not
    looked at, and outside the region in which its influences are declared to hold.
    """
    n = len(subjects)
    known = INFLUENCES.get(base_name(metric))
    if known is None:
        return SetTake(None, n, None, "it has no column of influences by picture")
    instrument = _instrument(metric, measured_by)
    if instrument is None or measured_by.reference is None:
        return SetTake(None, n, None, "its instrument or its reference is not known")
    x = _vectors(connection, instrument, subjects)
    y = _vectors(connection, instrument, _reference(connection, measured_by.reference))
    if x is None or y is None:
        return SetTake(None, n, None, "not everything was looked at: run `evalharness score`")
    needed = known.minimum_n(x.shape[1])
    if min(n, len(y)) < needed:
        why = f"{min(n, len(y))} pictures; its differences are trusted from {needed} on"
        return SetTake(None, n, None, why)
    try:
        found = known.column(x, _Reference(y), prompt)
    except HarnessError as error:
        return SetTake(None, n, None, str(error))
    return SetTake(found.value, n, _by_prompt(found, prompt, prompts))


def _by_prompt(
    found: SetColumn, prompt: NDArray[np.int64], prompts: int
) -> tuple[float | None, ...]:
    """(P,) means of value + influence over each prompt's pictures; the mean over all is `value`."""
    sums = np.bincount(prompt, found.value + found.influence, prompts)
    counts = np.bincount(prompt, minlength=prompts)
    return tuple(
        float(total / number) if number else None
        for total, number in zip(sums, counts, strict=True)
    )


def _instrument(metric: str, measured_by: MeasuredBy) -> tuple[Instrument, str, int] | None:
    """The instrument a metric reads, with its weights and version."""
    name = metric.partition("[")[2].removesuffix("]")
    recipe = measured_by.instruments.get(name)
    if not isinstance(recipe, dict):
        return None
    options = recipe.get("options", {})
    instrument = Instrument(
        name, str(recipe["extractor"]), options=options if isinstance(options, dict) else {}
    )
    return instrument, str(recipe["weights"]), int(str(recipe["version"]))


def _reference(connection: duckdb.DuckDBPyConnection, digest: str) -> list[str]:
    """The subjects of a reference set; none until it is whole (its first is recorded last)."""
    rows = connection.execute(
        "SELECT position, subject FROM reference_members WHERE reference = $digest ORDER BY ALL",
        {"digest": digest},
    ).fetchall()
    return [subject for _, subject in rows] if rows and rows[0][0] == 0 else []


def _vectors(
    connection: duckdb.DuckDBPyConnection,
    seen_by: tuple[Instrument, str, int],
    subjects: Sequence[str],
) -> Vectors | None:
    """(n, d) features of subjects, in order; None where one is missing, or there are none."""
    pattern = feature_keys(*seen_by)
    keys = {subject: pattern.key(subject) for subject in dict.fromkeys(subjects)}
    rows = connection.execute(
        """
        SELECT feature_key, vector FROM features
        SEMI JOIN (SELECT unnest($keys::VARCHAR[]) AS feature_key) USING (feature_key)
        WHERE status = 'ok' AND vector IS NOT NULL
        """,
        {"keys": list(keys.values())},
    ).fetchnumpy()
    found = dict(zip(rows["feature_key"], rows["vector"], strict=True))
    if not subjects or any(key not in found for key in keys.values()):
        return None
    return np.stack([np.asarray(found[keys[subject]], np.float32) for subject in subjects])
