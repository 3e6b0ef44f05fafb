"""Does a picture show the objects, numbers, colours and places its prompt asks for: `geneval.*`.

GenEval's rules (Ghosh et al. 2023) over any detector's objects. What a prompt asks stands in
`checks.geneval`, as GenEval publishes it; `checks.object` with `checks.colour` says the same of one
thing. `geneval.correct` is GenEval's own score, the others say which part of it went wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric
from evalharness.core.nouns import Json, Prompt
from evalharness.core.tables import OutputTable, Subject
from evalharness.metrics.detections import DetectedObject, Detections, relations, same_name
from evalharness.metrics.geneval_demands import (
    CONFIDENCE,
    COUNTING_CONFIDENCE,
    Demand,
    Demands,
    demands,
)

Judge: TypeAlias = Callable[[Demands, Detections], "bool | None"]
"""Right, wrong, or None where the prompt asks nothing of the kind."""

_RULES = (
    "detections above confidence 0.3 (where the prompt limits a number, above the instrument's "
    "option counting, else 0.9), at most the 16 surest of a class; "
)
_SOURCE = "Ghosh et al. 2023 (arXiv:2310.11513), github.com/djghosh13/geneval"
_LIMITS = (
    "Detectors miss small, stylised and overlapping objects, so drawings score lower than "
    "photographs of the same content; pictures whose prompt asks for a class that the detector "
    "does not know get no score. GenEval's 0.9 for numbers is that of its Mask2Former; other "
    "detectors' confidences mean something else, and the values of counting in instruments.yaml "
    "are their authors' working points, not calibrated for counting."
)


def _enough(demand: Demand, found: Detections) -> tuple[DetectedObject, ...] | None:
    """The surest detections of what is asked, as many as asked; None if there are fewer."""
    chosen = found.of(demand.name)[: demand.count]
    return chosen if len(chosen) == demand.count else None


def all_present(asked: Demands, found: Detections) -> bool | None:
    """Every class that is asked for is seen at least once."""
    return all(found.of(demand.name) for demand in asked.include)


def right_counts(asked: Demands, found: Detections) -> bool | None:
    """Of every class as many as asked, and not as many as excluded."""
    if not asked.counts:
        return None
    enough = all(_enough(demand, found) is not None for demand in asked.include)
    return enough and not any(len(found.of(d.name)) >= d.count for d in asked.exclude)


def right_colours(asked: Demands, found: Detections) -> bool | None:
    """The surest detections of every class with a colour have that colour."""
    coloured = [demand for demand in asked.include if demand.colour is not None]
    if not coloured:
        return None
    # before the verdict: a missing object would else be wrong where one that is there is unknown
    found.refuse_unknown_colours(demand.colour or "" for demand in coloured)
    return all(_has_colour(demand, found) for demand in coloured)


def _has_colour(demand: Demand, found: Detections) -> bool:
    chosen = _enough(demand, found)
    return chosen is not None and all(
        same_name(thing.known_colour(), demand.colour or "") for thing in chosen
    )


def right_positions(asked: Demands, found: Detections) -> bool | None:
    """Every object is where it is asked to be of every object it is placed by."""
    placed = [demand for demand in asked.include if demand.position is not None]
    if not placed:
        return None
    return all(_is_placed(demand, asked, found) for demand in placed)


def _is_placed(demand: Demand, asked: Demands, found: Detections) -> bool:
    assert demand.position is not None
    relation, other = demand.position
    these, those = _enough(demand, found), _enough(asked.include[other], found)
    if these is None or those is None:
        return False
    return all(relation in relations(a.box, b.box) for a in these for b in those)


def all_right(asked: Demands, found: Detections) -> bool | None:
    """GenEval's score of a picture: objects, numbers, colours and places, all of them."""
    enough = all(_enough(demand, found) is not None for demand in asked.include)
    spare = not any(len(found.of(d.name)) >= d.count for d in asked.exclude)
    others = (right_colours(asked, found), right_positions(asked, found))
    return enough and spare and all(other is not False for other in others)


def _measured(
    judge: Judge, subject: Subject = "output", sure: float = COUNTING_CONFIDENCE
) -> Callable[[OutputTable], NDArray[np.float64]]:
    def measure(table: OutputTable) -> NDArray[np.float64]:
        values = np.full(len(table), np.nan)
        details = table.seen[subject].each_detail()
        read: dict[int, Demands | None] = {}  # once a prompt, not once an output
        for i, (prompt, detail) in enumerate(zip(table.prompts, details, strict=True)):
            if id(prompt) not in read:
                read[id(prompt)] = demands(prompt)
            asked = read[id(prompt)]
            if asked is not None:
                verdict = judge(asked, _found(asked, detail, sure))
                values[i] = np.nan if verdict is None else float(verdict)
        return values

    return measure


def _found(asked: Demands, detail: Json, sure: float) -> Detections:
    """The detections that count; raises UnmeasurableError for classes that cannot be found.

    Where the prompt limits a number, the instrument says what is sure enough, and else `sure`.
    """
    found = Detections.read(detail)
    found.refuse_unknown_classes(asked.names())
    if not asked.exclude:
        return found.surer_than(CONFIDENCE)
    return found.surer_than(sure if found.counting is None else found.counting)


def _asks(kind: Callable[[Demands], bool]) -> Callable[[Prompt], bool]:
    def applies(prompt: Prompt) -> bool:
        asked = demands(prompt)
        return asked is not None and kind(asked)

    return applies


def _metric(
    name: str,
    title: str,
    judge: Judge,
    kind: Callable[[Demands], bool],
    *,
    measures: str,
    recipe: str,
    limits: str = "",
) -> OutputMetric:
    return OutputMetric(
        facts=MetricFacts(
            name=f"geneval.{name}",
            version=2,
            title=f"GenEval: {title}",
            unit="share",
            direction="higher",
            needs=frozenset({"output"}),
            applies_to=frozenset({"picture"}),
            reads="objects",
            applies=_asks(kind),
            about=About(
                measures=measures,
                range="0 or 1",
                recipe=_RULES + recipe,
                source=_SOURCE,
                limits=f"{limits} {_LIMITS}".strip(),
            ),
        ),
        measure=_measured(judge),
    )


CORRECT = _metric(
    "correct",
    "all correct",
    all_right,
    lambda asked: True,
    measures="Whether a picture shows everything its prompt asks of objects, their number, colour "
    "and place.",
    recipe="1 where the rules for objects, number, colour and place all hold. GenEval's headline, "
    "the mean of its tasks' means, is geneval_overall",
    limits="One miss is as bad as many.",
)
OBJECT = _metric(
    "object",
    "objects there",
    all_present,
    lambda asked: True,
    measures="Whether every kind of object that is asked for can be seen.",
    recipe="1 where every class asked for is detected at least once",
)
COUNT = _metric(
    "count",
    "number",
    right_counts,
    lambda asked: asked.counts,
    measures="Whether the number of objects is the one asked for, where the prompt asks for one.",
    recipe="1 where each class is detected as often as asked and less often than excluded",
    limits="Two objects drawn as one blob count as one.",
)
COLOUR = _metric(
    "colour",
    "colour",
    right_colours,
    lambda asked: any(demand.colour for demand in asked.include),
    measures="Whether objects have the colours asked for, where the prompt asks for some.",
    recipe="1 where the surest detections of each class with a colour, as many as asked, have it "
    "in the detector's eyes; 0 also where they are missing",
    limits="Colours are those of an object's box with what is behind it, where GenEval looks at "
    "the object's mask alone; they come from the instrument, which errs on shadows and mixtures. A "
    "detector that names no colours gives no score.",
)
POSITION = _metric(
    "position",
    "place",
    right_positions,
    lambda asked: any(demand.position for demand in asked.include),
    measures="Whether objects stand left of, right of, above or below each other as asked.",
    recipe="the offset of the boxes' centres, less 0.1 of the boxes' summed sides, over its whole "
    "length: more than 0.5 of it has to point the way asked for; 0 also where an object is missing",
    limits="Places are those of boxes in the picture's plane, never depth.",
)


def labels(prompt: Prompt) -> tuple[str, ...]:
    """The classes that a prompt asks for, for a detector that is told them: `dog. teddy bear`."""
    asked = demands(prompt)
    return () if asked is None else (". ".join(asked.names()),)


def _named(metric: OutputMetric, judge: Judge) -> OutputMetric:
    facts = metric.facts
    recipe = facts.about.recipe.replace(_RULES, "")
    about = replace(
        facts.about,
        recipe="the detector is told the classes asked for; detections above confidence 0.3 "
        "(where the prompt limits a number, above the instrument's option counting, else 0.3), at "
        f"most the 16 surest of a class; {recipe}",
        limits="A detector that is told what to look for finds it too easily, and its confidences "
        f"mean less: not comparable with geneval. {facts.about.limits}",
    )
    return OutputMetric(
        facts=replace(
            facts,
            name=facts.name.replace("geneval.", "geneval_named."),
            title=f"{facts.title} (named)",
            needs=frozenset({"pair"}),
            asks=labels,
            about=about,
        ),
        measure=_measured(judge, "pair", CONFIDENCE),
    )


NAMED_CORRECT = _named(CORRECT, all_right)
NAMED_OBJECT = _named(OBJECT, all_present)
NAMED_COUNT = _named(COUNT, right_counts)
NAMED_COLOUR = _named(COLOUR, right_colours)
NAMED_POSITION = _named(POSITION, right_positions)
"""The same over open-vocabulary detectors, which are seldom as sure as 0.9."""
