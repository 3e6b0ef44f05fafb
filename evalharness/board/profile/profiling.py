"""`profile`: everything that a suite says about one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.columns import MetricColumn, metric_columns
from evalharness.board.facts import Facts, facts
from evalharness.board.gallery import tags_of_prompts
from evalharness.board.influences import HurtfulPicture, hurting_most
from evalharness.board.licences import allowed
from evalharness.board.measured import Measured, measure
from evalharness.board.pictures import NO_PICTURES, Pictures, pictures
from evalharness.board.profile.default_look import default_look, looks_by
from evalharness.board.profile.family import family
from evalharness.board.profile.model_profile import (
    DefaultLook,
    Family,
    Profile,
    ShownPicture,
)
from evalharness.board.profile.pool import against_others, steering
from evalharness.board.profile.shown_pictures import SHOWN, best_and_worst, telling_metric
from evalharness.board.profile.spaces import (
    FEWEST_MODELS,
    diversity_space,
    nearest_models,
    seed_diversity,
    spaces,
    style_space,
)
from evalharness.board.prompt_scores import PromptScores, prompt_scores
from evalharness.board.selection import Selection, select
from evalharness.board.suite_prompts import (
    SuitePrompt,
    leaving_the_look_open,
    suite_prompts,
)
from evalharness.board.suites import SuiteEntry, find_suite
from evalharness.core.errors import unknown_name

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class _Pool:
    """What every profile of a suite is made from, read once.

    `style_by` and `diverse_by` are empty where no instrument has seen pictures as vectors.
    """

    connection: duckdb.DuckDBPyConnection
    entry: SuiteEntry
    selection: Selection
    columns: tuple[MetricColumn, ...]
    on_outputs: tuple[MetricColumn, ...]
    table: Measured
    scores: Mapping[str, PromptScores]
    prompts: tuple[SuitePrompt, ...]
    tags: Mapping[str, Mapping[str, str]]
    facts: tuple[Facts, ...]
    style_by: str
    diverse_by: str
    in_style: Pictures
    in_diversity: Pictures

    @property
    def models(self) -> list[str]:
        return [variant.model for variant in self.selection.variants]


def profile(connection: duckdb.DuckDBPyConnection, suite: str, model: str) -> Profile:
    """The profile of a model (its fullest variant) in a suite, beside all models there.

    Raises UnknownNameError for a suite or a model that is not there. What the suite does not
    measure is named in `missing`, never an error.
    """
    return profiles(connection, suite, [model])[0]


def profiles(
    connection: duckdb.DuckDBPyConnection, suite: str, models: Sequence[str]
) -> tuple[Profile, ...]:
    """`profile` of several models, for which the suite is read once."""
    entry = find_suite(connection, suite)
    selection = select(connection, entry.digest)
    names = [variant.model for variant in selection.variants]
    for model in models:
        if model not in names:
            raise unknown_name(f"model in the suite {entry.suite}", model, names)
    pool = _read(connection, entry, selection)
    return tuple(_profile(pool, names.index(model)) for model in models)


def _read(connection: duckdb.DuckDBPyConnection, entry: SuiteEntry, selection: Selection) -> _Pool:
    columns = metric_columns(connection, entry, None)
    on_outputs = tuple(column for column in columns if column.level == "output")
    prompts = suite_prompts(connection, selection)
    places = {one.id: place for place, one in enumerate(prompts)}
    found = spaces(connection, selection)
    style = style_space(found, looks_by(columns))
    diverse = diversity_space(found, columns)
    in_style = NO_PICTURES if style is None else pictures(connection, selection, style, places)
    return _Pool(
        connection=connection,
        entry=entry,
        selection=selection,
        columns=columns,
        on_outputs=on_outputs,
        table=measure(connection, selection, columns),
        scores=prompt_scores(connection, selection, [c.metric for c in on_outputs]),
        prompts=prompts,
        tags=tags_of_prompts(connection, entry.digest, list(places)),
        facts=facts(connection, selection),
        style_by="" if style is None else style.instrument,
        diverse_by="" if diverse is None else diverse.instrument,
        in_style=in_style,
        in_diversity=in_style
        if diverse is None or diverse == style
        else pictures(connection, selection, diverse, places),
    )


def _profile(pool: _Pool, place: int) -> Profile:
    variant, table = pool.selection.variants[place], pool.table
    looks = default_look(
        pool.connection, pool.selection, place, pool.prompts, looks_by(pool.columns)
    )
    shown = _pictures(pool, place)
    kin = family(pool.connection, pool.selection, place, pool.on_outputs, pool.scores, table.cells)
    steered = steering(pool.on_outputs, pool.scores, place, pool.prompts)
    hurting_by, hurting = _hurting(pool, place)
    shape = len(pool.models), len(pool.prompts)
    diversity = seed_diversity(pool.in_diversity, shape, place, pool.diverse_by)
    neutral = np.isin(pool.in_style.prompt, leaving_the_look_open(pool.prompts))
    nearest = nearest_models(pool.in_style.kept(neutral), pool.models, shape[1], place)
    told = bool(steered), bool(diversity), bool(nearest), bool(shown[1])
    return Profile(
        suite=pool.entry.suite,
        version=pool.entry.version,
        suite_title=pool.entry.title,
        digest=pool.entry.digest,
        model=variant.model,
        title=variant.title,
        licence=variant.licence,
        licence_class=allowed(variant.licence),
        facts=pool.facts[place],
        planned=table.planned[place],
        statuses=table.statuses[place],
        pool=tuple(pool.models),
        columns=pool.columns,
        cells={c.metric: table.cells[c.metric][place] for c in pool.columns},
        default_look=None if isinstance(looks, str) else looks,
        steered=steered,
        against=against_others(pool.on_outputs, pool.scores, place, pool.tags),
        diversity=diversity,
        pictures_by=shown[0],
        best=shown[1],
        worst=shown[2],
        hurting_by=hurting_by,
        hurting=hurting,
        style_by=pool.style_by,
        nearest=nearest,
        family=kin,
        missing=tuple(_missing(pool, looks, kin, told)),
    )


def _pictures(
    pool: _Pool, place: int
) -> tuple[str, tuple[ShownPicture, ...], tuple[ShownPicture, ...]]:
    """The metric that pictures are shown by, the best and the worst."""
    column = telling_metric(pool.on_outputs)
    if column is None:
        return "", (), ()
    texts = {one.id: one.text for one in pool.prompts}
    best, worst = best_and_worst(
        pool.connection, pool.selection, place, column, pool.scores[column.metric], texts
    )
    return column.metric, best, worst


def _hurting(pool: _Pool, place: int) -> tuple[str, tuple[HurtfulPicture, ...]]:
    """The pictures that hurt the first metric on sets that can tell, and its name."""
    for column in pool.columns:
        if column.level == "set":
            told = hurting_most(pool.connection, pool.selection, column.metric, place, SHOWN)
            if told and not isinstance(told, str):
                return column.metric, told
    return "", ()


def _missing(
    pool: _Pool,
    looks: DefaultLook | str,
    kin: Family | None,
    told: tuple[bool, bool, bool, bool],
) -> Iterator[str]:
    """What could not be told, and why; `told` of steering, diversity, nearness and pictures."""
    if pool.entry.modality != "text":
        yield from _missing_looks(pool, looks, told)
    if len(pool.models) < 2:
        yield "Strengths and weaknesses: no other model answered the suite."
    if kin is None:
        yield "Family: the model has no source of weights."
    elif kin.base is None and not kin.built_on:
        yield "Gain over a base: no other model of the suite has the same source of weights."


def _missing_looks(
    pool: _Pool, looks: DefaultLook | str, told: tuple[bool, bool, bool, bool]
) -> Iterator[str]:
    steered, diverse, near, shown = told
    if isinstance(looks, str):
        yield f"Default look: {looks}."
    if not steered:
        yield "Steerability: no score of a prompt that asks for a look."
    if not pool.style_by:
        yield "Diversity and nearest looks: no instrument has seen pictures as vectors."
    elif not diverse:
        yield "Diversity over seeds: no prompt has two pictures."
    if pool.style_by and not near:
        yield f"Nearest looks: fewer than {FEWEST_MODELS} models have pictures to common prompts."
    if not shown:
        yield "Best and worst pictures: no scored pictures of two prompts."
