"""`profile`: everything that a suite says about one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.choose.licences import allowed
from evalharness.board.choose.limits import facts
from evalharness.board.choose.pictures import Pictures, pictures
from evalharness.board.choose.prompts import (
    SuitePrompt,
    leaving_the_look_open,
    suite_prompts,
)
from evalharness.board.columns import MetricColumn, metric_columns
from evalharness.board.gallery import tags_of_prompts
from evalharness.board.measured import Measured, measure
from evalharness.board.profile.default_look import default_look, looks_by
from evalharness.board.profile.family import family
from evalharness.board.profile.model_profile import (
    DefaultLook,
    Family,
    NearModel,
    Profile,
    SeedDiversity,
    ShownPicture,
)
from evalharness.board.profile.pool import against_others, steering
from evalharness.board.profile.shown_pictures import best_and_worst, telling_metric
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
from evalharness.board.suites import SuiteEntry, find_suite
from evalharness.core.errors import unknown_name

if TYPE_CHECKING:
    import duckdb

    from evalharness.core.brief import Space


@dataclass(frozen=True, slots=True)
class _Read:
    """What every part of a profile is made from; `place` is the model's in the selection."""

    connection: duckdb.DuckDBPyConnection
    entry: SuiteEntry
    selection: Selection
    place: int
    columns: tuple[MetricColumn, ...]
    on_outputs: tuple[MetricColumn, ...]
    table: Measured
    scores: Mapping[str, PromptScores]
    prompts: tuple[SuitePrompt, ...]

    def seen_in(self, space: Space) -> Pictures:
        places = {one.id: p for p, one in enumerate(self.prompts)}
        return pictures(self.connection, self.selection, space, places)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What pictures say."""

    diversity: SeedDiversity | None = None
    style_by: str = ""
    nearest: tuple[NearModel, ...] = ()


def profile(connection: duckdb.DuckDBPyConnection, suite: str, model: str) -> Profile:
    """The profile of a model (its fullest variant) in a suite, beside all models there.

    Raises UnknownNameError for a suite or a model that is not there. What the suite does not
    measure is named in `missing`, never an error.
    """
    read = _read(connection, suite, model)
    variant = read.selection.variants[read.place]
    looks = default_look(
        connection, read.selection, read.place, read.prompts, looks_by(read.columns)
    )
    pictures_by, best, worst = _pictures(read)
    seen = _seen(read)
    kin = family(
        connection, read.selection, read.place, read.on_outputs, read.scores, read.table.cells
    )
    tags = tags_of_prompts(connection, read.entry.digest, [one.id for one in read.prompts])
    steered = steering(read.on_outputs, read.scores, read.place, read.prompts)
    return Profile(
        suite=read.entry.suite,
        version=read.entry.version,
        suite_title=read.entry.title,
        digest=read.entry.digest,
        model=model,
        title=variant.title,
        licence=variant.licence,
        licence_class=allowed(variant.licence),
        facts=facts(connection, read.selection)[read.place],
        planned=read.table.planned[read.place],
        statuses=read.table.statuses[read.place],
        pool=tuple(one.model for one in read.selection.variants),
        columns=read.columns,
        cells={c.metric: read.table.cells[c.metric][read.place] for c in read.columns},
        default_look=None if isinstance(looks, str) else looks,
        steered=steered,
        against=against_others(read.on_outputs, read.scores, read.place, tags),
        diversity=seen.diversity,
        pictures_by=pictures_by,
        best=best,
        worst=worst,
        style_by=seen.style_by,
        nearest=seen.nearest,
        family=kin,
        missing=tuple(_missing(read, looks, bool(steered), seen, kin, bool(best))),
    )


def _read(connection: duckdb.DuckDBPyConnection, suite: str, model: str) -> _Read:
    entry = find_suite(connection, suite)
    selection = select(connection, entry.digest)
    names = [variant.model for variant in selection.variants]
    if model not in names:
        raise unknown_name(f"model in the suite {entry.suite}", model, names)
    columns = metric_columns(connection, entry, None)
    on_outputs = tuple(column for column in columns if column.level == "output")
    return _Read(
        connection=connection,
        entry=entry,
        selection=selection,
        place=names.index(model),
        columns=columns,
        on_outputs=on_outputs,
        table=measure(connection, selection, columns),
        scores=prompt_scores(connection, selection, [c.metric for c in on_outputs]),
        prompts=suite_prompts(connection, selection),
    )


def _pictures(
    read: _Read,
) -> tuple[str, tuple[ShownPicture, ...], tuple[ShownPicture, ...]]:
    column = telling_metric(read.on_outputs)
    if column is None:
        return "", (), ()
    texts = {one.id: one.text for one in read.prompts}
    best, worst = best_and_worst(
        read.connection, read.selection, read.place, column, read.scores[column.metric], texts
    )
    return column.metric, best, worst


def _seen(read: _Read) -> _Seen:
    found = spaces(read.connection, read.selection)
    diverse, style = (
        diversity_space(found, read.columns),
        style_space(found, looks_by(read.columns)),
    )
    if diverse is None or style is None:
        return _Seen()
    models = [variant.model for variant in read.selection.variants]
    shape = (len(models), len(read.prompts))
    in_style = read.seen_in(style)
    in_diversity = in_style if diverse == style else read.seen_in(diverse)
    neutral = in_style.kept(np.isin(in_style.prompt, leaving_the_look_open(read.prompts)))
    return _Seen(
        diversity=seed_diversity(in_diversity, shape, read.place, diverse.instrument),
        style_by=style.instrument,
        nearest=nearest_models(neutral, models, shape[1], read.place),
    )


def _missing(
    read: _Read,
    looks: DefaultLook | str,
    steered: bool,
    seen: _Seen,
    kin: Family | None,
    pictures: bool,
) -> Iterator[str]:
    if isinstance(looks, str):
        yield f"Default look: {looks}."
    if not steered:
        yield "Steerability: no score of a prompt that asks for a look."
    if not seen.style_by:
        yield "Diversity and nearest looks: no instrument has seen pictures as vectors."
    elif seen.diversity is None:
        yield "Diversity over seeds: no prompt has two pictures."
    if seen.style_by and not seen.nearest:
        yield f"Nearest looks: fewer than {FEWEST_MODELS} models have pictures to common prompts."
    if len(read.selection.variants) < 2:
        yield "Strengths and weaknesses: no other model answered the suite."
    if not pictures:
        yield "Best and worst pictures: no scored pictures of two prompts."
    if kin is None:
        yield "Family: the model has no source of weights."
    elif kin.base is None and not kin.built_on:
        yield "Gain over a base: no other model of the suite has the same source of weights."
