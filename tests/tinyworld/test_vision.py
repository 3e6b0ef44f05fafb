"""The suites over the embedded world's pictures: made by their script, and true."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from evalharness.catalog.suites import load_suite
from evalharness.core.nouns import Prompt
from evalharness.tinyworld.parser import parse
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS, RELATIONS
from evalharness.tinyworld.vision.pictures import Shown, counted, related, singles

ROOT = Path(__file__).resolve().parents[2]
FILES = ("vision", "vision-captions", "vision-labels")


def prompts_of(name: str) -> tuple[Prompt, ...]:
    return load_suite(str(ROOT / "suites" / f"{name}.yaml")).prompts


def read(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)


def shown_by(prompt: Prompt) -> Shown:
    [picture] = prompt.images
    every = {shown.name: shown for shown in (*singles(), *counted(), *related())}
    return every[Path(picture.path).stem]


def of(prompts: Sequence[Prompt], category: str) -> list[Prompt]:
    return [prompt for prompt in prompts if prompt.tags["category"] == category]


def test_every_picture_is_another_and_is_asked_about() -> None:
    digests = {path: path.read_bytes() for path in (ROOT / "prompts" / "vision").iterdir()}
    assert len(set(digests.values())) == len(digests) == 64
    asked = {Path(p.images[0].path).name for name in FILES for p in prompts_of(name)}
    assert asked == {path.name for path in digests}


def test_kinds_of_questions_and_answers_are_balanced() -> None:
    prompts = prompts_of("vision")
    counts = Counter(prompt.tags["category"] for prompt in prompts)
    assert counts == {"presence": 12, "counting": 16} | dict.fromkeys(
        ("colour", "object", "relation", "sentence", "look"), 8
    )
    assert Counter(p.target for p in of(prompts, "presence")) == {"yes": 6, "no": 6}
    assert Counter(p.target for p in of(prompts, "counting")) == dict.fromkeys("1234", 4)
    assert {p.target for p in of(prompts, "colour")} == set(COLOURS)
    assert {p.target for p in of(prompts, "object")} == set(OBJECTS)
    assert Counter(p.target for p in of(prompts, "look")) == dict.fromkeys(AESTHETICS, 2)
    letters: Counter[str] = Counter()
    for prompt in of(prompts, "sentence"):
        choices = prompt.checks["choices"]
        assert isinstance(choices, list)
        letters["ABCD"[choices.index(prompt.target)]] += 1
    assert letters == dict.fromkeys("ABCD", 2)
    relations = Counter(shown_by(p).scene.relation for p in prompts if "two-" in p.images[0].path)
    assert relations == dict.fromkeys(RELATIONS, 4)


def test_answers_are_those_of_the_scenes() -> None:
    for prompt in prompts_of("vision"):
        scene, asked = shown_by(prompt).scene, prompt.text.rstrip(".?").lower()
        match prompt.tags["category"]:
            case "presence":
                assert (f"a {scene.thing.object} " in asked) == (prompt.target == "yes")
            case "counting":
                assert str(scene.thing.object) in asked
                assert prompt.target == str(scene.count)
            case "colour":
                assert prompt.target == scene.thing.colour
            case "object":
                assert prompt.target == scene.thing.object
            case "look":
                assert prompt.target == scene.aesthetic
            case "relation":
                assert scene.other is not None
                assert f"what is {scene.relation} the {scene.other.object}?" in asked
                assert prompt.target == scene.thing.object
            case "sentence":
                said = parse(str(prompt.target))
                assert scene.other is not None
                assert said.other is not None
                assert (said.thing.object, said.relation, said.other.object) == (
                    scene.thing.object,
                    scene.relation,
                    scene.other.object,
                )


def test_captions_say_nothing_that_is_not_in_their_picture() -> None:
    prompts = prompts_of("vision-captions")
    assert len(prompts) == 40
    for prompt in prompts:
        more = prompt.checks["targets"]
        assert isinstance(more, list)
        captions = [str(prompt.target), *map(str, more)]
        assert len(set(captions)) == 5
        scene = shown_by(prompt).scene
        for caption in captions:
            said = parse(caption)
            assert said.thing == scene.thing, caption
            assert said.count == (scene.count if scene.count != 1 else None), caption
            assert (said.relation, said.other) == (scene.relation, scene.other), caption
            assert said.aesthetic in (None, scene.aesthetic), caption
            assert said.background in (None, scene.background), caption


def test_every_label_is_right_equally_often() -> None:
    prompts = prompts_of("vision-labels")
    for category, labels in (("object", OBJECTS), ("colour", COLOURS), ("look", AESTHETICS)):
        asked = of(prompts, category)
        assert {tuple(map(str, p.checks["labels"])) for p in asked} == {tuple(labels)}  # type: ignore[arg-type]
        assert Counter(p.target for p in asked) == dict.fromkeys(labels, 32 // len(labels))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_a_network_sees_in_the_pictures_what_the_labels_say() -> None:
    from evalharness.tinyworld.oracle import Oracle

    prompts = prompts_of("vision-labels")
    paths = list(dict.fromkeys(prompt.images[0].path for prompt in prompts))
    small = [cv2.resize(read(Path(p)), (64, 64), interpolation=cv2.INTER_AREA) for p in paths]
    seen = Oracle.load().predict(np.stack(small).astype(np.uint8))
    for category, head in (("object", "object"), ("colour", "colour"), ("look", "aesthetic")):
        told = dict(zip(paths, seen[head], strict=True))
        right = [told[p.images[0].path] == p.target for p in of(prompts, category)]
        assert np.mean(right) >= 0.9, category
