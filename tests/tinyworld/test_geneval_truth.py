"""GenEval's rules over tinyworld's own detector, on painters whose mistakes are programmed."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from evalharness.catalog import registry
from evalharness.catalog.instruments import load_instrument
from evalharness.core.contracts import Extractor
from evalharness.core.measures import OutputMetric
from evalharness.core.nouns import Job, Model, Prompt, Resolution
from evalharness.core.outcomes import Picture
from evalharness.metrics.geneval import COLOUR, CORRECT, COUNT, OBJECT, POSITION
from evalharness.tinyworld.captions import NUMBERS, plural
from evalharness.tinyworld.painter import Painter
from evalharness.tinyworld.scene import COLOURS, OBJECTS, RELATIONS
from tests.metrics.tables import details, outputs

SEEDS = range(4)


def asked() -> Iterator[Prompt]:
    """Colours, counts and relations, forty prompts each."""
    for i in range(40):
        thing, other = OBJECTS[i % 8], OBJECTS[(i + 3) % 8]
        colour, count, relation = [*COLOURS][(i // 8 + i) % 8], 2 + i % 3, RELATIONS[i % 4]
        one = {"class": thing, "count": 1}
        said: list[tuple[str, dict[str, Any]]] = [
            (f"a {colour} {thing}", {"include": [one | {"color": colour}]}),
            (
                f"{NUMBERS[count]} {plural(thing)}",
                {
                    "include": [{"class": thing, "count": count}],
                    "exclude": [{"class": thing, "count": count + 1}],
                },
            ),
            (
                f"a {thing} {relation} a {other}",
                {"include": [{"class": other, "count": 1}, one | {"position": [relation, 0]}]},
            ),
        ]
        yield from (Prompt(f"{i}: {text}", text, checks={"geneval": c}) for text, c in said)


@pytest.fixture(scope="module")
def detector() -> Iterator[Extractor]:
    instrument = load_instrument("tiny-objects")
    entry = registry.extractor(instrument.extractor)
    with registry.load(entry.implementation)(instrument, entry.resolve(instrument)) as opened:
        yield opened


def shares(detector: Extractor, **mistakes: float) -> dict[OutputMetric, float]:
    """The mean of every metric for a painter with these mistakes."""
    painter = Painter(Model("p", "painter", "", options=mistakes), Resolution("x"))
    prompts = [prompt for prompt in asked() for _ in SEEDS]
    jobs = [Job(p.id, "p", p, p.text, None, i % len(SEEDS), {}) for i, p in enumerate(prompts)]
    media = [answer.media[0] for answer in painter.generate(jobs)]
    seen = detector.extract([picture for picture in media if isinstance(picture, Picture)])
    table = outputs(prompts, seen={"output": details([value.detail for value in seen])})
    kinds = (OBJECT, COUNT, COLOUR, POSITION, CORRECT)
    return {metric: float(np.nanmean(metric.measure(table))) for metric in kinds}


def test_a_painter_without_mistakes_is_right(detector: Extractor) -> None:
    assert min(shares(detector).values()) > 0.93


@pytest.mark.parametrize(
    ("mistake", "seen_by"),
    [("colour_error", COLOUR), ("count_error", COUNT), ("relation_error", POSITION)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_kind_of_mistake_is_seen_at_its_rate_and_by_its_metric_alone(
    detector: Extractor, mistake: str, seen_by: OutputMetric
) -> None:
    found = shares(detector, **{mistake: 0.3})
    assert found[seen_by] == pytest.approx(0.7, abs=0.11)
    others = {OBJECT, COUNT, COLOUR, POSITION} - {seen_by}
    assert min(found[metric] for metric in others) > 0.9
    assert found[CORRECT] == pytest.approx(0.9, abs=0.06)  # a third of the prompts is concerned
