"""Labels as classifiers tell them: one column for them and for models that write."""

import math
from dataclasses import replace

import numpy as np
import pytest

from evalharness.catalog import registry
from evalharness.core.job_keys import job_key
from evalharness.core.keys import prompt_digest
from evalharness.core.measures import OutputMetric, SetMetric
from evalharness.core.nouns import InputPicture, Prompt
from evalharness.core.outcomes import Likelihood, Likelihoods
from evalharness.core.tables import OutputTable, SetTable
from tests.metrics.tables import outputs

LABELS = ("ball", "ring", "pixel art")
PICTURE = InputPicture("0" * 64, "a.png")


def asked(target: str, name: str = "p") -> Prompt:
    return Prompt(name, "Which?", target, {"labels": [*LABELS]}, images=(PICTURE,))


def told(*shares: float) -> Likelihoods:
    return Likelihoods(
        tuple(Likelihood(t, math.log(p), 1) for t, p in zip(LABELS, shares, strict=True))
    )


def table(prompts: list[Prompt], given: list[Likelihoods | str | None]) -> OutputTable:
    texts = [one if isinstance(one, str) else None for one in given]
    likely = tuple(one if isinstance(one, Likelihoods) else None for one in given)
    return replace(outputs(prompts, texts=texts), likelihoods=likely)


def score(name: str, of: OutputTable) -> list[float]:
    metric = registry.metric(name)
    assert isinstance(metric, OutputMetric)
    return [float(value) for value in metric.measure(of)]


def test_the_likeliest_label_is_the_one_that_is_named() -> None:
    given: list[Likelihoods | str | None] = [told(0.2, 0.1, 0.5), told(0.4, 0.3, 0.3)]
    of = table([asked("pixel art"), asked("ring")], given)
    assert score("label.correct", of) == [1.0, 0.0]
    assert score("label.outside", of) == [0.0, 0.0]


def test_words_and_likelihoods_are_scored_alike() -> None:
    prompts = [asked(label, label) for label in LABELS]
    written: list[Likelihoods | str | None] = ["A ball.", "ball", "Pixel art"]
    likely: list[Likelihoods | str | None] = [
        told(0.6, 0.2, 0.2),
        told(0.6, 0.2, 0.2),
        told(0.1, 0.2, 0.7),
    ]
    f1 = registry.metric("label.macro_f1")
    assert isinstance(f1, SetMetric)
    sets = [SetTable(table(prompts, given), np.arange(3)) for given in (written, likely)]
    assert [score("label.correct", one.outputs) for one in sets] == [[1.0, 0.0, 1.0]] * 2
    # F1 of ball is 2/3, of ring 0, of pixel art 1
    assert [f1.measure(one).value for one in sets] == [pytest.approx(5 / 9)] * 2


def test_an_output_without_an_answer_has_no_score() -> None:
    assert np.isnan(score("label.correct", table([asked("ball")], [None]))).all()


def test_labels_have_their_brier_score_and_calibration() -> None:
    of = table([asked("ball"), asked("ring", "q")], [told(0.3, 0.1, 0.1), told(0.4, 0.4, 0.2)])
    # out of all that a classifier knows: the labels' shares are made to add up first
    assert score("likelihood.brier", of)[0] == pytest.approx(0.4**2 + 0.2**2 + 0.2**2)
    assert score("likelihood.correct", of) == [1.0, 0.0]
    ece = registry.metric("likelihood.ece")
    assert isinstance(ece, SetMetric)
    assert ece.measure(SetTable(of, np.arange(2))).value == pytest.approx((0.4 + 0.4) / 2)


def test_labels_of_a_picture_are_an_input_and_those_of_a_text_are_not() -> None:
    seen, words = asked("ball"), replace(asked("ball"), images=())
    fewer = {"labels": [*LABELS[:2]]}

    def key(prompt: Prompt) -> str:
        return job_key("m", 1, prompt, 0, {}, "labels")

    assert key(seen) != key(replace(seen, checks=fewer))
    assert key(words) == key(replace(words, checks=fewer))
    assert prompt_digest(words) != prompt_digest(replace(words, checks=fewer))
    chosen = replace(seen, continuations=LABELS)
    assert key(chosen) == key(replace(chosen, checks={}))
    for name in ("likelihood.correct", "likelihood.brier", "likelihood.ece"):
        applies = registry.metric(name).facts.applies
        assert applies(seen)
        assert not applies(words)
