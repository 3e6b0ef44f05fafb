"""Pictures under given labels, as classifiers and networks that compare tell them."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from PIL import Image

from evalharness.backends.transformers.label_names import own_names
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import InputPicture, Prompt
from evalharness.core.outcomes import Status
from tests.backends.transformers import writers


@pytest.fixture
def shown(tmp_path) -> tuple[InputPicture, ...]:
    path = tmp_path / "a.png"
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return (InputPicture(hashlib.sha256(path.read_bytes()).hexdigest(), str(path)),)


def labelled(shown, *labels, text="Which is it?") -> Prompt:
    return Prompt("p", text, labels[0], {"labels": [*labels]}, images=shown)


def found(answers):
    (answer,) = answers.values()
    assert answer.status is Status.OK, answer.reason
    return answer.media[0].of


def test_a_classifier_answers_with_the_prompts_labels_in_their_order(ask, shown):
    every = {one.text: one.log for one in found(ask("vit", [Prompt("p", "?", images=shown)]))}
    some = found(ask("vit", [labelled(shown, "Cone", "CUBE")]))
    assert [one.text for one in some] == ["Cone", "CUBE"]
    assert [one.log for one in some] == [every["cone"], every["cube"]]
    # out of all that it knows: what it thinks of the ball is not given to the others
    assert sum(math.exp(one.log) for one in some) < 1 - 1e-3


@pytest.fixture
def many(folders, tmp_path):
    """A classifier of twelve labels, two of which are called the same."""
    writers.vit(tmp_path / "many", (*"abcdefghijk", "k"))
    folders["many"] = tmp_path / "many"
    return "many"


def test_a_classifier_tells_all_its_labels_and_not_the_likeliest_only(ask, shown, many):
    every = found(ask(many, [Prompt("p", "?", images=shown)]))
    assert {one.text for one in every} == {*"abcdefghijk"}
    assert sum(math.exp(one.log) for one in every) == pytest.approx(1, abs=1e-5)
    assert len(found(ask(many, [labelled(shown, *"abcdefghijk")]))) == 11


def test_labels_that_a_classifier_does_not_know_are_told_all_at_once(ask, shown):
    (answer,) = ask("vit", [labelled(shown, "cube", "con", "dog")]).values()
    assert answer.status is Status.FAILED
    assert "no label 'con', 'dog'" in answer.reason
    assert "'cone'" in answer.reason


def test_a_network_that_compares_takes_the_labels_of_the_prompt(ask, shown):
    asked = labelled(shown, "cube", "ball", "cone")
    bare = found(ask("clip", [asked]))
    assert [one.text for one in bare] == ["cube", "ball", "cone"]
    assert sum(math.exp(one.log) for one in bare) == pytest.approx(1, abs=1e-5)
    worded = found(ask("clip", [asked], options={"label_text": "a photo of a {}"}))
    assert [one.log for one in worded] != [one.log for one in bare]
    by_prompt = found(ask("clip", [labelled(shown, "cube", "ball", text="a photo of a {}")]))
    by_option = found(
        ask("clip", [labelled(shown, "cube", "ball")], options={"label_text": "a photo of a {}"})
    )
    assert by_prompt == by_option


def test_a_text_around_labels_has_one_place_for_them(ask, shown):
    for wrong in ("a photo", "{} or {}", "a {} {thing}"):
        with pytest.raises(BadInputError, match="label_text"):
            ask("clip", [labelled(shown, "a", "b")], options={"label_text": wrong})


def test_without_labels_there_is_nothing_to_compare(ask, shown):
    (answer,) = ask("clip", [Prompt("p", "What is it?", "a cube", images=shown)]).values()
    assert answer.status is Status.FAILED
    assert "neither labels nor continuations" in answer.reason


def test_case_and_the_marks_between_words_do_not_matter():
    known = ("Golden_Retriever", "tabby, tabby cat", "n02 fire-truck")
    assert own_names(["golden retriever", "Tabby Cat", "N02_fire truck"], known) == {
        "golden retriever": "Golden_Retriever",
        "Tabby Cat": "tabby, tabby cat",
        "N02_fire truck": "n02 fire-truck",
    }


def test_the_closest_agreement_wins_and_what_stays_open_is_told():
    assert own_names(["cat"], ("cat", "Cat", "cat, house cat")) == {"cat": "cat"}
    assert own_names(["CAT"], ("cat", "cat, house cat")) == {"CAT": "cat"}
    with pytest.raises(ValueError, match=r"'crane, bird' and 'crane, machine' may both be 'crane'"):
        own_names(["crane"], ("crane, bird", "crane, machine"))
    with pytest.raises(ValueError, match="'cat' and 'Cat' are one to it"):
        own_names(["cat", "Cat"], ("CAT", "dog"))
    with pytest.raises(ValueError, match="trained with 2 labels, among them 'dog', 'owl'"):
        own_names(["xyz"], ("owl", "dog"))
