from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evalharness.board.gate.verdict import Outcome
from evalharness.core.baseline import AskedPrompt, Baseline, SetTake
from tests.board.gate_takes import (
    CLIP,
    KID,
    METRICS,
    baseline,
    by_metric,
    judged,
    model_take,
)

RNG = np.random.default_rng(7)
BEFORE = RNG.normal(30.0, 3.0, 80)
NOISE = RNG.normal(0.0, 0.5, 80)


def test_only_common_prompts_are_compared() -> None:
    old = baseline(model_take(BEFORE))
    fewer = baseline(model_take(BEFORE[:40] - 2.0, outputs="x"))
    turned = replace(
        fewer,
        prompts=fewer.prompts[::-1],
        models=(model_take(BEFORE[:40][::-1] - 2.0 + NOISE[:40], outputs="x"),),
    )
    one = by_metric(judged(old, turned))[CLIP]
    assert one.prompts == 40
    assert one.worse == pytest.approx(2.0, abs=0.3)


def test_scores_that_went_missing_let_nothing_pass() -> None:
    after = BEFORE.copy()
    after[:20] = np.nan
    found = by_metric(
        judged(baseline(model_take(BEFORE)), baseline(model_take(after, outputs="x")))
    )
    assert found[CLIP].outcome is Outcome.INCONCLUSIVE
    assert "only 60 of the 80" in found[CLIP].reason


def one_lost(values: np.ndarray) -> np.ndarray:
    return np.where(np.arange(80) == 3, np.nan, values)


def test_a_lost_picture_hides_no_regression_of_kid() -> None:
    old = baseline(model_take(BEFORE, kid=BEFORE, n=80))
    new = baseline(model_take(BEFORE, outputs="x", kid=one_lost(BEFORE + 9 + NOISE), n=79))
    one = by_metric(judged(old, new))[KID]
    assert (one.outcome, one.prompts) == (Outcome.REGRESSION, 79)


@pytest.mark.parametrize("biased", ["fid[tiny]", "likelihood.ece", "cider"])
def test_what_hangs_on_a_sets_size_decides_nothing_of_other_sizes(biased: str) -> None:
    metrics = (METRICS[0], replace(METRICS[2], metric=biased))

    def of(n: int) -> Baseline:
        take = model_take(BEFORE, outputs=f"{n}", kid=BEFORE, n=n)
        return baseline(replace(take, sets={biased: take.sets[KID]}), metrics=metrics)

    found = judged(of(80), of(79))
    one = by_metric(found)[biased]
    assert (one.outcome, one.reason) == (
        Outcome.INCONCLUSIVE, "sets of 80 and 79 outputs; it depends on their size",
    )  # fmt: skip
    assert found.outcome is Outcome.INCONCLUSIVE


def test_a_metric_on_sets_that_only_the_baseline_has_lets_nothing_pass() -> None:
    old = baseline(model_take(BEFORE, kid=BEFORE))
    absent = model_take(BEFORE, outputs="x")
    few = replace(absent, sets={KID: SetTake(None, 0, None, "60 pictures, at least 64 needed")})
    for take, why in (
        (absent, "it has no score now"),
        (few, "it has no score now: 60 pictures, at least 64 needed"),
    ):
        found = judged(old, baseline(take))
        one = by_metric(found)[KID]
        assert (one.outcome, one.reason) == (Outcome.INCONCLUSIVE, why)
        assert found.outcome is Outcome.INCONCLUSIVE
    new = by_metric(judged(baseline(few), old))[KID]
    assert (new.outcome, new.reason) == (
        Outcome.NOT_GATED,
        "60 pictures, at least 64 needed",
    )


def test_a_gate_without_anything_to_judge_is_no_pass() -> None:
    old = baseline(model_take(BEFORE))
    assert judged(old, replace(old, models=())).outcome is Outcome.BROKEN


def test_nothing_passes_where_every_score_is_missing() -> None:
    nothing = model_take(np.full(80, np.nan), outputs="x")
    one = by_metric(judged(baseline(model_take(BEFORE)), baseline(nothing)))[CLIP]
    assert (one.outcome, one.reason) == (
        Outcome.INCONCLUSIVE, "it has no score now",
    )  # fmt: skip
    assert (one.worse, one.needed, one.worst) == (None, None, ())


def test_takes_without_a_common_prompt_decide_nothing() -> None:
    old = baseline(model_take(BEFORE))
    others = tuple(AskedPrompt(f"other-{place}", "ff") for place in range(80))
    found = judged(old, baseline(model_take(BEFORE, outputs="x"), prompts=others))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.prompts == 0
    assert by_metric(found)[CLIP].reason == "it has no score now"


def test_prompts_that_the_fresh_take_lacks_count_as_lost() -> None:
    found = judged(baseline(model_take(BEFORE)), baseline(model_take(BEFORE[:40], outputs="x")))
    assert {by_metric(found)[metric].reason for metric in ("answered", CLIP)} == {
        "only 40 of the 80 prompts scored before have a score now"
    }
    assert found.outcome is Outcome.INCONCLUSIVE


def test_outputs_are_the_same_by_their_seed() -> None:
    take = model_take(BEFORE)
    two = replace(take, outputs=tuple(("aa", one) for [one] in take.outputs))
    found = judged(baseline(two, seeds=(0, 1)), baseline(take, seeds=(1,)))
    assert (found.models[0].compared, found.models[0].identical) == (160, 80)
    assert found.seeds == 1


def test_models_of_one_side_only_break_the_gate_unless_others_are_named() -> None:
    mine, old, new = (model_take(BEFORE, model=name) for name in ("mine", "old", "new"))
    found = judged(baseline(mine, old), baseline(mine, new))
    assert found.outcome is Outcome.BROKEN
    assert dict(found.problems) == {
        "old": "there is no fresh take of it",
        "new": "the baseline has no model of this name",
    }
    named = judged(baseline(mine, old), baseline(mine, new), models=["mine"])
    assert named.outcome is Outcome.PASS
    assert [model.model for model in named.models] == ["mine"]


def test_a_model_without_any_metric_breaks_the_gate_of_another() -> None:
    mine, silent = model_take(BEFORE), replace(model_take(BEFORE, model="silent"), scores={})
    both = baseline(mine, silent)
    assert dict(judged(both, both).problems) == {"silent": "none of its metrics can be gated"}
    assert judged(both, both).outcome is Outcome.BROKEN


def test_that_all_was_answered_makes_no_pass_where_no_metric_is_judged() -> None:
    timed = baseline(model_take(BEFORE), metrics=(METRICS[-1],))
    found = judged(timed, timed)
    assert by_metric(found)["answered"].outcome is Outcome.PASS
    assert found.outcome is Outcome.BROKEN
