"""Similarity in meaning, and diversity of answers, from vectors that are known."""

from __future__ import annotations

import numpy as np
import pytest

from evalharness.catalog.metrics import parse_metric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import Seen
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.similarity import DIVERSITY, SIMILARITY, best_cosine
from tests.metrics.tables import output_set, outputs, vectors

ONE = Prompt("one", "?", target="a")
TWO = Prompt("two", "?", target="a", checks={"targets": ["b", " "]})


def measured(answers, targets, of, texts=None):
    table = outputs(
        [ONE, TWO, ONE],
        texts=texts or ["x", "y", "z"],
        seen={"output": vectors(answers), "prompt": vectors(targets, of)},
    )
    return SIMILARITY.measure(table)


def test_the_best_of_the_accepted_answers_counts():
    answers = [[1, 0], [0, 2], [-1, 0]]
    found = measured(answers, [[1, 1], [1, 0], [0, 5], [3, 0]], [0, 1, 1, 2])
    np.testing.assert_allclose(found, [np.sqrt(0.5), 1.0, -1.0])


def test_an_answer_without_words_is_near_nothing():
    found = measured(np.ones((3, 2)), np.ones((3, 2)), [0, 1, 2], ["", " \n", "z"])
    np.testing.assert_allclose(found, [0, 0, 1])


def test_vectors_without_a_direction_are_refused():
    with pytest.raises(UnmeasurableError, match="zero"):
        best_cosine(np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32), np.zeros(1, int))


def test_what_is_asked_about_are_the_accepted_answers_with_words():
    assert SIMILARITY.facts.asks(TWO) == ("a", "b")
    assert not SIMILARITY.facts.applies(Prompt("p", "?"))
    assert not SIMILARITY.facts.applies(Prompt("p", "?", target=" "))


def test_targets_of_one_vector_are_read_by_several_answers():
    seen = {"output": vectors([[1, 0], [0, 1]])}
    seen["prompt"] = Seen(np.array([0, 1]), np.array([0, 0]), vectors=np.array([[1, 0]], "f4"))
    table = outputs([ONE, ONE], texts=["x", "y"], seen=seen)
    np.testing.assert_allclose(SIMILARITY.measure(table), [1, 0])


def test_diversity_is_the_mean_distance_within_prompts():
    table = output_set([[1, 0], [0, 1], [1, 0], [1, 0]], clusters=[0, 0, 1, 1])
    assert DIVERSITY.measure(table).value == pytest.approx(0.5)


def test_instruments_that_read_texts_fit_and_others_do_not():
    assert parse_metric("semantic_similarity[all-minilm-l6-v2]").instrument.extractor == "sentence"
    assert parse_metric("answer_diversity[multilingual-e5-small]").name.endswith("e5-small]")
    with pytest.raises(Exception, match="reads only picture"):
        parse_metric("semantic_similarity[dinov2-vit-l-14]")
