"""tiny-objects finds what the renderer puts into a picture, and where."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evalharness.catalog import registry
from evalharness.catalog.instruments import load_instrument
from evalharness.core.errors import BadInputError, MissingWeightsError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import Picture, Text
from evalharness.metrics.detections import relations
from evalharness.tinyworld.object_detector import Detection, ObjectDetector
from evalharness.tinyworld.renderer import Shown, render, render_shown
from evalharness.tinyworld.scene import COLOURS, OBJECTS, Scene, Thing, random_any
from evalharness.tinyworld.weights import weights_folder

HELD_OUT = 90_002  # a seed that no training used


@dataclass(frozen=True)
class Example:
    """A render, what it shows, and what was found in it."""

    scene: Scene
    shown: tuple[Shown, ...]
    found: list[Detection]

    def surer(self, confidence: float) -> list[Detection]:
        return [thing for thing in self.found if thing.confidence > confidence]


@pytest.fixture(scope="module")
def detector() -> Iterator[ObjectDetector]:
    instrument = load_instrument("tiny-objects")
    resolution = registry.extractor(instrument.extractor).resolve(instrument)
    with ObjectDetector(instrument, resolution) as opened:
        yield opened


def look(detector: ObjectDetector, n: int, strength: float = 1.0) -> list[Example]:
    """`n` held-out scenes of every kind, and what is found in their pictures."""
    scenes, pictures, shown = [], [], []
    for index in range(n):
        rng = np.random.default_rng([HELD_OUT, index])
        scenes.append(random_any(rng))
        picture, things = render_shown(scenes[-1], rng, strength)
        pictures.append(picture)
        shown.append(things)
    found = detector.detect(pictures)
    return [Example(*parts) for parts in zip(scenes, shown, found, strict=True)]


@pytest.fixture(scope="module")
def examples(detector: ObjectDetector) -> list[Example]:
    return look(detector, 512)


def right_objects(example: Example, confidence: float) -> bool:
    """The same objects, each as often: so the count is right too."""
    wanted = Counter(str(one.thing.object) for one in example.shown)
    return Counter(one.label for one in example.surer(confidence)) == wanted


def right_colours(example: Example) -> bool:
    wanted = Counter((str(one.thing.object), str(one.thing.colour)) for one in example.shown)
    return Counter((one.label, one.colour) for one in example.surer(0.3)) == wanted


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes."""
    wide = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    high = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return wide * high / (areas - wide * high)


def nearest(example: Example, shown: Shown) -> Detection:
    return max(example.found, key=lambda one: overlap(one.box, shown.box))


def right_relation(example: Example) -> bool:
    if not example.found:
        return False
    here, there = (nearest(example, one) for one in example.shown)
    return example.scene.relation in relations(here.box, there.box)


@pytest.mark.parametrize("confidence", [0.3, 0.9])
def test_held_out_renders_show_exactly_the_objects_that_are_found(
    examples: list[Example], confidence: float
) -> None:
    assert np.mean([right_objects(example, confidence) for example in examples]) >= 0.97
    counts = [len(example.surer(confidence)) == len(example.shown) for example in examples]
    assert np.mean(counts) >= 0.97


def test_colours_of_held_out_renders(examples: list[Example]) -> None:
    assert np.mean([right_colours(example) for example in examples]) >= 0.97


def test_boxes_fit_and_tell_relations(examples: list[Example]) -> None:
    related = [example for example in examples if example.scene.relation is not None]
    assert len(related) > 100
    assert np.mean([right_relation(example) for example in related]) >= 0.97
    fits = [
        overlap(nearest(example, shown).box, shown.box)
        for example in examples
        for shown in example.shown
    ]
    assert np.mean(fits) >= 0.8


def test_weak_aesthetics_are_seen_as_well(detector: ObjectDetector) -> None:
    examples = look(detector, 128, strength=0.3)
    assert np.mean([right_objects(example, 0.3) for example in examples]) >= 0.95


def test_letters_and_empty_pictures_hold_no_objects(detector: ObjectDetector) -> None:
    letters = [
        render(Scene(lettering=word), np.random.default_rng(i))
        for i, word in enumerate(("OPEN", "Fresh bread", "42", "Exit", "yes", "Quiet please"))
    ]
    grey = np.full((64, 64, 3), 200, np.uint8)
    for found in detector.detect([*letters, grey]):
        assert [thing for thing in found if thing.confidence > 0.5] == []


def test_a_larger_picture_gives_boxes_in_its_own_pixels(detector: ObjectDetector) -> None:
    scene = Scene(Thing("heart", "red"), 1, aesthetic="illustration", background="plain")
    picture = render(scene, np.random.default_rng(0))
    [[small], [large]] = detector.detect([picture, picture.repeat(3, 0).repeat(2, 1)])
    assert (small.label, small.colour) == (large.label, large.colour) == ("heart", "red")
    np.testing.assert_allclose(large.box, np.array(small.box) * [2, 3, 2, 3], atol=0.5)


def test_a_feature_tells_objects_in_the_common_format(detector: ObjectDetector) -> None:
    rng = np.random.default_rng(1)
    scene = Scene(Thing("fish", "blue"), None, "left of", Thing("tree", "green"), "photograph")
    [feature] = detector.extract([Picture(render(scene, rng))])
    assert feature.vector is None and feature.scalar is None and feature.text is None
    detail = feature.detail
    assert isinstance(detail, dict)
    assert (detail["width"], detail["height"]) == (64, 64)
    assert detail["classes"] == list(OBJECTS)
    assert detail["colours"] == list(COLOURS)
    objects = detail["objects"]
    assert isinstance(objects, list)
    assert {(one["label"], one["colour"]) for one in objects} == {
        ("fish", "blue"),
        ("tree", "green"),
    }
    for one in objects:
        assert set(one) == {"label", "confidence", "box", "colour"}
        assert 0.1 <= one["confidence"] <= 1
        x0, y0, x1, y1 = one["box"]
        assert 0 <= x0 < x1 <= 64 and 0 <= y0 < y1 <= 64


def test_what_is_no_picture_is_refused(detector: ObjectDetector) -> None:
    with pytest.raises(BadInputError, match="subject 0 is a Text"):
        detector.extract([Text("a red ball")])
    flat: NDArray[np.uint8] = np.zeros((64, 64), np.uint8)
    with pytest.raises(BadInputError, match=r"picture 0 is uint8 of shape \(64, 64\)"):
        detector.extract([Picture(flat)])
    assert detector.extract([]) == []


def test_other_weights_are_refused(tmp_path: Path) -> None:
    oracle = weights_folder("tiny-oracle")
    detector = ObjectDetector(
        Instrument("mine", "tiny_objects", str(oracle)), Resolution("sha256:0", str(oracle))
    )
    with pytest.raises(MissingWeightsError, match="does not hold the weights of tiny-objects"):
        detector.__enter__()


def test_weights_are_at_most_a_megabyte() -> None:
    files = [file for file in weights_folder("tiny-objects").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 1_000_000
    assert {file.suffix for file in files} == {".safetensors"}
