"""Prompts with pictures and with continuations, from their file to scores."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evalharness.catalog.input_pictures import picture_pixels
from evalharness.catalog.prompts import read_prompts
from evalharness.catalog.suites import load_suite
from evalharness.core.errors import BadInputError
from evalharness.core.job_keys import job_key
from evalharness.core.keys import prompt_digest, suite_digest
from evalharness.core.likelihoods import read, written
from evalharness.core.outcomes import Likelihood, Likelihoods
from evalharness.ledger.artifacts import picture_path, read_picture
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked


def picture(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def asking(tmp_path: Path, line: str) -> Path:
    path = tmp_path / "asked.jsonl"
    path.write_text(line + "\n")
    return path


def test_pictures_are_found_from_the_folder_of_their_file(tmp_path, monkeypatch):
    shown = picture(tmp_path / "shown" / "a.png")
    path = asking(tmp_path, '{"text": "What is this?", "images": ["shown/a.png"]}')
    monkeypatch.chdir(tmp_path.parent)
    (prompt,) = read_prompts(path)
    (given,) = prompt.images
    assert given.sha256 == hashlib.sha256(shown.read_bytes()).hexdigest()
    assert picture_pixels(given).shape == (12, 16, 3)


@pytest.mark.parametrize(
    ("images", "told"),
    [
        ('["gone.png"]', "there is no"),
        ('["notes.txt"]', "a file that ends in .png"),
        ("[3]", "expected text"),
    ],
)
def test_a_picture_that_is_none_is_told_with_its_line(tmp_path, images, told):
    (tmp_path / "notes.txt").write_text("no picture")
    path = asking(tmp_path, f'{{"text": "What is this?", "images": {images}}}')
    with pytest.raises(BadInputError, match=rf"line 1, field images\[0\].*{told}"):
        read_prompts(path)


def test_a_picture_that_changed_since_it_was_planned_is_told(tmp_path):
    path = asking(tmp_path, '{"text": "What is this?", "images": ["a.png"]}')
    picture(tmp_path / "a.png")
    (prompt,) = read_prompts(path)
    picture(tmp_path / "a.png", seed=1)
    with pytest.raises(BadInputError, match="bytes changed since"):
        picture_pixels(prompt.images[0])


def test_inputs_belong_to_keys_and_paths_do_not(tmp_path):
    picture(tmp_path / "a.png")
    path = asking(tmp_path, '{"id": "x", "text": "t", "images": ["a.png"]}')
    (prompt,) = read_prompts(path)
    moved = replace(prompt, images=(replace(prompt.images[0], path="/elsewhere.png"),))
    bare = replace(prompt, images=())
    asked = replace(bare, continuations=(" yes", " no"))
    assert prompt_digest(moved) == prompt_digest(prompt)
    assert job_key("m", 1, moved, 0, {}) == job_key("m", 1, prompt, 0, {})
    kinds = (prompt, bare, asked, replace(asked, continuations=(" no", " yes")))
    assert len({job_key("m", 1, one, 0, {}) for one in kinds}) == 4
    assert len({prompt_digest(one) for one in kinds}) == 4
    suite = replace(load_suite("smoke"), prompts=(prompt,))
    assert suite_digest(suite) == suite_digest(replace(suite, prompts=(moved,)))
    assert suite_digest(suite) != suite_digest(replace(suite, prompts=(bare,)))


def test_what_is_right_belongs_to_the_keys_of_those_that_know_it(tmp_path):
    picture(tmp_path / "a.png")
    path = asking(
        tmp_path,
        '{"text": "t", "images": ["a.png"], "target": "x", "checks": {"labels": ["x", "y"]}}',
    )
    (prompt,) = read_prompts(path)
    turned = replace(prompt, checks={"labels": ["y", "x"]})
    other = replace(prompt, target="y")

    def keys(reads):
        return len({job_key("m", 1, one, 0, {}, reads) for one in (prompt, turned, other)})

    assert [keys(reads) for reads in ("inputs", "labels", "truth")] == [1, 2, 3]


def test_a_prompts_picture_is_kept_as_it_came_and_shown_to_instruments(
    go, model, suite, store, ask_sql, tmp_path
):
    shown = picture(tmp_path / "a.jpg")
    prompts = [{"id": "a", "text": "What is this?", "images": ["a.jpg"]}]
    fake = model("writer", modality="text")
    written_suite = suite(prompts=prompts, modality="text", metrics=["latency"])
    report = go(Asked(suites=(written_suite,), models=(fake,)))
    assert not report.problems
    sha256 = hashlib.sha256(shown.read_bytes()).hexdigest()
    assert ask_sql("SELECT inputs FROM prompts") == [(f'{{"images": ["{sha256}"]}}',)]
    assert ask_sql("SELECT format, width FROM artifacts WHERE kind = 'picture'") == [("jpg", 16)]
    assert read_picture(Store.open(store), sha256).shape == (12, 16, 3)

    once = "SELECT made_at FROM artifacts WHERE kind = 'picture'"
    kept = ask_sql(once)
    go(Asked(suites=(written_suite,), models=(fake,)))
    assert ask_sql(once) == kept  # what is there is not read and written again
    picture_path(Store.open(store), sha256).unlink()
    go(Asked(suites=(written_suite,), models=(fake,)))
    assert read_picture(Store.open(store), sha256).shape == (12, 16, 3)


def test_continuations_are_answered_with_likelihoods(go, model, suite, ask_sql):
    prompts = [{"id": "a", "text": "2 + 2 =", "continuations": [" 3", " 4"], "target": " 4"}]
    asked = suite(prompts=prompts, modality="text", metrics=["latency"])
    report = go(Asked(suites=(asked,), models=(model("writer", modality="text"),)))
    assert not report.problems
    [(text, form)] = ask_sql(
        "SELECT DISTINCT text, format FROM artifacts WHERE kind = 'likelihoods'"
    )
    found = read(text)
    assert form == "json"
    assert [one.text for one in found.of] == [" 3", " 4"]
    assert found.of[1].log > found.of[0].log
    assert ask_sql("SELECT status, count(*) FROM scores GROUP BY ALL") == [("ok", 2)]


def test_likelihoods_come_back_as_they_were_written():
    likely = Likelihoods((Likelihood(" é", -1.5, 2, True), Likelihood("\ud800", -0.0, 1)))
    assert read(written(likely)) == likely
    with pytest.raises(ValueError, match="JSON"):
        written(Likelihoods((Likelihood("x", float("nan"), 1),)))
