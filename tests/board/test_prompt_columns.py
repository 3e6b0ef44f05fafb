"""Differences of pooled numbers beside the tests that sacrebleu has for them."""

from __future__ import annotations

import numpy as np
import pytest

from evalharness.board.influences import any_size
from evalharness.board.paired import paired_difference
from evalharness.board.prompt_columns import PromptColumn, known_by_prompt
from evalharness.catalog import registry
from evalharness.core.measures import SetMetric
from evalharness.core.tables import SetTable
from evalharness.metrics.text.translation import Way, score, statistics
from tests.metrics.tables import outputs
from tests.metrics.text.answered import prompt

WORDS = [f"{a}{b}{c}" for a in "brst" for b in "aeiou" for c in "lmnp"]


def slipped(targets: list[list[str]], chance: float, rng: np.random.Generator) -> list[str]:
    """The targets, each word another one with this chance."""
    return [
        " ".join(rng.choice(WORDS) if rng.random() < chance else word for word in target)
        for target in targets
    ]


@pytest.mark.parametrize("way", ["bleu", "chrf"])
@pytest.mark.parametrize("worse", [0.2, 0.24, 0.4])
def test_p_values_and_intervals_are_of_the_size_of_sacrebleus(
    way: Way, worse: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sacrebleu.metrics import BLEU, CHRF
    from sacrebleu.significance import PairedTest

    monkeypatch.setenv("SACREBLEU_SEED", "3")
    rng = np.random.default_rng(7)
    targets = [list(rng.choice(WORDS, rng.integers(6, 20))) for _ in range(80)]
    sides = slipped(targets, 0.2, rng), slipped(targets, worse, rng)
    references = [" ".join(target) for target in targets]
    asked = [prompt(one, name=f"p{i}") for i, one in enumerate(references)]
    metric = registry.metric(way)
    assert isinstance(metric, SetMetric) and metric.by_prompt is not None
    columns = [
        metric.by_prompt(SetTable(outputs(asked, texts=side), np.arange(80))).values
        for side in sides
    ]
    ours = paired_difference(*columns)
    theirs = BLEU() if way == "bleu" else CHRF(word_order=2)
    named = [("one", list(sides[0])), ("other", list(sides[1]))]
    _, found = PairedTest(named, {way: theirs}, [references], "ar", 2000)()
    [first, second] = next(results for name, results in found.items() if name != "System")
    assert ours.difference == pytest.approx(second.score - first.score, abs=1e-4)
    assert ours.p is not None
    if second.p_value > 0.01:
        assert ours.p == pytest.approx(second.p_value, rel=0.35, abs=0.01)
    else:
        assert ours.p < 0.01
    # a paired bootstrap over the counts that sacrebleu sums
    counts = [
        np.array([statistics(way, a, (r,)) for a, r in zip(side, references, strict=True)])
        for side in sides
    ]
    draws = rng.integers(0, 80, (400, 80))
    drawn = [[score(way, of[d].sum(axis=0), sentence=False) for d in draws] for of in counts]
    low, high = np.percentile(np.subtract(drawn[1], drawn[0]), [2.5, 97.5])
    assert ours.low is not None and ours.high is not None
    assert ours.high - ours.low == pytest.approx(high - low, rel=0.25)


def test_values_are_given_in_any_order_of_prompts() -> None:
    column = PromptColumn("bleu", 2.0, 3, ("a", "b", "c"), np.array([1.0, 2.0, 3.0]))
    assert column.on(["c", "a"]).tolist() == [3.0, 1.0]
    assert np.isnan(column.on(["d"])).all()


@pytest.mark.parametrize(
    ("metric", "known"),
    [
        ("bleu", True),
        ("label.macro_f1", True),
        ("pass_at_k.1[python]", True),
        ("vendi[tiny-clip]", False),
        ("latency", False),
        ("somebody.elses", False),
    ],
)
def test_metrics_declare_whether_they_are_known_by_prompt(metric: str, known: bool) -> None:
    assert known_by_prompt(metric) is known


@pytest.mark.parametrize(
    ("metric", "any_of_them"),
    [
        ("bleu", True),
        ("label.macro_f1", True),
        ("kid[tiny-clip]", True),
        ("seed_diversity[tiny-clip]", True),
        ("answer_diversity[minilm]", True),
        ("fid[tiny-clip]", False),
        ("likelihood.ece", False),
        ("cider", False),
        ("vendi[tiny-clip]", False),
        ("somebody.elses", False),
    ],
)
def test_metrics_declare_whether_sets_of_any_size_compare(metric: str, any_of_them: bool) -> None:
    assert any_size(metric) is any_of_them
