"""A suite as a brief sees it: fits to references and words beside the suite's own scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.choose.agreement import Agreement, agreement
from evalharness.board.choose.components import (
    NO_SPREAD,
    Component,
    measured_components,
    standardised,
)
from evalharness.board.choose.fit import Looks, chance, likeness, nearness, word_fit
from evalharness.board.columns import MEASURED_BY, metric_columns
from evalharness.board.founders import founding
from evalharness.board.pictures import NO_PICTURES, Pictures, pictures
from evalharness.board.style_space import StyleSpace
from evalharness.board.suite_prompts import SuitePrompt, leaving_the_look_open, suite_prompts
from evalharness.core.errors import BadInputError

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.selection import Selection
    from evalharness.board.suites import SuiteEntry
    from evalharness.core.brief import ReferenceFeatures, Space

Floats = NDArray[np.float64]

FEWEST_MODELS = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """The components of a suite's models, and what reasons are taken from.

    `prompts` are (id, text) by place; `copies` references that were given more than once;
    `for_reasons` the pictures with their fits (n, R) and the names of what they were compared with;
    `agreement` is None where nothing can be said of it.
    """

    components: dict[str, Component]
    prompts: tuple[tuple[str, str], ...]
    references: int
    copies: int
    agreement: Agreement | None
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
    columns = {one.id: place for place, one in enumerate(asked)}
    shape = (len(selection.variants), len(asked))
    first = founding(connection, selection)
    made: list[Component | None] = []
    reasons: tuple[Pictures, Floats, Sequence[str]] | None = None
    agreeing = None

    def look(space: Space) -> Pictures:
        found = open_pictures(connection, selection, space, asked)
        if not len(found):
            raise BadInputError(
                f"{space.instrument} has seen no picture of {entry.suite}. A choice needs "
                "pictures; finish the run first."
            )
        return found

    if features.texts is not None and features.words is not None and features.neutral is not None:
        found = look(features.texts)
        fits = word_fit(found.vectors, features.words, features.neutral)
        values = found.means(fits, shape)
        made.append(standardised("words", features.texts.instrument, values, first))
        reasons = found, fits[:, None], ("the words",)
    if features.style is not None and features.references is not None:
        found = look(features.style)
        style, agreeing, fits = _style(
            found, shape, first, features.style.instrument, features.references
        )
        made.append(style)
        reasons = found, fits, features.names
    made += measured_components(
        connection, selection, metric_columns(connection, entry, None), columns, first
    )
    components = {one.name: one for one in made if one is not None}
    return Seen(
        components=components,
        prompts=tuple((one.id, one.text) for one in asked),
        references=0 if features.references is None else len(features.references),
        copies=features.copies,
        agreement=agreeing,
        for_reasons=reasons or (NO_PICTURES, np.zeros((0, 1)), ()),
        not_measured=tuple(name for name in MEASURED_BY if name not in components),
    )


def open_pictures(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    space: Space,
    asked: Sequence[SuitePrompt],
) -> Pictures:
    """The pictures seen in a space that answer prompts which leave the look open; `asked` are all
    of the suite's.
    """
    found = pictures(connection, selection, space, {one.id: i for i, one in enumerate(asked)})
    return found.kept(np.isin(found.prompt, leaving_the_look_open(asked)))


def _style(
    found: Pictures,
    shape: tuple[int, int],
    founders: NDArray[np.bool_],
    instrument: str,
    references: NDArray[np.float32],
) -> tuple[Component | None, Agreement | None, Floats]:
    """How near models are to references (R, d), whether those agree, and how like every picture
    is to each (n, R).

    Models without two prompts in common with others have no look: NaN, or no component at all.
    """
    space = style_space(found, founders)
    places, wanted = space.place(found.vectors), space.place(references)
    cells = found.means(places, shape)
    looks = Looks.of(cells)
    likenesses = likeness(places, wanted)
    unit = Looks.of(cells[founders]).apart or looks.apart
    if not unit > NO_SPREAD:
        return None, None, likenesses
    scatter = places - found.model_means(places, shape[0])[found.variant]
    parts = nearness(looks, wanted) - chance(looks, scatter)
    style = Component("style", instrument, parts.mean(axis=2), parts, unit)
    return style, agreement(looks, scatter, wanted), likenesses


def style_space(found: Pictures, founders: NDArray[np.bool_]) -> StyleSpace:
    """The space of the founders' pictures; `founders` (V,); of all where they have too few."""
    first = founders[found.variant]
    if len(np.unique(found.variant[first])) < FEWEST_MODELS:
        first = np.ones(len(found), np.bool_)
    return StyleSpace.of(found.vectors[first])
