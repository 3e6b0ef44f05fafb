"""Metrics on sets that are known prompt by prompt (BLEU, macro F1, pass@k), read from a ledger.

The runner measures whole sets and stores their numbers; here sets are measured again as a
comparison needs them: of one take, of some seeds, of what two models both answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalharness.board.answers.prompts import prompts_of
from evalharness.board.columns import base_name
from evalharness.board.gallery import tags_of_prompts
from evalharness.board.selection import OTHER_WEIGHTS, Selection
from evalharness.board.set_features import keys_of
from evalharness.catalog import registry
from evalharness.catalog.metrics import MetricChoice
from evalharness.core.errors import HarnessError
from evalharness.core.keys import metric_recipe
from evalharness.core.measures import SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import SetTable
from evalharness.ledger.features import Features, fetch
from evalharness.ledger.known_outputs import KnownOutput, finished
from evalharness.ledger.output_tables import check_size, set_table
from evalharness.ledger.subjects import KeyOf, Measured, measured
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.intervals import FEWEST_PROMPTS

if TYPE_CHECKING:
    import duckdb

Asked: TypeAlias = tuple[str, int]
"""A prompt's id and a seed."""


@dataclass(frozen=True, slots=True)
class PromptColumn:
    """A metric on a variant's n outputs, prompt by prompt.

    `prompts` (P,) are ids in the suite's order; the mean of `values` (P,) is `value`, and they
    differ as the prompts' outputs move it. `value` is without the bias that the board's number
    has for FID and CMMD, so it differs from that a little.
    """

    metric: str
    value: float
    n: int
    prompts: tuple[str, ...]
    values: NDArray[np.float64]

    def on(self, prompts: Iterable[str]) -> NDArray[np.float64]:
        """The values of these prompts (P,), NaN where there is none."""
        known = dict(zip(self.prompts, self.values.tolist(), strict=True))
        return np.array([known.get(prompt, np.nan) for prompt in prompts], np.float64)


@dataclass(frozen=True, slots=True)
class AnsweredSet:
    """A variant's outputs that a metric can be measured on, by prompt and seed, in the suite's
    order; `features` has all that is read of them.
    """

    choice: MetricChoice
    outputs: Mapping[Asked, Measured]
    features: Features

    def column(self, asked: Iterable[Asked] | None = None) -> PromptColumn:
        """The metric on all of them, or on those `asked`; raises HarnessError where it has none."""
        kept = self.outputs.keys() if asked is None else self.outputs.keys() & set(asked)
        members = [one for place, one in self.outputs.items() if place in kept]
        names = tuple(dict.fromkeys(one.prompt.id for one in members))
        if len(names) < FEWEST_PROMPTS:
            raise UnmeasurableError(
                f"{len(names)} prompts, at least {FEWEST_PROMPTS} needed for an interval"
            )
        return _column(self.choice, set_table(members, self.features), names)


def by_prompt_metric(metric: str) -> SetMetric | None:
    """The metric, where it gives its number prompt by prompt; none that is not installed does."""
    try:
        found = registry.metric(base_name(metric))
    except HarnessError:
        return None
    return found if isinstance(found, SetMetric) and found.by_prompt is not None else None


def known_by_prompt(metric: str) -> bool:
    """Whether a metric gives its number prompt by prompt."""
    return by_prompt_metric(metric) is not None


def _column(choice: MetricChoice, table: SetTable, names: Sequence[str]) -> PromptColumn:
    metric = choice.metric
    assert isinstance(metric, SetMetric) and metric.by_prompt is not None
    check_size(metric, table)
    found = metric.by_prompt(table)
    if not np.isfinite(found.values).all():
        raise UnmeasurableError("without one of its prompts there is no number: no interval")
    if len(found.values) < FEWEST_PROMPTS:
        raise UnmeasurableError(
            f"{len(found.values)} prompts, at least {FEWEST_PROMPTS} needed for an interval"
        )
    prompts = tuple(names[cluster] for cluster in found.clusters)
    return PromptColumn(choice.name, found.value, len(table.outputs), prompts, found.values)


def answered_set(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    choice: MetricChoice,
    variant: int,
) -> AnsweredSet:
    """What a variant (its place in the selection) answered to the selection's prompts.

    Outputs without the features that are read (a judge gave no verdict) are left out. Raises
    UnmeasurableError where the metric's stored numbers are of another version or of unknown
    features.
    """
    key = _key_of(connection, choice)
    rows = connection.execute(
        selection.placed("h.place = $place")
        + finished(
            """
            SELECT o.*, p.prompt_id, p.position FROM placed p
            JOIN outputs o ON o.job_key = p.job_key AND o.take = p.take
            """,
            more=", o.prompt_id",
        )
        + "ORDER BY o.position, o.prompt_id, j.seed",
        selection.parameters | {"place": variant},
    ).fetchall()
    prompts = _prompts(connection, selection, [row[-1] for row in rows])
    outputs = {row[0]: KnownOutput.of(row[:-1]) for row in rows}
    asked = [(prompts[row[-1]], row[0]) for row in rows]
    found = [one for one in measured(choice, key, asked, outputs) if one.applies]
    keys = (key for one in found for read in one.reads.values() for key in read)
    features = fetch(connection, keys, choice.metric.facts.reads)
    ready = [one for one in found if one.problem(features) is None]
    of = {(one.prompt.id, one.output.seed): one for one in ready}
    return AnsweredSet(choice, of, features)


def _key_of(connection: duckdb.DuckDBPyConnection, choice: MetricChoice) -> KeyOf | None:
    keys = None if choice.instrument is None else keys_of(connection, choice)
    if choice.instrument is not None and keys is None:
        raise UnmeasurableError("no features are stored of what the numbers were made of")
    row = connection.execute(
        "SELECT version, recipe FROM metrics WHERE metric = $metric", {"metric": choice.name}
    ).fetchone()
    if row is None:
        raise UnmeasurableError("not scored yet")
    version = choice.metric.facts.version
    plain = metric_recipe(choice.name, version, None)
    if row[0] != version or (choice.instrument is None and row[1] != plain):
        raise UnmeasurableError(OTHER_WEIGHTS)
    return None if keys is None else keys.key


def _prompts(
    connection: duckdb.DuckDBPyConnection, selection: Selection, names: Sequence[str]
) -> dict[str, Prompt]:
    found = prompts_of(connection, selection.digest, names)
    tags = tags_of_prompts(connection, selection.digest, names)
    return {name: replace(one, tags=tags.get(name, {})) for name, one in found.items()}
