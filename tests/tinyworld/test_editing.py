"""Edits of the embedded world: what is right is known, and painters edit as programmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evalharness.catalog.input_pictures import picture_pixels
from evalharness.catalog.prompts import read_prompts
from evalharness.catalog.suites import load_suite
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Job, Model, Prompt
from evalharness.core.outcomes import Change, Status
from evalharness.extractors.aligned_changes import aligned
from evalharness.extractors.edit_pixels_reader import measurements
from evalharness.tinyworld.editing.edits import Edit, drawn, edits
from evalharness.tinyworld.painter import ENTRY, Painter
from evalharness.tinyworld.parser import parse

ROOT = Path(__file__).resolve().parents[2]
EDITS = tuple(edits())


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: e.id)
def test_outside_the_region_nothing_is_to_change_and_inside_it_something_is(edit: Edit) -> None:
    made = drawn(edit)
    assert parse(edit.text).thing == edit.after.thing
    assert parse(edit.text).aesthetic == edit.after.aesthetic
    if made.region is None:
        assert edit.category == "restyle"
        return
    right = measurements(aligned(Change(made.before, made.after, made.region)))
    assert right["squared_error_outside"] == 0.0
    assert 0.05 < 1.0 - float(str(right["outside"])) < 0.95
    assert (made.before != made.after).any(axis=2)[made.region].mean() > 0.5


def test_the_suite_asks_for_four_kinds_of_edits() -> None:
    prompts = load_suite(str(ROOT / "suites" / "editing.yaml")).prompts
    kinds = Counter(prompt.tags["category"] for prompt in prompts)
    assert kinds == {"recolour": 8, "add": 8, "background": 8, "restyle": 12}
    for prompt in prompts:
        assert len(prompt.images) == (1 if prompt.tags["category"] == "restyle" else 2)
        assert prompt.checks["after"] == prompt.text != prompt.checks["before"]
    assert len({prompt.text for prompt in prompts}) == len(prompts)


def answers(prompts: tuple[Prompt, ...], **options: float) -> list[np.ndarray]:
    model = Model("painter", "painter", "", options=options)
    jobs = [Job(f"{p.id}/{s}", "painter", p, p.text, None, s, {}) for p in prompts for s in (0, 1)]
    with Painter(model, ENTRY.resolve(model)) as painter:
        found = list(painter.generate(jobs))
    assert {answer.status for answer in found} == {Status.OK}
    return [answer.media[0].pixels for answer in found]


@pytest.fixture(scope="module")
def prompts() -> tuple[Prompt, ...]:
    return read_prompts(ROOT / "prompts" / "editing.jsonl")


def kept(prompts: tuple[Prompt, ...], found: list[np.ndarray]) -> list[bool]:
    """Of every answer to a prompt with a region, whether all outside it is as it was."""
    told = []
    for index, pixels in enumerate(found):
        before, *region = map(picture_pixels, prompts[index // 2].images)
        if region:
            seen = measurements(aligned(Change(before, pixels, region[0][..., 0] >= 128)))
            told.append(seen["squared_error_outside"] == 0.0)
    return told


def test_a_painter_leaves_the_rest_as_it_is_unless_programmed_otherwise(prompts) -> None:
    assert all(kept(prompts, answers(prompts)))
    assert not any(kept(prompts, answers(prompts, rest_error=1.0)))
    half = np.mean(kept(prompts, answers(prompts, rest_error=0.5)))
    assert 0.3 < half < 0.7


def test_a_painter_hands_the_picture_back_as_often_as_programmed(prompts) -> None:
    before = [picture_pixels(p.images[0]) for p in prompts for _ in (0, 1)]

    def returned(found: list[np.ndarray]) -> float:
        return float(np.mean([np.array_equal(a, b) for a, b in zip(found, before, strict=True)]))

    assert returned(answers(prompts)) == 0.0
    assert returned(answers(prompts, untouched=1.0)) == 1.0
    assert 0.3 < returned(answers(prompts, untouched=0.5)) < 0.7


def test_an_answer_has_the_size_of_the_picture(
    tmp_path: Path, prompts, write_png: Callable
) -> None:
    big = write_png(tmp_path / "big.png", np.full((90, 130, 3), 200, np.uint8))
    [prompt] = read_prompts(big)
    assert {a.shape for a in answers((prompt,))} == {(90, 130, 3)}


@pytest.fixture
def write_png() -> Callable:
    from PIL import Image

    def make(path: Path, pixels: np.ndarray) -> Path:
        Image.fromarray(pixels).save(path)
        file = path.with_suffix(".jsonl")
        file.write_text(f'{{"text": "a red ball", "images": ["{path.name}"]}}\n')
        return file

    return make


def test_a_picture_that_is_gone_fails_that_job_alone(tmp_path: Path, prompts, write_png) -> None:
    [gone] = read_prompts(write_png(tmp_path / "a.png", np.zeros((8, 8, 3), np.uint8)))
    (tmp_path / "a.png").unlink()
    model = Model("painter", "painter", "")
    jobs = [Job(p.id, "painter", p, p.text, None, 0, {}) for p in (gone, prompts[0])]
    with Painter(model, ENTRY.resolve(model)) as painter:
        lost, answered = painter.generate(jobs)
    assert lost.status is Status.FAILED
    assert "cannot be read" in lost.reason
    assert answered.status is Status.OK


def test_rates_of_edits_are_checked() -> None:
    for name in ("untouched", "rest_error"):
        with pytest.raises(BadInputError, match="a number from 0 to 1"):
            ENTRY.resolve(Model("painter", "painter", "", options={name: 1.5}))
