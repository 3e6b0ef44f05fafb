"""A suite as a brief sees it: fits to references and words beside the suite's own scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.choose.components import (
    MEASURED_BY,
    Component,
    measured_components,
    standardised,
)
from evalharness.board.choose.fit import StyleSpace, word_fit
from evalharness.board.choose.pictures import NO_PICTURES, Pictures, pictures
from evalharness.board.choose.prompts import leaving_the_look_open, suite_prompts
from evalharness.board.columns import metric_columns
from evalharness.core.errors import BadInputError

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.selection import Selection
    from evalharness.board.suites import SuiteEntry
    from evalharness.core.brief import ReferenceFeatures, Space

Floats = NDArray[np.float64]
FEWEST_TO_DISAGREE = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """The components of a suite's models, and what reasons are taken from.

    `prompts` are (id, text) by place; `for_reasons` the pictures with their fits (n, R) and the
    names of what they were compared with; `disagreement` see `disagreement`.
    """

    components: dict[str, Component]
    prompts: tuple[tuple[str, str], ...]
    references: int
    disagreement: tuple[float, float] | None
    for_reasons: tuple[Pictures, Floats, Sequence[str]]
    not_measured: tuple[str, ...]

    @property
    def prompts_compared(self) -> int:
        """Prompts on which at least two models can be compared by what fits the brief."""
        fitting = [self.components[n] for n in ("style", "words") if n in self.components]
        some = fitting or list(self.components.values())
        return int(np.isfinite(some[0].values).any(axis=0).sum()) if some else 0


def see(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    selection: Selection,
    features: ReferenceFeatures,
) -> Seen:
    """Compare the suite's pictures with the brief; raises BadInputError where none was seen.

    Style and words are read off answers to prompts that leave the look open, where the suite has
    any: a prompt that asks for a look gets it from every model that can be steered.
    """
    asked = suite_prompts(connection, selection)
    places = {one.id: place for place, one in enumerate(asked)}
    shape = (len(selection.variants), len(asked))
    open_prompts = leaving_the_look_open(asked)
    components: dict[str, Component] = {}
    reasons: tuple[Pictures, Floats, Sequence[str]] | None = None
    disagreeing = None

    def look(space: Space) -> Pictures:
        found = pictures(connection, selection, space, places)
        found = found.kept(np.isin(found.prompt, open_prompts))
        if not len(found):
            raise BadInputError(
                f"{space.instrument} has seen no picture of {entry.suite}. A choice needs "
                "pictures; finish the run first."
            )
        return found

    if features.texts is not None and features.words is not None and features.neutral is not None:
        found = look(features.texts)
        fits = word_fit(found.vectors, features.words, features.neutral)
        made = standardised("words", features.texts.instrument, found.means(fits, shape))
        components |= {} if made is None else {"words": made}
        reasons = found, fits[:, None], ("the words",)
    if features.style is not None and features.references is not None:
        found = look(features.style)
        space = StyleSpace.of(found.vectors)
        fits = space.fit(space.place(features.references))
        made = standardised("style", features.style.instrument, found.means(fits, shape))
        if made is not None:
            components["style"] = made
            disagreeing = disagreement(made)
        reasons = found, fits, features.names
    columns = metric_columns(connection, entry, None)
    components |= measured_components(connection, selection, columns, places)
    return Seen(
        components=components,
        prompts=tuple((one.id, one.text) for one in asked),
        references=0 if features.references is None else len(features.references),
        disagreement=disagreeing,
        for_reasons=reasons or (NO_PICTURES, np.zeros((0, 1)), ()),
        not_measured=tuple(name for name in MEASURED_BY if name not in components),
    )


def disagreement(style: Component) -> tuple[float, float] | None:
    """How much the references disagree, and how much the models differ; None below 5 references.

    Of T (V, R), the models' mean fit to each reference with the references' own means taken away:
    the standard error of a model's mean over references, √(Σ (T − T̄_v)² / (R − 1)(V − 1)R), and
    the standard deviation of the models' means that is left without it. Where the first is not the
    smaller one, other references of the same kind would have chosen another model (F < 2 in a
    two-way analysis of variance).
    """
    parts = style.parts
    if parts is None or parts.shape[2] < FEWEST_TO_DISAGREE:
        return None
    has = np.asarray(np.isfinite(parts).all(axis=2))
    able = np.asarray(has.any(axis=1))
    sums = np.where(has[..., None], parts, 0.0).sum(axis=1)[able]
    fits = sums / has.sum(axis=1)[able, None]
    models, references = fits.shape
    if models < 2:
        return None
    fits = fits - fits.mean(axis=0)
    means = fits.mean(axis=1)
    among = ((fits - means[:, None]) ** 2).sum() / ((references - 1) * (models - 1) * references)
    between = (means**2).sum() / (models - 1) - among
    return float(np.sqrt(among)), float(np.sqrt(max(between, 0.0)))
