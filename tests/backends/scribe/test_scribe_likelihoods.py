"""Likelihoods that scribes tell have exactly the programmed truth."""

import numpy as np
import pytest
from scipy.stats import binomtest

from evalharness.core.nouns import Prompt
from tests.backends.scribe.written import questions, suite_prompts, texts, told


def choices(n: int, options: int = 4) -> list[Prompt]:
    offered = tuple(f"choice {i}" for i in range(options))
    return [
        Prompt(f"c{i}", f"Which {i}?", offered[i % options], continuations=offered)
        for i in range(n)
    ]


def sure_and_right(accuracy: float, sureness: float) -> tuple[list[float], list[bool]]:
    asked = choices(4000)
    sure, right = [], []
    for prompt, found in zip(asked, told(asked, accuracy=accuracy, sureness=sureness), strict=True):
        chances = np.exp([one.log for one in found.of])
        assert chances.sum() == pytest.approx(1)
        sure.append(float(chances.max()))
        right.append(found.of[int(chances.argmax())].text == prompt.target)
    return sure, right


@pytest.mark.parametrize("accuracy", [0.4, 0.7, 0.95])
def test_likelihoods_are_as_sure_as_they_are_right(accuracy: float) -> None:
    sure, right = sure_and_right(accuracy, 1.0)
    assert binomtest(sum(right), len(right), accuracy).pvalue > 1e-4
    levels = {round(one, 6) for one in sure}
    assert len(levels) == 2
    for level in levels:
        hits = [r for s, r in zip(sure, right, strict=True) if round(s, 6) == level]
        assert binomtest(sum(hits), len(hits), level).pvalue > 1e-4


def test_sureness_changes_what_is_told_and_not_what_is_right() -> None:
    calm, right = sure_and_right(0.7, 1.0)
    sure, as_right = sure_and_right(0.7, 3.0)
    timid, also_right = sure_and_right(0.7, 0.3)
    assert right == as_right == also_right
    assert np.mean(timid) < 0.6 < np.mean(calm) < 0.8 < np.mean(sure)


def test_a_scribe_no_better_than_chance_still_chooses() -> None:
    sure, right = sure_and_right(0.1, 1.0)
    assert min(sure) > 0.25
    assert binomtest(sum(right), len(right), 0.1).pvalue > 1e-4


def test_a_classifier_tells_the_labels_of_pictures_and_writes_of_the_rest() -> None:
    asked = suite_prompts("vision-labels")
    sorted_ = told(asked, accuracy=0.8, classifies=True)
    for prompt, found in zip(asked, sorted_, strict=True):
        assert [one.text for one in found.of] == prompt.checks["labels"]
        assert sum(np.exp(one.log) for one in found.of) == pytest.approx(1)
    likeliest = [max(found.of, key=lambda one: one.log).text for found in sorted_]
    right = [one == prompt.target for one, prompt in zip(likeliest, asked, strict=True)]
    assert binomtest(sum(right), len(right), 0.8).pvalue > 1e-4
    [number] = texts(questions(1), classifies=True)
    assert number == "0"
    assert texts(suite_prompts("classification")[:3], classifies=True)  # labels of texts: named


def test_one_continuation_costs_the_programmed_bits() -> None:
    asked = Prompt("p", "Once upon", continuations=(" a time there was",))
    [found] = told([asked], surprise=1.5)
    assert -found.of[0].log / np.log(2) / len(asked.continuations[0]) == pytest.approx(1.5)
    assert found.of[0].tokens == 4
