"""Renders are reproducible, do not change silently, and show what the scene says."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from evalharness.tinyworld.references import (
    reference_scene,
    references,
    single_object_captions,
)
from evalharness.tinyworld.renderer import render, render_shown
from evalharness.tinyworld.scene import (
    AESTHETICS,
    BACKGROUNDS,
    COLOURS,
    OBJECTS,
    RELATIONS,
    Scene,
    Thing,
    random_any,
)

GOLDEN = Path(__file__).with_name("golden.png")


def golden_sheet() -> NDArray[np.uint8]:
    """Every object, colour, count, relation and background in every aesthetic."""
    rows = []
    for style in AESTHETICS:
        scenes = [
            Scene(Thing(name, colour), 1, aesthetic=style, background=BACKGROUNDS[i % 4])
            for i, (name, colour) in enumerate(zip(OBJECTS, COLOURS, strict=True))
        ]
        scenes += [Scene(count=count, aesthetic=style) for count in (2, 3, 4)]
        scenes += [Scene(relation=r, other=Thing(), aesthetic=style) for r in RELATIONS]
        rng = np.random.default_rng(7)
        rows.append(np.concatenate([render(scene, rng) for scene in scenes], 1))
    return np.concatenate(rows, 0)


def test_renders_match_the_golden_sheet() -> None:
    # compared with a tolerance: vector instructions of other CPUs round differently
    golden = cv2.cvtColor(cv2.imread(str(GOLDEN)), cv2.COLOR_BGR2RGB).astype(int)
    difference = np.abs(golden_sheet().astype(int) - golden)
    assert difference.max() <= 40
    assert difference.mean() < 0.05


def test_same_seed_same_picture() -> None:
    for seed in range(20):
        scene = random_any(np.random.default_rng(seed))
        first = render(scene, np.random.default_rng(seed))
        again = render(scene, np.random.default_rng(seed))
        assert first.dtype == np.uint8
        assert first.shape == (64, 64, 3)
        np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("style", AESTHETICS)
def test_strength_blends_from_neutral_to_full(style: str) -> None:
    scene = Scene(Thing("star", "blue"), 1, aesthetic=style, background="plain")
    none, half, full = (
        render(scene, np.random.default_rng(3), strength).astype(int)
        for strength in (0.0, 0.5, 1.0)
    )
    to_half, to_full = np.abs(half - none).mean(), np.abs(full - none).mean()
    assert to_full > 5
    assert to_half == pytest.approx(to_full / 2, rel=0.15)


def test_neutral_pictures_are_the_same_in_every_aesthetic() -> None:
    pictures = [
        render(
            Scene(Thing("fish", "red"), 1, aesthetic=style, background="sky"),
            np.random.default_rng(5),
            strength=0.0,
        )
        for style in AESTHETICS
    ]
    for other in pictures[1:]:
        np.testing.assert_array_equal(pictures[0], other)


def _components(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Centres of the black blobs in a neutral picture."""
    dark = (picture.max(2) < 110).astype(np.uint8)
    _, _, stats, centres = cv2.connectedComponentsWithStats(dark)
    return np.asarray(centres[1:][stats[1:, cv2.CC_STAT_AREA] > 20], np.float64)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_as_many_objects_as_asked(count: int) -> None:
    for seed in range(10):
        scene = Scene(Thing("ball", "black"), count)
        picture = render(scene, np.random.default_rng(seed), strength=0.0)
        assert len(_components(picture)) == count


@pytest.mark.parametrize("relation", RELATIONS)
def test_relations_hold(relation: str) -> None:
    scene = Scene(Thing("ball", "black"), 1, relation, Thing("star", "yellow"))
    ((x, y),) = _components(render(scene, np.random.default_rng(1), strength=0.0))
    holds = {"left of": x < 25, "right of": x > 39, "above": y < 25, "below": y > 39}
    assert holds[relation]


def test_references_are_balanced_and_extendable() -> None:
    scenes = [reference_scene(index) for index in range(256)]
    combinations = {(s.thing.object, s.thing.colour, s.aesthetic) for s in scenes}
    assert len(combinations) == 256
    short, longer = list(references(3, seed=5)), list(references(5, seed=5))
    np.testing.assert_array_equal(short, longer[:3])
    assert {reference_scene(i, "watercolour").aesthetic for i in range(9)} == {"watercolour"}


def test_suite_captions_are_balanced() -> None:
    assert len(set(single_object_captions())) == 64
    assert "an orange fish" in single_object_captions()
    assert "a red ball, pixel art" in single_object_captions("pixel art")


def test_what_is_shown_where_is_told_beside_the_same_picture() -> None:
    for seed in range(40):
        scene = random_any(np.random.default_rng(seed))
        picture, shown = render_shown(scene, np.random.default_rng(seed))
        np.testing.assert_array_equal(picture, render(scene, np.random.default_rng(seed)))
        things = [scene.thing] * (scene.count or 1)
        assert [one.thing for one in shown] == ([*things, scene.other] if scene.other else things)


def test_boxes_enclose_the_silhouettes() -> None:
    for seed, name in enumerate(OBJECTS):
        scene = Scene(Thing(name, "black"), 1, background="plain")
        picture, (one,) = render_shown(scene, np.random.default_rng(seed), strength=0.0)
        rows, columns = np.nonzero(picture.max(2) < 140)  # at least half covered with black
        corners = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        np.testing.assert_allclose(one.box, corners, atol=1.01)


@pytest.mark.parametrize("relation", RELATIONS)
def test_boxes_stand_in_the_scenes_relation(relation: str) -> None:
    scene = Scene(count=1, relation=relation, other=Thing())
    _, (here, there) = render_shown(scene, np.random.default_rng(5))
    x, y = ((here.box[i] + here.box[i + 2] - there.box[i] - there.box[i + 2]) / 2 for i in (0, 1))
    apart = {"left of": -x, "right of": x, "above": -y, "below": y}
    assert max(apart, key=lambda name: apart[name]) == relation
    assert apart[relation] > 20
