import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.core.measures import OutputMetric
from evalharness.core.nouns import Json, Prompt
from evalharness.metrics.detections import Detections, relations
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.geneval import (
    COLOUR,
    CORRECT,
    COUNT,
    NAMED_COUNT,
    OBJECT,
    POSITION,
)
from evalharness.metrics.geneval_demands import demands
from tests.metrics.tables import details, outputs

PUBLISHED = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / "geneval/evaluation_metadata.jsonl"
)
KINDS = {"object": OBJECT, "count": COUNT, "colour": COLOUR, "position": POSITION}


def thing(
    label: str, box: Sequence[float] = (0, 0, 10, 10), confidence: float = 0.95, **more: Json
) -> Json:
    return {"label": label, "confidence": confidence, "box": list(box), **more}


def seen(*objects: Json) -> Json:
    return {"objects": list(objects), "width": 64, "height": 64}


def prompt(*include: Json, exclude: Sequence[Json] = ()) -> Prompt:
    checks: dict[str, Json] = {"include": list(include)}
    if exclude:
        checks["exclude"] = list(exclude)
    return Prompt("p", "a picture", checks={"geneval": checks})


def score(metric: OutputMetric, asked: Prompt, detail: Json) -> float:
    (value,) = metric.measure(outputs([asked], seen={"output": details([detail])}))
    return float(value)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0, 10, 10), (20, 0, 30, 10), {"left of"}),
        ((20, 0, 30, 10), (0, 0, 10, 10), {"right of"}),
        ((1, 0, 11, 10), (0, 0, 10, 10), set()),
        ((0, 0, 10, 10), (1, 0, 11, 10), set()),
        ((0, 0, 10, 10), (10, 10, 20, 20), {"left of", "above"}),
        ((0, 0, 10, 10), (6, 20, 16, 30), {"above"}),
        ((0, 0, 10, 10), (0, 0, 10, 10), set()),
    ],
)
def test_places_of_boxes(one: tuple[int, ...], other: tuple[int, ...], expected: set[str]) -> None:
    assert relations(one, other) == expected


BOX = st.lists(st.integers(0, 60), min_size=4, max_size=4).map(
    lambda c: (min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3]))
)
TURNED = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}


@given(BOX, BOX)
def test_places_turn_round_with_the_boxes(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    assert {TURNED[relation] for relation in relations(one, other)} == relations(other, one)


def test_one_object() -> None:
    asked = prompt({"class": "bench", "count": 1})
    assert score(CORRECT, asked, seen(thing("bench"))) == 1.0
    assert score(CORRECT, asked, seen(thing("bench", confidence=0.3))) == 0.0  # must be above
    assert score(OBJECT, asked, seen(thing("cow"))) == 0.0
    for kind in (COUNT, COLOUR, POSITION):
        assert np.isnan(score(kind, asked, seen(thing("bench"))))
        assert not kind.facts.applies(asked)


def test_numbers_want_sure_detections() -> None:
    asked = prompt({"class": "clock", "count": 2}, exclude=[{"class": "clock", "count": 3}])
    two = [thing("clock"), thing("clock", confidence=0.91)]
    assert score(COUNT, asked, seen(*two)) == 1.0
    assert score(COUNT, asked, seen(*two, thing("clock", confidence=0.89))) == 1.0
    assert score(COUNT, asked, seen(*two, thing("clock"))) == 0.0
    assert score(COUNT, asked, seen(two[0], thing("clock", confidence=0.6))) == 0.0
    assert score(CORRECT, asked, seen(*two, thing("clock"))) == 0.0
    assert score(OBJECT, asked, seen(two[0])) == 1.0


def test_at_most_sixteen_of_a_class_are_looked_at() -> None:
    found = Detections.read(seen(*(thing("ball") for _ in range(40))))
    assert len(found.of("ball")) == 16


def test_colour_is_that_of_the_surest_detection() -> None:
    asked = prompt({"class": "tie", "count": 1, "color": "grey"})
    red, grey = thing("tie", colour="red"), thing("tie", colour="gray", confidence=0.5)
    assert score(COLOUR, asked, seen(grey)) == 1.0
    assert score(COLOUR, asked, seen(grey, red)) == 0.0
    assert score(COLOUR, asked, seen()) == 0.0
    with pytest.raises(UnmeasurableError, match="without colours"):
        score(COLOUR, asked, seen(thing("tie")))


def test_place_is_judged_between_the_objects_asked_for() -> None:
    asked = prompt(
        {"class": "teddy bear", "count": 1},
        {"class": "dog", "count": 1, "position": ["right of", 0]},
    )
    bear = thing("teddy bear", (0, 0, 10, 10))
    right = seen(bear, thing("dog", (30, 0, 40, 10)))
    wrong = seen(thing("teddy bear", (50, 0, 60, 10)), thing("dog", (30, 0, 40, 10)))
    assert [score(m, asked, right) for m in (POSITION, CORRECT)] == [1.0, 1.0]
    assert [score(m, asked, wrong) for m in (POSITION, CORRECT, OBJECT)] == [0.0, 0.0, 1.0]
    assert score(POSITION, asked, seen(bear)) == 0.0


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        ("computer mouse", "mouse"),
        ("motorcycle", "motorbike"),
        ("airplane", "aeroplane"),
        ("couch", "sofa"),
        ("potted plant", "pottedplant"),
        ("dining table", "diningtable"),
        ("tv", "tvmonitor"),
        ("television", "tv"),
        ("cell phone", "cellphone"),
        ("hair drier", "hairdrier"),
        ("hair dryer", "Hair_Drier"),
    ],
)
def test_published_names_are_those_of_detectors(asked: str, label: str) -> None:
    for one, other in ((asked, label), (label, asked)):
        wanted = prompt({"class": one, "count": 1})
        told = {**seen(thing(other)), "classes": [other]}  # type: ignore[dict-item]
        assert score(OBJECT, wanted, told) == 1.0
        assert score(OBJECT, wanted, seen(thing("potted"))) == 0.0


def test_what_a_detector_cannot_find_is_not_missing() -> None:
    knows_dogs: dict[str, Json] = {"objects": [], "classes": ["dog", "cat"]}
    assert score(OBJECT, prompt({"class": "dog", "count": 1}), knows_dogs) == 0.0
    unicorn = {"class": "unicorn", "count": 1}
    for asked in (prompt(unicorn), prompt({"class": "dog", "count": 1}, exclude=[unicorn])):
        for metric in (OBJECT, CORRECT):
            with pytest.raises(UnmeasurableError, match="does not know the class 'unicorn'"):
                score(metric, asked, knows_dogs)
    assert score(OBJECT, prompt(unicorn), {"objects": []}) == 0.0  # who does not say knows all


def test_no_colour_is_judged_where_a_detector_names_none() -> None:
    asked = prompt({"class": "dog", "count": 1, "color": "teal"})
    for blind in ({"objects": [], "colours": False}, {"objects": [], "colours": []}):
        for metric in (COLOUR, CORRECT):
            with pytest.raises(UnmeasurableError, match="without colours"):
                score(metric, asked, blind)  # type: ignore[arg-type]
    with pytest.raises(UnmeasurableError, match="without colours"):
        score(COLOUR, asked, seen(thing("cat")))  # the dog is missing, but its colour is unknown
    with pytest.raises(UnmeasurableError, match="does not know the colour 'teal'"):
        score(COLOUR, asked, {"objects": [], "colours": ["red", "grey"]})
    grey = prompt({"class": "dog", "count": 1, "color": "gray"})
    assert score(COLOUR, grey, {"objects": [], "colours": ["red", "grey"]}) == 0.0
    assert score(OBJECT, grey, {"objects": [], "colours": False}) == 0.0


def test_what_is_sure_enough_to_count_is_the_instruments() -> None:
    asked = prompt({"class": "clock", "count": 2}, exclude=[{"class": "clock", "count": 3}])
    found = seen(thing("clock", confidence=0.62), thing("clock", confidence=0.7))
    assert score(COUNT, asked, found) == 0.0
    assert score(COUNT, asked, {**found, "counting": 0.6}) == 1.0  # type: ignore[dict-item]
    assert score(COUNT, asked, {**found, "counting": 0.65}) == 0.0  # type: ignore[dict-item]
    # no number is limited here, so the ordinary confidence serves
    two = prompt({"class": "clock", "count": 2})
    assert score(COUNT, two, {**found, "counting": 0.65}) == 1.0  # type: ignore[dict-item]


def test_detectors_that_are_told_what_to_look_for_need_not_be_as_sure() -> None:
    asked = prompt(
        {"class": "clock", "count": 2},
        {"class": "wine glass", "count": 1},
        exclude=[{"class": "clock", "count": 3}],
    )
    assert NAMED_COUNT.facts.asks(asked) == ("clock. wine glass",)
    assert NAMED_COUNT.facts.needs == {"pair"}
    clocks = [thing("clock", confidence=0.4)] * 2
    detail = seen(*clocks, thing("wine glass", confidence=0.35), thing("clock", confidence=0.2))
    table = outputs([asked], seen={"pair": details([detail])})
    assert NAMED_COUNT.measure(table).tolist() == [1.0]
    assert score(COUNT, asked, detail) == 0.0


def test_one_thing_can_be_asked_for_in_short() -> None:
    short = Prompt("red-ball", "a red ball", checks={"object": "ball", "colour": "red"})
    full = prompt({"class": "ball", "count": 1, "color": "red"})
    assert demands(short) == demands(full)
    assert not CORRECT.facts.applies(Prompt("sign", "a sign", checks={"colour": "red"}))


@pytest.mark.parametrize(
    "checks",
    [
        {"geneval": []},
        {"geneval": {"include": []}},
        {"geneval": {"include": ["dog"]}},
        {"geneval": {"include": [{"class": "dog", "count": 0}]}},
        {"geneval": {"include": [{"class": "dog", "count": 1, "position": ["near", 0]}]}},
        {"geneval": {"include": [{"class": "dog", "count": 1, "position": ["above", 4]}]}},
        {"object": 3},
    ],
)
def test_wrong_checks_name_the_prompt(checks: dict[str, Json]) -> None:
    with pytest.raises(UnmeasurableError, match="'p'"):
        demands(Prompt("p", "a dog", checks=checks))


@pytest.mark.parametrize(
    "detail",
    [
        None,
        {"objects": 3},
        {"objects": [{"label": "dog"}]},
        {"objects": [], "counting": "high"},
        seen(thing("dog", (0, 0, 1))),
        seen(thing("dog", confidence=float("nan"))),
    ],
)
def test_wrong_details_are_refused(detail: Json) -> None:
    with pytest.raises(UnmeasurableError):
        score(OBJECT, prompt({"class": "dog", "count": 1}), detail)


AT = {"left of": (200, 500), "right of": (800, 500), "above": (500, 200), "below": (500, 800)}


def drawn(demand: dict[str, Json]) -> list[Json]:
    """As many objects as a demand asks for, where and how it asks for them."""
    position = demand.get("position")
    x, y = AT[str(position[0])] if isinstance(position, list) else (500, 500)
    more = {"colour": demand["color"]} if "color" in demand else {}
    name, count = str(demand["class"]), int(str(demand["count"]))
    return [thing(name, (x, y, x + 50, y + 50), **more) for _ in range(count)]


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published prompts are not here")
def test_published_prompts_drawn_as_asked_are_right_and_with_an_object_less_are_not() -> None:
    for line in PUBLISHED.read_text("utf-8").splitlines():
        row = json.loads(line)
        asked = Prompt("p", row["prompt"], checks={"geneval": row})
        objects = [one for demand in row["include"] for one in drawn(demand)]
        assert score(CORRECT, asked, seen(*objects)) == 1.0, row
        assert score(CORRECT, asked, seen(*objects[:-1])) == 0.0, row
        for name, metric in KINDS.items():
            value = score(metric, asked, seen(*objects))
            assert value == 1.0 if metric.facts.applies(asked) else np.isnan(value), name
