from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evalharness.board.gate.mismatch import check_asked, check_measured
from evalharness.board.gate.pairs import Pair
from evalharness.board.gate.tables import remark
from evalharness.board.gate.verdict import Outcome
from evalharness.core.baseline import AskedPrompt, MeasuredBy
from evalharness.core.errors import BadInputError
from tests.board.gate_takes import (
    CLIP,
    KID,
    MEASURED_BY,
    METRICS,
    SHARE,
    baseline,
    by_metric,
    judged,
    model_take,
)

RNG = np.random.default_rng(7)
BEFORE = RNG.normal(30.0, 3.0, 80)
NOISE = RNG.normal(0.0, 0.5, 80)


def test_identical_outputs_pass_without_statistics() -> None:
    take = model_take(BEFORE, kid=BEFORE / 1000)
    found = judged(baseline(take), baseline(take))
    assert found.outcome is Outcome.PASS
    assert "identical" in by_metric(found)[CLIP].reason
    assert by_metric(found)[CLIP].p is None
    assert (found.models[0].compared, found.models[0].identical) == (80, 80)


def test_other_bytes_are_judged_by_their_scores() -> None:
    old = baseline(model_take(BEFORE, kid=BEFORE / 1000))
    same = baseline(model_take(BEFORE + NOISE, outputs="x", kid=(BEFORE + NOISE) / 1000))
    worse = baseline(model_take(BEFORE + NOISE - 2, outputs="x", kid=(BEFORE + NOISE) / 1000))
    assert judged(old, same).outcome is Outcome.PASS
    found = judged(old, worse)
    assert found.outcome is Outcome.REGRESSION
    assert {m: one.outcome for m, one in by_metric(found).items()} == {
        "answered": Outcome.PASS,
        CLIP: Outcome.REGRESSION,
        SHARE: Outcome.NOT_GATED,
        KID: Outcome.PASS,
        "latency": Outcome.NOT_GATED,
    }


def test_the_worst_prompts_come_first() -> None:
    after = BEFORE.copy()
    after[[5, 9]] -= (3.0, 4.0)
    found = judged(baseline(model_take(BEFORE)), baseline(model_take(after, outputs="x")))
    assert [one.prompt_id for one in by_metric(found)[CLIP].worst] == ["p9", "p5"]


def test_a_model_that_refuses_what_it_answered_got_worse() -> None:
    answered = np.ones(80)
    answered[:30] = 0.0
    clip = np.where(answered == 1.0, BEFORE, np.nan)
    refusing = model_take(clip, outputs="x", answered=answered.tolist())
    found = judged(baseline(model_take(BEFORE)), baseline(refusing))
    assert by_metric(found)["answered"].outcome is Outcome.REGRESSION
    assert found.outcome is Outcome.REGRESSION


def test_an_epsilon_decides() -> None:
    old, new = baseline(model_take(BEFORE)), baseline(model_take(BEFORE + NOISE - 1, outputs="x"))
    strict = judged(old, new, epsilons={CLIP: 0.1})
    lenient = judged(old, new, epsilons={"clip_score": 5.0})
    assert by_metric(strict)[CLIP].outcome is Outcome.REGRESSION
    assert by_metric(lenient)[CLIP].outcome is Outcome.PASS


def test_what_differs_in_the_subject_is_told_and_judged() -> None:
    old, new = model_take(BEFORE), model_take(BEFORE, outputs="x")
    changed = replace(
        new,
        revision="sha256:" + "2" * 64,
        settings={"steps": 4},
        environment={"versions": {"torch": "2.12"}},
        specification={**new.specification, "options": {"blur": 1.0}},
    )
    [model] = judged(baseline(old), baseline(changed)).models
    assert {(c.what, c.name): (c.before, c.after) for c in model.changes} == {
        ("model", "weights"): (old.revision, changed.revision),
        ("model", "options.blur"): ("0.0", "1.0"),
        ("settings", "steps"): ("15", "4"),
        ("environment", "versions.torch"): ("2.11", "2.12"),
    }


def test_a_model_that_could_not_run_breaks_the_gate_unless_another_got_worse() -> None:
    first, second = model_take(BEFORE, model="a"), model_take(BEFORE, model="b")
    old = baseline(first, second)
    broken = judged(old, baseline(first), problems={"b": "no weights"})
    assert broken.outcome is Outcome.BROKEN
    worse = model_take(BEFORE - 9 + NOISE, model="a", outputs="x")
    assert judged(old, baseline(worse), problems={"b": "no weights"}).outcome is Outcome.REGRESSION


def test_another_suite_is_refused_with_what_differs() -> None:
    old = baseline(model_take(BEFORE[:3]))
    check_asked(old, "tiny", 1, old.suite_digest, old.prompts)
    changed = (AskedPrompt("p0", "00"), AskedPrompt("p1", "ff"))
    with pytest.raises(BadInputError, match=r"another suite.*changed: p1; prompts removed: p2"):
        check_asked(old, "tiny", 2, "ab" * 32, changed)
    with pytest.raises(BadInputError, match="it is the suite other"):
        check_asked(old, "other", 1, "ab" * 32, old.prompts)
    with pytest.raises(BadInputError, match="seeds, settings, protocol"):
        check_asked(old, "tiny", 1, "ab" * 32, old.prompts)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"recipes": {CLIP: "ff"}}, r"the recipe of clip_score\[tiny\]"),
        ({"reference": "99"}, "the reference set ee is now 99"),
        (
            {
                "instruments": {
                    "tiny": {"extractor": "open_clip", "weights": "sha256:bb", "version": 1}
                }
            },
            "the instrument tiny: weights aaaaaaaaaaaa… is now bb",
        ),
    ],
)
def test_other_instruments_are_refused_with_what_differs(
    changed: dict[str, object], words: str
) -> None:
    old = baseline(model_take(BEFORE))
    check_measured(old, MEASURED_BY)
    with pytest.raises(BadInputError, match=words):
        check_measured(old, replace(MEASURED_BY, **changed))  # type: ignore[arg-type]


def test_a_metric_of_one_side_only_is_no_mismatch() -> None:
    old = baseline(model_take(BEFORE))
    check_measured(old, MeasuredBy({CLIP: "aa"}, MEASURED_BY.instruments, None))


def test_scores_that_are_all_the_same_pass_and_their_worsening_is_found() -> None:
    tied = np.full(80, 5.0)
    old = baseline(model_take(tied, kid=tied))
    same = judged(old, baseline(model_take(tied, outputs="x", kid=tied)))
    assert same.outcome is Outcome.PASS
    worse = judged(old, baseline(model_take(tied - 1, outputs="x", kid=tied)))
    assert by_metric(worse)[CLIP].outcome is Outcome.REGRESSION


def test_what_is_0_on_every_prompt_passes_unchanged_and_asks_for_an_epsilon_once_it_moves() -> None:
    zeros = np.zeros(80)
    old = baseline(model_take(zeros))
    assert judged(old, baseline(model_take(zeros, outputs="x"))).outcome is Outcome.PASS
    worse = baseline(model_take(zeros - 1, outputs="x"))
    assert by_metric(judged(old, worse))[CLIP].outcome is Outcome.REGRESSION
    moved = baseline(model_take(np.where(np.arange(80) < 2, -1.0, 0.0), outputs="x"))
    one = by_metric(judged(old, moved))[CLIP]
    assert one.outcome is Outcome.INCONCLUSIVE
    assert one.reason.endswith("give it with --epsilon clip_score=NUMBER")
    assert judged(old, moved, epsilons={"clip_score": 0.1}).outcome is Outcome.PASS


def test_turns_are_told_as_turns() -> None:
    take = model_take(BEFORE)
    rng = np.random.default_rng(1)
    turns = Pair("mine", METRICS[-1], rng.normal(1, 1, 8), rng.normal(1, 1, 8), sampled="turns")
    one = by_metric(judged(baseline(take), baseline(take), timed=[turns]))["latency"]
    assert (one.outcome, one.prompts) == (Outcome.INCONCLUSIVE, 8)
    assert remark(one).endswith("turns would decide")
    lost = replace(turns, after=np.full(8, np.nan))
    one = by_metric(judged(baseline(take), baseline(take), timed=[lost]))["latency"]
    assert remark(one) == "no turns have a score on both sides"


def test_the_same_refusals_beside_the_same_bytes_are_no_change() -> None:
    answered = [1.0] * 79 + [0.0]
    take = model_take(BEFORE, answered=answered)
    found = judged(baseline(take), baseline(take))
    assert by_metric(found)["answered"].outcome is Outcome.PASS
    assert "byte for byte" in by_metric(found)["answered"].reason
    more = model_take(BEFORE, answered=[1.0] * 70 + [0.0] * 10)
    assert judged(baseline(take), baseline(more)).outcome is not Outcome.PASS
