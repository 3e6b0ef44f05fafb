"""Metrics on sets, prompt by prompt: what makes FID and BLEU fit for a paired comparison."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalharness.board.columns import base_name
from evalharness.board.measured import SHARE
from evalharness.board.paired import PairedDifference, paired_difference
from evalharness.board.prompt_columns import (
    PromptColumn,
    answered_set,
    by_prompt_metric,
    known_by_prompt,
)
from evalharness.board.selection import Selection
from evalharness.board.set_features import SeenPictures, keys_of, seen_pictures, seen_reference
from evalharness.board.sets import OTHER_REFERENCE, WHOLE_SUITE_ONLY
from evalharness.catalog.metrics import MetricChoice, parse_metric
from evalharness.core.errors import HarnessError
from evalharness.core.keys import KeyPattern
from evalharness.core.tables import Reference
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.influence import INFLUENCES, InfluenceMetric, SetColumn
from evalharness.metrics.reference import StoredReference

if TYPE_CHECKING:
    import duckdb

Reason: TypeAlias = str
"""Why there is no answer, in a few words."""


@dataclass(frozen=True, slots=True)
class HurtfulPicture:
    """A picture and by about how much, to first order, the metric would fall without it."""

    prompt: str
    seed: int
    sha256: str
    harm: float


@dataclass(frozen=True, slots=True)
class _Instrument:
    """How a metric is read here: its column, the keys of its features, its reference."""

    influence: InfluenceMetric
    keys: KeyPattern
    reference: StoredReference


def column_of(
    influence: InfluenceMetric, seen: SeenPictures, reference: Reference
) -> tuple[SetColumn, NDArray[np.int64]]:
    """The column of some pictures, and the number of each one's prompt.

    Raises UnmeasurableError where the pictures or the reference's are too few.
    """
    least = influence.minimum_n(reference.d)
    for n, what in ((len(seen.asked), "pictures"), (reference.n or 0, "reference pictures")):
        if n < least:
            raise UnmeasurableError(f"{n} {what}, at least {least} needed for an interval")
    order = {name: place for place, name in enumerate(dict.fromkeys(p for p, _ in seen.asked))}
    prompts = np.array([order[prompt] for prompt, _ in seen.asked], np.int64)
    return influence.column(seen.vectors, reference, prompts), prompts


def set_column(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    metric: str,
    variant: int,
    seeds: Collection[int] | None = None,
) -> PromptColumn | Reason:
    """`metric` of one variant (its place in the selection) on all its outputs, or of `seeds`."""
    try:
        if known_by_prompt(metric):
            answered = answered_set(connection, selection, parse_metric(metric), variant)
            asked = (one for one in answered.outputs if seeds is None or one[1] in seeds)
            return answered.column(asked)
        instrument = _instrument(connection, selection, metric, [variant])
        seen = seen_pictures(connection, selection, variant, instrument.keys)
        if seeds is not None:
            seen = seen.kept([i for i, (_, seed) in enumerate(seen.asked) if seed in seeds])
        return prompt_column(metric, instrument.influence, seen, instrument.reference)
    except HarnessError as error:
        return str(error)


def set_difference(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    metric: str,
    first: int,
    second: int,
) -> PairedDifference | Reason:
    """`metric` of the second variant less that of the first (their places in the selection).

    On the prompts and seeds that both answered, so that both sets have one size; where there is a
    reference, the interval is conditional on it. A reason where it cannot be honest: below the
    metric's declared size, with few prompts, without the outputs' features, against different
    references; for FID, KID and CMMD on a slice.
    """
    variants = (first, second)
    try:
        if known_by_prompt(metric):
            return _by_prompt(connection, selection, parse_metric(metric), variants)
        instrument = _instrument(connection, selection, metric, variants)
        seen = [seen_pictures(connection, selection, v, instrument.keys) for v in variants]
        common = set(seen[0].asked) & set(seen[1].asked)
        columns = []
        for one in seen:
            kept = one.kept([i for i, asked in enumerate(one.asked) if asked in common])
            column = prompt_column(metric, instrument.influence, kept, instrument.reference)
            columns.append(column.values)
    except HarnessError as error:
        return str(error)
    return paired_difference(*columns)


def _by_prompt(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    choice: MetricChoice,
    variants: tuple[int, int],
) -> PairedDifference:
    sets = [answered_set(connection, selection, choice, variant) for variant in variants]
    common = sets[0].outputs.keys() & sets[1].outputs.keys()
    first, second = (one.column(common) for one in sets)
    prompts = [prompt for prompt in first.prompts if prompt in set(second.prompts)]
    share = choice.metric.facts.unit == SHARE
    return paired_difference(first.on(prompts), second.on(prompts), share=share)


def any_size(metric: str) -> bool:
    """Whether numbers of sets of different sizes can be compared: they have no bias at any."""
    found = INFLUENCES.get(base_name(metric)) or by_prompt_metric(metric)
    return found is not None and found.any_size


def hurting_most(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    metric: str,
    variant: int,
    top: int = 5,
) -> tuple[HurtfulPicture, ...] | Reason:
    """The pictures of a variant that raise `metric` (lower is better) most, the worst first."""
    try:
        instrument = _instrument(connection, selection, metric, [variant])
        seen = seen_pictures(connection, selection, variant, instrument.keys)
        influence = column_of(instrument.influence, seen, instrument.reference)[0].influence
    except HarnessError as error:
        return str(error)
    worst = np.argsort(-influence, kind="stable")[:top]
    return tuple(
        HurtfulPicture(
            prompt=seen.asked[i][0],
            seed=seen.asked[i][1],
            sha256=seen.sha256[i],
            harm=float(influence[i]) / len(influence),
        )
        for i in worst
        if influence[i] > 0
    )


def prompt_column(
    metric: str, influence: InfluenceMetric, seen: SeenPictures, reference: Reference
) -> PromptColumn:
    """A metric on some pictures, prompt by prompt; raises UnmeasurableError as `column_of`."""
    column, prompts = column_of(influence, seen, reference)
    names = tuple(dict.fromkeys(prompt for prompt, _ in seen.asked))
    # prompts with more seeds weigh more in the set, so sums, scaled, and not means
    moved = np.bincount(prompts, column.influence) * (len(names) / len(prompts))
    values = np.asarray(column.value + moved, np.float64)
    return PromptColumn(metric, column.value, len(prompts), names, values)


def _instrument(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    metric: str,
    variants: Sequence[int],
) -> _Instrument:
    """How the metric is read for variants that share one reference; raises HarnessError."""
    if selection.where:
        raise UnmeasurableError(WHOLE_SUITE_ONLY)
    influence = INFLUENCES.get(base_name(metric))
    if influence is None:
        raise UnmeasurableError(f"no interval is known for {base_name(metric)}")
    references = connection.execute(
        """
        SELECT DISTINCT s.reference
        FROM set_scores s JOIN metrics m ON m.metric = s.metric AND m.recipe = s.recipe
        WHERE s.suite = $suite AND s.metric = $metric AND list_contains($variants, s.variant)
        """,
        {
            "suite": selection.digest,
            "metric": metric,
            "variants": [selection.variants[i].variant for i in variants],
        },
    ).fetchall()
    if not references:
        raise UnmeasurableError("not scored yet")
    if len(references) > 1:
        raise UnmeasurableError(OTHER_REFERENCE)
    keys = keys_of(connection, parse_metric(metric))
    if keys is None:
        raise UnmeasurableError("no features are stored of what the numbers were made of")
    reference = seen_reference(connection, str(references[0][0]), keys)
    if not reference.n:
        raise UnmeasurableError("only moments of the reference are known, not its pictures")
    return _Instrument(influence, keys, reference)
